// The long form of ahead.test.ts.
import "./ahead.test.js";
