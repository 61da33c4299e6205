// The numeric operations that are not one JavaScript expression: pure functions that the
// interpreter calls with register words. Their conventions head numerics-integer.ts.

export * from "./numerics-convert.js";
export * from "./numerics-divide.js";
export * from "./numerics-integer.js";
export * from "./numerics-wide.js";
