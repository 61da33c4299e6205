// Rows of structures, arrays, i31 and casts. Notation as in register-ops.ts.
//
// $cell      index into a struct's cells (store/heap.ts)
// sources    behind struct.new and array.new_fixed, one word per cell: which word of the frame
//            it comes from, and its kind (lower-gc.ts)
import type { Encoding } from "./register-op-layout.js";
import { type Placement, type RegisterOp, rowWriters } from "./register-op-rows.js";

const rows: RegisterOp[] = [];
const { object, value, effect, driver } = rowWriters(rows, "gc");
/** The most frequent ones, for the dispatch loop. */
const loopRows: RegisterOp[] = [];
const loop = rowWriters(loopRows, "cold");

type Cells = "8" | "16" | "32" | "64" | "128" | "ref" | "i31" | "any";
const writer =
  (write: typeof object, of: "struct" | "array" | "i31", does: "new" | "get" | "set" | "length") =>
  (name: string, cells: Cells, fields: Encoding["fields"], words: string, body: string, placement: Placement = {}) =>
    write(name, fields, words, body, { of, does, cells, ...placement });

// ---- Structures ----
const NEW = "if (o === null) { @exit(HEAP) }";
/** Goes on behind the sources. */
const newStruct = `const n = $count, o = newStruct(m, $type, $bytes, pc + @length, n, fp); ${NEW}`;
writer(loop.object, "struct", "new")(
  "struct.new",
  "any",
  "a",
  "type bytes count",
  `${newStruct} X[a] = o; pc = pc + @length + n | 0; continue;`,
  { narrow: true },
);
const structNew = writer(object, "struct", "new");
structNew(
  "struct.new.wide",
  "any",
  "",
  "dst type bytes count",
  `${newStruct} XS[(fp >> 1) + $dst] = o; return pc + @length + n;`,
  { narrow: true },
);
structNew("struct.new_default", "any", "a", "type", `{ const o = newDefaultStruct(m, $type); ${NEW} X[a] = o; }`);

/** `c`, the cells of the struct in a field, and `i`, the first of the struct's field. */
const cellsOf = (field: string) =>
  `const o = X[${field}]; if (o === null) { @trap(TRAP_NULL_STRUCTURE) } const c = o.cells, i = $cell;`;
const getter = (write: typeof object) => {
  const get = writer(write, "struct", "get");
  return (name: string, cells: Cells, body: string) => get(name, cells, "ab", "cell", `{ ${cellsOf("b")} ${body} }`);
};
const setter = (write: typeof object) => {
  const set = writer(write, "struct", "set");
  return (name: string, cells: Cells, body: string) => set(name, cells, "ab", "cell", `{ ${cellsOf("a")} ${body} }`);
};
const [loopGet, loopSet, get, set] = [getter(loop.object), setter(loop.object), getter(object), setter(object)];
loopGet("struct.get_32", "32", "R[a] = c[i];");
get("struct.get_64", "64", "R[a] = c[i]; H[a] = c[i + 1];");
const cellsTo = "R[d] = c[i]; R[d + 1] = c[i + 1]; R[d + 2] = c[i + 2]; R[d + 3] = c[i + 3];";
get("struct.get_128", "128", `const d = @address(a); ${cellsTo}`);
loopGet("struct.get_ref", "ref", "X[a] = c[i];");
get("struct.get_s8", "8", "R[a] = c[i] << 24 >> 24;");
get("struct.get_s16", "16", "R[a] = c[i] << 16 >> 16;");
loopSet("struct.set_32", "32", "c[i] = R[b];");
set("struct.set_64", "64", "c[i] = R[b]; c[i + 1] = H[b];");
const cellsFrom = "c[i] = R[s]; c[i + 1] = R[s + 1]; c[i + 2] = R[s + 2]; c[i + 3] = R[s + 3];";
set("struct.set_128", "128", `const s = @address(b); ${cellsFrom}`);
loopSet("struct.set_ref", "ref", "c[i] = X[b];");
set("struct.set_8", "8", "c[i] = R[b] & 255;");
set("struct.set_16", "16", "c[i] = R[b] & 65535;");

// ---- Arrays ----
// `kind` is that of the elements' cells; `length` elements are `count` cells.
const newFixed = `const n = $count, o = newFixedArray(m, $type, $bytes, $length, $kind, pc + @length, n, fp); ${NEW}`;
const arrayNew = writer(object, "array", "new");
const FIXED_WORDS = "type bytes count length kind";
arrayNew("array.new_fixed", "any", "a", FIXED_WORDS, `${newFixed} X[a] = o; return pc + @length + n;`, {
  narrow: true,
});
const newFixedWide = `${newFixed} XS[(fp >> 1) + $dst] = o; return pc + @length + n;`;
arrayNew("array.new_fixed.wide", "any", "", `dst ${FIXED_WORDS}`, newFixedWide, { narrow: true });

