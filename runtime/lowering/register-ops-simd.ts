// Rows of the SIMD instructions. A v128 is the four words at its slot. Notation as in register-ops.ts.
import { type RegisterOp, rowWriter } from "./register-op-rows.js";

const rows: RegisterOp[] = [];
const op = rowWriter(rows, "simd");

op(
  "v128.const",
  "a",
  "k0 k1 k2 k3",
  "{ const i = @address(a); R[i] = $k0; R[i + 1] = $k1; R[i + 2] = $k2; R[i + 3] = $k3; }",
);

export const SIMD_OPS: readonly RegisterOp[] = rows;
