// Rows that move values: moves, constants, selects, globals, tables and references. Notation as in register-ops.ts.
// Numbers move as int32 words, never as floats, so that NaN bits survive.
import { type RegisterOp, rowWriters } from "./register-op-rows.js";

const rows: RegisterOp[] = [];
const { value, effect, run, compare } = rowWriters(rows, "cold");

/** What moves 64 bits reads both words first: source and target may be one slot. */
const copy64 = (source: string) => `const x = R[${source}], y = H[${source}]; R[a] = x; H[a] = y;`;

// ---- Moves and constants ----
value("move_32", "ab", "", "R[a] = R[b];", { takes: "i32", between: true });
value("move_64", "ab", "", `{ ${copy64("b")} }`, { takes: "i64", between: true });
value("move_ref", "ab", "", "X[a] = X[b];", { takes: "ref" });
value("const_32", "a", "k", "R[a] = $k;", { takes: "nothing", between: true });
value("const_64", "a", "k h", "R[a] = $k; H[a] = $h;", { takes: "nothing" });
// Runs: `count` words follow, each slot | (value or slot) << 8.
const eachOfRun = (statements: string) =>
  `const n = w >>> 8 & 255; for (let i = 1; i <= n; i = i + 1 | 0) { const x = code[pc + i | 0]; ${statements} } pc = pc + n + 1 | 0; continue;`;
run("const_run", "a", "", eachOfRun("R[fp + (x << 1 & 510) | 0] = x >> 8;"), {});
run("move_run", "a", "", eachOfRun("R[fp + (x << 1 & 510) | 0] = R[fp + (x >>> 7 & 510) | 0];"), {});
run(
  "fill_run",
  "ab",
  "k",
  "const v = $k; let i = @address(a); for (const e = i + (w >>> 15 & 510) | 0; i < e; i = i + 2 | 0) R[i] = v;",
  {},
);
// `n` words from slot b to slot a; the regions may overlap if a is below b.
const wordsFrom = "const d = fp + ($dst << 1) | 0, s = fp + ($src << 1) | 0,";
const moveWords = "for (let i = 0; i < n; i = i + 1 | 0) R[d + i | 0] = R[s + i | 0];";
effect("move_words", "", "dst src n", `${wordsFrom} n = $n; ${moveWords}`, { narrow: true });
const moveRefs = "for (let i = 0; i < $n; i = i + 1 | 0) XS[x + $dst + i | 0] = XS[x + $src + i | 0];";
effect("move_slots", "", "dst src n", `${wordsFrom} n = $n << 1, x = fp >> 1; ${moveWords} ${moveRefs}`, {
  narrow: true,
  cold: true,
});
// Locals of functions with many of them; the header zeroes the rest.
const nullRefs = "const x = (fp >> 1) + $slot | 0; for (let i = 0; i < $n; i = i + 1 | 0) XS[x + i | 0] = null;";
effect("null_refs", "", "slot n", `{ ${nullRefs} }`, { narrow: true, cold: true });

const CONDITION = "R[fp + $condition | 0] !== 0";
value("select_32", "abc", "condition", `R[a] = ${CONDITION} ? R[b] : R[c];`, { takes: "i32" });
const select64 = `if (${CONDITION}) { ${copy64("b")} } else { ${copy64("c")} }`;
value("select_64", "abc", "condition", select64, { takes: "i64" });
value("select_ref", "abc", "condition", `X[a] = ${CONDITION} ? X[b] : X[c];`, {
  takes: "ref",
  cold: true,
});

// ---- Globals. Defined ones by cell; imported ones through their instance. ----
value("global.get_32", "a", "cell", "R[a] = G[$cell];", { takes: "nothing" });
value("global.get_64", "a", "cell", "{ const g = $cell; R[a] = G[g]; H[a] = G[g + 1 | 0]; }", { takes: "nothing" });
effect("global.set_32", "a", "cell", "G[$cell] = R[a];", {});
effect("global.set_64", "a", "cell", "{ const g = $cell; G[g] = R[a]; G[g + 1 | 0] = H[a]; }", {});
value("global.get_ref", "a", "slot", "X[a] = m.globalRefs[$slot];", {
  takes: "nothing",
  cold: true,
});
effect("global.set_ref", "a", "slot", "m.globalRefs[$slot] = X[a];", { cold: true });
const importedGlobal = (does: string) => `importedGlobal${does}(m, @address(a), $global, $slots);`;
effect("global.get_import", "a", "global slots", importedGlobal("Get"), { cold: true });
effect("global.set_import", "a", "global slots", importedGlobal("Set"), { cold: true });
// The stack pointer's dance: global.get, an addition, global.set.
effect("global.set_add_k", "a", "cell k", "G[$cell] = R[a] + $k | 0;", { narrow: true });

// ---- Tables and references. `index64`: 1 where the table's indices are i64. ----
const OF_TABLE = "const t = m.instance.tables[$table];";
const elementAt = (field: string) =>
  `${OF_TABLE} const i = tableIndex(R[${field}], H[${field}], $index64); if (i >= t.elements.length) { @trap(TRAP_TABLE_OUT_OF_BOUNDS) }`;
value("table.get", "ab", "table index64", `{ ${elementAt("b")} X[a] = t.at(i); }`, {
  takes: "i64",
  cold: true,
});
effect("table.set", "ab", "table index64", `{ ${elementAt("a")} t.elements[i] = X[b]; }`, { cold: true });
value("table.size", "a", "table", "setNumber(R, A, m.instance.tables[$table].elements.length);", {
  takes: "nothing",
  cold: true,
});
value("ref.null", "a", "", "X[a] = null;", { takes: "nothing" });
value("ref.func", "a", "func", "X[a] = m.instance.func($func);", {
  takes: "nothing",
  cold: true,
});
compare("ref.is_null", "ab", "", "R[a] = X[b] === null ? 1 : 0;", {
  takes: "ref",
  branch: "br_null",
  inverse: null,
  swapped: null,
  constant: null,
  cold: true,
});
value("ref.eq", "abc", "", "R[a] = X[b] === X[c] ? 1 : 0;", { takes: "ref", cold: true });
effect("ref.as_non_null", "a", "", "if (X[a] === null) { @trap(TRAP_NULL_REFERENCE) }", { cold: true });

export const VALUE_OPS: readonly RegisterOp[] = rows;