/**
 * `d`, the elements of the array in field `array`, and `i`, the index in field `index`. Both sides of the comparison
 * are unsigned: V8 would compare an unsigned number with a signed one as doubles.
 */
const elementsOf = (array: string, index: string) =>
  `const o = X[${array}]; if (o === null) { @trap(TRAP_NULL_ARRAY) } const i = R[${index}]; if (i >>> 0 >= o.length >>> 0) { @trap(TRAP_ARRAY_OUT_OF_BOUNDS) } const d = o.data;`;
const reader = (write: typeof object) => {
  const put = writer(write, "array", "get");
  return (name: string, cells: Cells, body: string, placement: Placement = {}) =>
    put(name, cells, "abc", "", `{ ${elementsOf("b", "c")} ${body} }`, placement);
};
const elementSetter = (write: typeof object) => {
  const put = writer(write, "array", "set");
  return (name: string, cells: Cells, body: string, placement: Placement = {}) =>
    put(name, cells, "abc", "", `{ ${elementsOf("a", "b")} ${body} }`, placement);
};
const [loopRead, loopStore, read, store] = [
  reader(loop.object),
  elementSetter(loop.object),
  reader(object),
  elementSetter(object),
];
// A unit's functions are compiled apart from the kinds of data that they see: one row for each kind.
loopRead("array.get_u8", "8", "R[a] = d[i];");
read("array.get_s8", "8", "R[a] = d[i] << 24 >> 24;");
loopRead("array.get_u16", "16", "R[a] = d[i];");
read("array.get_s16", "16", "R[a] = d[i] << 16 >> 16;");
loopRead("array.get_32", "32", "R[a] = d[i];");
read("array.get_64", "64", "R[a] = d[i * 2]; H[a] = d[i * 2 + 1];");
const elementTo = "R[t] = d[s]; R[t + 1] = d[s + 1]; R[t + 2] = d[s + 2]; R[t + 3] = d[s + 3];";
read("array.get_128", "128", `const t = @address(a), s = i * 4; ${elementTo}`);
// Fused with i31.get_s, which stays behind it for its trap and for its destination.
const numberOf = "const v = d[i]; if (v !== null) { R[fp + (code[pc + 1] >>> 7 & 510)] = v; pc = pc + 2; continue; }";
loopRead("array.get_i31_s", "i31", `${numberOf} X[a] = null;`, { retargetable: false, narrow: true });
loopRead("array.get_ref", "ref", "X[a] = d[i];");
loopStore("array.set_8", "8", "d[i] = R[c];");
loopStore("array.set_16", "16", "d[i] = R[c];");
loopStore("array.set_32", "32", "d[i] = R[c];");
store("array.set_64", "64", "d[i * 2] = R[c]; d[i * 2 + 1] = H[c];");
const elementFrom = "d[t] = R[s]; d[t + 1] = R[s + 1]; d[t + 2] = R[s + 2]; d[t + 3] = R[s + 3];";
store("array.set_128", "128", `const s = @address(c), t = i * 4; ${elementFrom}`);
// Fused with ref.i31.
loopStore("array.set_i31", "i31", "d[i] = R[c] << 1 >> 1;", { narrow: true });
loopStore("array.set_ref", "ref", "d[i] = X[c];");
const lengthOf = "{ const o = X[b]; if (o === null) { @trap(TRAP_NULL_ARRAY) } R[a] = o.length; }";
writer(loop.object, "array", "length")("array.len", "any", "ab", "", lengthOf);

// What the driver does itself (interpreter/operations-gc.ts): the operands lie from slot `base`
// on, where a result goes too. `other`: the second index immediate.
for (const name of ["new", "new_default", "new_data", "new_elem", "fill", "copy", "init_data", "init_elem"]) {
  driver(`array.${name}`, "", "base type other fuel", "@exit(DRIVER)", { resume: "anew" });
}

// ---- i31 and casts. A test's result goes into the words of the slot that holds the reference. ----
loop.value("ref.i31", "ab", "", "X[a] = R[b] << 1 >> 1;", { takes: "i32" });
const numberIn = (result: string) => `{ const o = X[b]; if (o === null) { @trap(TRAP_NULL_I31) } R[a] = ${result}; }`;
writer(loop.object, "i31", "get")("i31.get_s", "i31", "ab", "", numberIn("o"));
value("i31.get_u", "ab", "", numberIn("o & 0x7fffffff"), { takes: "ref" });
value("ref.test", "ab", "heap nullable", "R[a] = refTest(m, X[b], $heap, $nullable);", { takes: "ref" });
const checked = "if (refTest(m, X[a], $heap, $nullable) === 0) { @trap(TRAP_CAST_FAILURE) }";
effect("ref.cast", "a", "heap nullable", checked, {});

export const GC_OPS: readonly RegisterOp[] = rows;
export const GC_LOOP_OPS: readonly RegisterOp[] = loopRows;
