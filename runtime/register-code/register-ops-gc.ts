// Rows of structures, arrays, i31 and casts. Notation as in register-ops.ts.
//
// $cell      index into a struct's cells (store/heap.ts)
// sources    behind struct.new and array.new_fixed, one word per cell: which word of the frame
//            it comes from, and its kind (lower-gc.ts)
import { type RegisterOp, rowWriter } from "./register-op-rows.js";

const rows: RegisterOp[] = [];
const op = rowWriter(rows, "gc");
/** The most frequent ones, for the dispatch loop. */
const loopRows: RegisterOp[] = [];
const loopOp = rowWriter(loopRows, "cold");

// ---- Structures ----
const NEW = "if (o === null) { @exit(HEAP) }";
loopOp(
  "struct.new",
  "a",
  "type bytes count",
  `const n = $count, o = newStruct(m, $type, $bytes, pc + @length, n, fp); ${NEW} X[a] = o; pc = pc + @length + n | 0; continue;`,
  "writes narrow",
);
op(
  "struct.new.wide",
  "",
  "dst type bytes count",
  `const n = $count, o = newStruct(m, $type, $bytes, pc + @length, n, fp); ${NEW} XS[(fp >> 1) + $dst] = o; return pc + @length + n;`,
  "narrow",
);
op("struct.new_default", "a", "type", `{ const o = newDefaultStruct(m, $type); ${NEW} X[a] = o; }`, "writes");

const STRUCT_B = "const o = X[b]; if (o === null) { @trap(TRAP_NULL_STRUCTURE) } const c = o.cells, i = $cell;";
const STRUCT_A = "const o = X[a]; if (o === null) { @trap(TRAP_NULL_STRUCTURE) } const c = o.cells, i = $cell;";
loopOp("struct.get_32", "ab", "cell", `{ ${STRUCT_B} R[a] = c[i]; }`);
op("struct.get_64", "ab", "cell", `{ ${STRUCT_B} R[a] = c[i]; H[a] = c[i + 1]; }`);
op(
  "struct.get_128",
  "ab",
  "cell",
  `{ ${STRUCT_B} const d = @address(a); R[d] = c[i]; R[d + 1] = c[i + 1]; R[d + 2] = c[i + 2]; R[d + 3] = c[i + 3]; }`,
  "writes",
);
loopOp("struct.get_ref", "ab", "cell", `{ ${STRUCT_B} X[a] = c[i]; }`, "writes");
op("struct.get_s8", "ab", "cell", `{ ${STRUCT_B} R[a] = c[i] << 24 >> 24; }`);
op("struct.get_s16", "ab", "cell", `{ ${STRUCT_B} R[a] = c[i] << 16 >> 16; }`);
loopOp("struct.set_32", "ab", "cell", `{ ${STRUCT_A} c[i] = R[b]; }`);
op("struct.set_64", "ab", "cell", `{ ${STRUCT_A} c[i] = R[b]; c[i + 1] = H[b]; }`);
op(
  "struct.set_128",
  "ab",
  "cell",
  `{ ${STRUCT_A} const s = @address(b); c[i] = R[s]; c[i + 1] = R[s + 1]; c[i + 2] = R[s + 2]; c[i + 3] = R[s + 3]; }`,
);
loopOp("struct.set_ref", "ab", "cell", `{ ${STRUCT_A} c[i] = X[b]; }`);
op("struct.set_8", "ab", "cell", `{ ${STRUCT_A} c[i] = R[b] & 255; }`);
op("struct.set_16", "ab", "cell", `{ ${STRUCT_A} c[i] = R[b] & 65535; }`);

// ---- Arrays ----
// `kind` is that of the elements' cells; `length` elements are `count` cells.
const FIXED = "newFixedArray(m, $type, $bytes, $length, $kind, pc + @length, n, fp)";
op(
  "array.new_fixed",
  "a",
  "type bytes count length kind",
  `const n = $count, o = ${FIXED}; ${NEW} X[a] = o; return pc + @length + n;`,
  "writes narrow",
);
op(
  "array.new_fixed.wide",
  "",
  "dst type bytes count length kind",
  `const n = $count, o = ${FIXED}; ${NEW} XS[(fp >> 1) + $dst] = o; return pc + @length + n;`,
  "narrow",
);

