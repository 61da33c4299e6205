// As simd.test.ts, with more random modules.
import "./simd.test.js";
