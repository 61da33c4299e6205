import "./parser.test.js";