// Both sides unsigned: V8 would compare an unsigned number with a signed one as doubles.
const IN_BOUNDS = "if (i >>> 0 >= o.length >>> 0) { @trap(TRAP_ARRAY_OUT_OF_BOUNDS) } const d = o.data;";
const ARRAY_GET = `const o = X[b]; if (o === null) { @trap(TRAP_NULL_ARRAY) } const i = R[c]; ${IN_BOUNDS}`;
const ARRAY_SET = `const o = X[a]; if (o === null) { @trap(TRAP_NULL_ARRAY) } const i = R[b]; ${IN_BOUNDS}`;
// A unit's functions are compiled apart from the kinds of data that they see: one row for each kind.
loopOp("array.get_u8", "abc", "", `{ ${ARRAY_GET} R[a] = d[i]; }`);
op("array.get_s8", "abc", "", `{ ${ARRAY_GET} R[a] = d[i] << 24 >> 24; }`);
loopOp("array.get_u16", "abc", "", `{ ${ARRAY_GET} R[a] = d[i]; }`);
op("array.get_s16", "abc", "", `{ ${ARRAY_GET} R[a] = d[i] << 16 >> 16; }`);
loopOp("array.get_32", "abc", "", `{ ${ARRAY_GET} R[a] = d[i]; }`);
op("array.get_64", "abc", "", `{ ${ARRAY_GET} R[a] = d[i * 2]; H[a] = d[i * 2 + 1]; }`);
op(
  "array.get_128",
  "abc",
  "",
  `{ ${ARRAY_GET} const t = @address(a), s = i * 4; R[t] = d[s]; R[t + 1] = d[s + 1]; R[t + 2] = d[s + 2]; R[t + 3] = d[s + 3]; }`,
  "writes",
);
// Fused with i31.get_s, which stays behind it for its trap and for its destination.
loopOp(
  "array.get_i31_s",
  "abc",
  "",
  `{ ${ARRAY_GET} const v = d[i]; if (v !== null) { R[fp + (code[pc + 1] >>> 7 & 510)] = v; pc = pc + 2; continue; } X[a] = null; }`,
  "sink narrow",
);
loopOp("array.get_ref", "abc", "", `{ ${ARRAY_GET} X[a] = d[i]; }`, "writes");
loopOp("array.set_8", "abc", "", `{ ${ARRAY_SET} d[i] = R[c]; }`);
loopOp("array.set_16", "abc", "", `{ ${ARRAY_SET} d[i] = R[c]; }`);
loopOp("array.set_32", "abc", "", `{ ${ARRAY_SET} d[i] = R[c]; }`);
op("array.set_64", "abc", "", `{ ${ARRAY_SET} d[i * 2] = R[c]; d[i * 2 + 1] = H[c]; }`);
op(
  "array.set_128",
  "abc",
  "",
  `{ ${ARRAY_SET} const s = @address(c), t = i * 4; d[t] = R[s]; d[t + 1] = R[s + 1]; d[t + 2] = R[s + 2]; d[t + 3] = R[s + 3]; }`,
);
// Fused with ref.i31.
loopOp("array.set_i31", "abc", "", `{ ${ARRAY_SET} d[i] = R[c] << 1 >> 1; }`, "narrow");
loopOp("array.set_ref", "abc", "", `{ ${ARRAY_SET} d[i] = X[c]; }`);
loopOp("array.len", "ab", "", "{ const o = X[b]; if (o === null) { @trap(TRAP_NULL_ARRAY) } R[a] = o.length; }");

// What the driver does itself (interpreter/operations-gc.ts): the operands lie from slot `base`
// on, where a result goes too. `other`: the second index immediate.
for (const name of ["new", "new_default", "new_data", "new_elem", "fill", "copy", "init_data", "init_elem"]) {
  op(`array.${name}`, "", "base type other fuel", "@exit(DRIVER)", "narrow");
}

// ---- i31 and casts. A test's result goes into the words of the slot that holds the reference. ----
loopOp("ref.i31", "ab", "", "X[a] = R[b] << 1 >> 1;", "writes");
loopOp("i31.get_s", "ab", "", "{ const o = X[b]; if (o === null) { @trap(TRAP_NULL_I31) } R[a] = o; }");
op("i31.get_u", "ab", "", "{ const o = X[b]; if (o === null) { @trap(TRAP_NULL_I31) } R[a] = o & 0x7fffffff; }");
op("ref.test", "ab", "heap nullable", "R[a] = refTest(m, X[b], $heap, $nullable);");
op("ref.cast", "a", "heap nullable", "if (refTest(m, X[a], $heap, $nullable) === 0) { @trap(TRAP_CAST_FAILURE) }");

export const GC_OPS: readonly RegisterOp[] = rows;
export const GC_LOOP_OPS: readonly RegisterOp[] = loopRows;
