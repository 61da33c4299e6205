// The long form of region.test.ts.
import "./region.test.js";
