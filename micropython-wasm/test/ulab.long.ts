import "./ulab.test.js";
