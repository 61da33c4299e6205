// The long form of python-ahead.test.ts.
import "./python-ahead.test.js";
