// The register code's instruction set: one row per operation. generate-dispatch.ts turns the
// bodies into the dispatch loop, and the rest into register-op-table.generated.ts, by which the
// lowering emits: this file is not loaded at run time. Nothing else lists them.
//
// Encoding (lowering/emitter.ts)
//   hot     one word  op | a << 8 | b << 16 | c << 24, then the row's words
//   cold    the same with op = COLD, then the operation's number, then the row's words
//   wide    WIDE | operation << 8, then a, b, c as words, then the row's words: for functions
//           of more than 256 slots, value operations only
// Notation of the bodies
//   R[a]    low word (i32) of the slot in field a; H[a] its high word
//   D[a]    the slot as f64; S[a] its low word as f32; X[a] the reference of that slot
//   $name   a word of the row, by name
//   @…      macros, expanded by generate-dispatch.ts:
//     @branch            pay $fuel (what the target's segment costs beyond what is paid already) and go to $target
//     @enter(f)          run the header of function f and pay its first segment
//     @load(n) @store(n) ea, the effective address of n bytes at R[b] or R[a] plus $offset (in memory 0)
//     @bytes{n; e; o}    ea, the effective address of n bytes at e plus o
//     @trap(NAME)        leave with a trap of trap-codes.ts
//     @exit(NAME)        leave to the driver with an exit of exits.ts
//     @f32(a, e) @f64(a, e)  store an arithmetic result; any NaN becomes the canonical one
//
// What a row says beside its body: register-op-layout.ts.
import type { RegisterOp } from "./register-op-rows.js";
import { ATOMIC_OPS } from "./register-ops-atomic.js";
import { CONTROL_OPS } from "./register-ops-control.js";
import { FLOAT_OPS } from "./register-ops-float.js";
import { GC_LOOP_OPS, GC_OPS } from "./register-ops-gc.js";
import { INTEGER_OPS } from "./register-ops-integer.js";
import { MEMORY_OPS } from "./register-ops-memory.js";
import { SIMD_OPS } from "./register-ops-simd.js";
import { VALUE_OPS } from "./register-ops-values.js";

const SCALAR_OPS = [...CONTROL_OPS, ...VALUE_OPS, ...INTEGER_OPS, ...MEMORY_OPS, ...FLOAT_OPS];

/** Operations in the loop come first: their numbers must fit a byte. Each unit's lie together. */
export const REGISTER_OPS: readonly RegisterOp[] = [
  ...SCALAR_OPS.filter((row) => !row.cold),
  ...GC_LOOP_OPS,
  ...SCALAR_OPS.filter((row) => row.cold),
  ...ATOMIC_OPS,
  ...GC_OPS,
  ...SIMD_OPS,
];
