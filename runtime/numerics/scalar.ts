// The numeric operations that are not one JavaScript expression: pure functions that the
// interpreter calls with register words. Their conventions head numerics/integer.ts.

export * from "./convert.js";
export * from "./divide.js";
export * from "./integer.js";
export * from "./wide.js";
