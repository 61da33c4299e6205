// As interpreter-numerics.test.ts, with more cases.
import "./interpreter-numerics.test.js";
