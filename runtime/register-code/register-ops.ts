// The register code's instruction set: one row per operation. generate-dispatch.ts turns the
// bodies into the dispatch loop, and the rest into register-op-table.generated.ts, by which the
// lowering emits: this file is not loaded at run time. Nothing else lists them.
//
// Encoding (encoder.ts)
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
import { type RegisterOp, rowWriter } from "./register-op-rows.js";
import { ATOMIC_OPS } from "./register-ops-atomic.js";
import { GC_LOOP_OPS, GC_OPS } from "./register-ops-gc.js";
import { SIMD_OPS } from "./register-ops-simd.js";

const rows: RegisterOp[] = [];
const op = rowWriter(rows, "cold");

const COMPARE_I32 = {
  eq: "B === C",
  ne: "B !== C",
  lt_s: "B < C",
  lt_u: "B >>> 0 < C >>> 0",
  gt_s: "B > C",
  gt_u: "B >>> 0 > C >>> 0",
  le_s: "B <= C",
  le_u: "B >>> 0 <= C >>> 0",
  ge_s: "B >= C",
  ge_u: "B >>> 0 >= C >>> 0",
} as const;
const COMPARE_FLOAT = { eq: "===", ne: "!==", lt: "<", gt: ">", le: "<=", ge: ">=" } as const;
const BINARY_I32 = {
  add: "B + C | 0",
  sub: "B - C | 0",
  mul: "Math.imul(B, C)",
  and: "B & C",
  or: "B | C",
  xor: "B ^ C",
  shl: "B << C",
  shr_s: "B >> C",
  shr_u: "B >>> C | 0",
  rotl: "B << C | B >>> 32 - C",
  rotr: "B >>> C | B << 32 - C",
} as const;
const fill = (expression: string, b: string, c: string) => expression.replace(/\bB\b/g, b).replace(/\bC\b/g, c);

// ---- Control ----
const BRANCH = "target fuel";
op("exit", "", "", "@exit(DONE)", "narrow");
op("leave_instance", "", "", "@exit(LEAVE)", "narrow");
op("host_return", "", "", "@exit(HOST_RETURN)", "narrow");
op("lazy", "", "func", "@exit(LAZY)", "narrow");
// Stepping form: one charge per wasm instruction, checked before it takes effect.
op("charge", "", "price", "if (fuel < $price) { @exit(CANNOT_PAY) } fuel = fuel - $price | 0;", "narrow");
op(
  "resume_fast",
  "",
  "target fuel",
  "if (fuel >= $fuel) { fuel = fuel - $fuel | 0; pc = $target; continue; }",
  "narrow",
);
op("nop", "", "", "", "narrow");
op("br", "", BRANCH, "@branch", "narrow");
op("br_z", "a", BRANCH, "if (R[a] === 0) @branch", "narrow");
op("br_nz", "a", BRANCH, "if (R[a] !== 0) @branch", "narrow");
for (const [name, test] of Object.entries(COMPARE_I32)) {
  op(`br_${name}`, "ab", BRANCH, `if (${fill(test, "R[a]", "R[b]")}) @branch`, "narrow");
  op(`br_${name}_k`, "a", `${BRANCH} k`, `if (${fill(test, "R[a]", "$k")}) @branch`, "narrow");
}
for (const [name, test] of Object.entries(COMPARE_FLOAT)) {
  op(`br_f64_${name}`, "ab", BRANCH, `if (D[a] ${test} D[b]) @branch`, "narrow");
  op(`br_f64_not_${name}`, "ab", BRANCH, `if (!(D[a] ${test} D[b])) @branch`, "narrow");
}
op("br_and_z", "a", `${BRANCH} k`, "if ((R[a] & $k) === 0) @branch", "narrow");
op("br_and_nz", "a", `${BRANCH} k`, "if ((R[a] & $k) !== 0) @branch", "narrow");
op("br_i64_z", "a", BRANCH, "if ((R[a] | H[a]) === 0) @branch", "narrow");
op("br_i64_nz", "a", BRANCH, "if ((R[a] | H[a]) !== 0) @branch", "narrow");
op("br_null", "a", BRANCH, "if (X[a] === null) @branch", "narrow");
op("br_non_null", "a", BRANCH, "if (X[a] !== null) @branch", "narrow");
// Followed by count + 1 pairs of target and fuel, the default last.
const TABLE_JUMP =
  "if (i > $count) i = $count; const q = pc + @length + (i << 1) | 0; pc = code[q]; fuel = fuel - code[q + 1 | 0] | 0; if (fuel < 0) break; continue;";
op("br_table", "a", "count bias", `let i = R[a] + $bias >>> 0; ${TABLE_JUMP}`, "narrow");
op("br_table_load8", "a", "count bias offset", `@byteAt(a) let i = M8[ea] + $bias >>> 0; ${TABLE_JUMP}`, "narrow");
op("unreachable", "", "", "@trap(TRAP_UNREACHABLE)", "narrow");

// ---- Calls. The callee's frame starts at the caller's argument slots; the last word of every
// call is what the caller's next segment costs, paid when the callee returns. ----
const PUSH_FRAME = "CS[sp] = pc + @length | 0; CS[sp + 1 | 0] = fp; sp = sp + 2 | 0;";
const FRAME_CHECK = "if (sp > frameLimit) { @exit(FRAMES) }";
op("call", "a", "func fuel", `${FRAME_CHECK} ${PUSH_FRAME} fp = @address(a); const f = $func; @enter(f)`, "narrow");
op(
  "call_import",
  "a",
  "func fuel",
  `const g = FI[$func]; if (g.invokeTypeId >= 0) { const s = @address(a), i = R[s] >>> 0; if (i < T.length && sp <= frameLimit) { const t = T[i]; if (t !== null && t.typeId === g.invokeTypeId && t.instance === I) { ${PUSH_FRAME} CS[sp] = @invokeReturn; CS[sp + 1 | 0] = s; sp = sp + 2 | 0; R[s] = G[stackPointer]; fp = s + 2 | 0; const f = t.index; @enter(f) } } } m.callee = g; m.base = @address(a); m.returnTo = pc + @length | 0; @exit(CALL)`,
  "narrow",
);
op(
  "invoke_return",
  "",
  "",
  "{ const s = fp; R[s] = R[s + 2 | 0]; R[s + 1 | 0] = R[s + 3 | 0]; sp = sp - 2 | 0; pc = CS[sp]; fp = CS[sp + 1 | 0]; fuel = fuel - code[pc - 1 | 0] | 0; if (fuel < 0) break; continue; }",
  "narrow",
);
op(
  "call_indirect",
  "ab",
  "type fuel",
  `const i = R[b] >>> 0; if (i < T.length && sp <= frameLimit) { const t = T[i]; if (t !== null && t.typeId === $type && t.instance === I) { ${PUSH_FRAME} fp = @address(a); const f = t.index; @enter(f) } } @exit(OPERATION)`,
  "narrow",
);
op(
  "call_ref",
  "ab",
  "type fuel",
  `const t = X[b]; if (t !== null && t.instance === I && sp <= frameLimit) { ${PUSH_FRAME} fp = @address(a); const f = t.index; @enter(f) } @exit(OPERATION)`,
  "narrow",
);
// The arguments are already at the head of this frame.
op("return_call", "", "func", "const f = $func; @enter(f)", "narrow");
const RETURN =
  "sp = sp - 2 | 0; pc = CS[sp]; fp = CS[sp + 1 | 0]; fuel = fuel - code[pc - 1 | 0] | 0; if (fuel < 0) break; continue;";
op("return", "", "", RETURN, "narrow");
op("return_32", "a", "", `R[fp] = R[a]; ${RETURN}`, "sink narrow");
op("return_64", "a", "", `const x = R[a], y = H[a]; R[fp] = x; R[fp + 1 | 0] = y; ${RETURN}`, "sink narrow");
op("return_ref", "a", "", `XS[fp >> 1] = X[a]; ${RETURN}`, "sink narrow");
op(
  "return_words",
  "a",
  "words",
  `const s = @address(a), n = $words; for (let i = 0; i < n; i = i + 1 | 0) R[fp + i | 0] = R[s + i | 0]; ${RETURN}`,
  "sink narrow",
);
op(
  "return_slots",
  "",
  "slot count",
  `const s = $slot, n = $count, x = fp >> 1; for (let i = 0; i < n; i = i + 1 | 0) { R[fp + (i << 1) | 0] = R[fp + (s + i << 1) | 0]; R[fp + (i << 1) + 1 | 0] = R[fp + (s + i << 1) + 1 | 0]; XS[x + i | 0] = XS[x + s + i | 0]; } ${RETURN}`,
  "sink narrow",
);
// What the driver does itself (interpreter/operations.ts). `a`, `b`, `c` as for the plain forms.
op("call_indirect.any", "", "base index table type fuel", "@exit(DRIVER)", "narrow cold");
op("call_ref.any", "", "base ref type fuel", "@exit(DRIVER)", "narrow cold");
op("call.wide", "", "base func fuel", "@exit(DRIVER)", "narrow cold");
op("return_call_import", "", "func", "@exit(DRIVER)", "narrow cold");
op("return_call_indirect", "", "index table type", "@exit(DRIVER)", "narrow cold");
op("return_call_ref", "", "ref type", "@exit(DRIVER)", "narrow cold");
op("throw", "", "slot tag", "@exit(DRIVER)", "narrow cold");
op("throw_ref", "", "slot", "@exit(DRIVER)", "narrow cold");
op("memory.atomic.wait", "", "slot memory offset high width", "@exit(DRIVER)", "narrow cold");
op("memory.grow", "", "dst slot memory fuel", "@exit(DRIVER)", "narrow cold");
op("memory.copy", "", "dst src n dstMemory srcMemory fuel", "@exit(DRIVER)", "narrow cold");
op("memory.fill", "", "dst value n memory fuel", "@exit(DRIVER)", "narrow cold");
op("memory.init", "", "dst src n data memory fuel", "@exit(DRIVER)", "narrow cold");
op("table.copy", "", "dst src n dstTable srcTable fuel", "@exit(DRIVER)", "narrow cold");
op("table.fill", "", "dst value n table fuel", "@exit(DRIVER)", "narrow cold");
op("table.init", "", "dst src n elem table fuel", "@exit(DRIVER)", "narrow cold");
op("table.grow", "", "dst value n table fuel", "@exit(DRIVER)", "narrow cold");
// Branches whose operand is out of an 8-bit field's reach.
op("br_z.wide", "", `${BRANCH} slot`, "if (R[fp + ($slot << 1) | 0] === 0) @branch", "narrow");
op("br_nz.wide", "", `${BRANCH} slot`, "if (R[fp + ($slot << 1) | 0] !== 0) @branch", "narrow");
op("br_null.wide", "", `${BRANCH} slot`, "if (XS[(fp >> 1) + $slot | 0] === null) @branch", "narrow");
op("br_non_null.wide", "", `${BRANCH} slot`, "if (XS[(fp >> 1) + $slot | 0] !== null) @branch", "narrow");
op("br_table.wide", "", "count bias slot", `let i = R[fp + ($slot << 1) | 0] + $bias >>> 0; ${TABLE_JUMP}`, "narrow");

// ---- Moves and constants: int32 words, never floats, so that NaN bits survive ----
op("move_32", "ab", "", "R[a] = R[b];");
op("move_64", "ab", "", "{ const x = R[b], y = H[b]; R[a] = x; H[a] = y; }");
op("move_ref", "ab", "", "X[a] = X[b];");
op("const_32", "a", "k", "R[a] = $k;");
op("const_64", "a", "k h", "R[a] = $k; H[a] = $h;");
// Runs: `count` words follow, each slot | (value or slot) << 8.
op(
  "const_run",
  "a",
  "",
  "const n = w >>> 8 & 255; for (let i = 1; i <= n; i = i + 1 | 0) { const x = code[pc + i | 0]; R[fp + (x << 1 & 510) | 0] = x >> 8; } pc = pc + n + 1 | 0; continue;",
  "sink narrow",
);
op(
  "move_run",
  "a",
  "",
  "const n = w >>> 8 & 255; for (let i = 1; i <= n; i = i + 1 | 0) { const x = code[pc + i | 0]; R[fp + (x << 1 & 510) | 0] = R[fp + (x >>> 7 & 510) | 0]; } pc = pc + n + 1 | 0; continue;",
  "sink narrow",
);
op(
  "fill_run",
  "ab",
  "k",
  "const v = $k; let i = @address(a); for (const e = i + (w >>> 15 & 510) | 0; i < e; i = i + 2 | 0) R[i] = v;",
  "sink narrow",
);
// `n` words from slot b to slot a; the regions may overlap if a is below b.
op(
  "move_words",
  "",
  "dst src n",
  "const d = fp + ($dst << 1) | 0, s = fp + ($src << 1) | 0, n = $n; for (let i = 0; i < n; i = i + 1 | 0) R[d + i | 0] = R[s + i | 0];",
  "sink narrow",
);
op(
  "move_slots",
  "",
  "dst src n",
  "const d = fp + ($dst << 1) | 0, s = fp + ($src << 1) | 0, n = $n << 1, x = fp >> 1; for (let i = 0; i < n; i = i + 1 | 0) R[d + i | 0] = R[s + i | 0]; for (let i = 0; i < $n; i = i + 1 | 0) XS[x + $dst + i | 0] = XS[x + $src + i | 0];",
  "sink narrow cold",
);
// Locals of functions with many of them; the header zeroes the rest.
op(
  "null_refs",
  "",
  "slot n",
  "{ const x = (fp >> 1) + $slot | 0; for (let i = 0; i < $n; i = i + 1 | 0) XS[x + i | 0] = null; }",
  "narrow cold",
);
op("select_32", "abc", "condition", "R[a] = R[fp + $condition | 0] !== 0 ? R[b] : R[c];");
op(
  "select_64",
  "abc",
  "condition",
  "if (R[fp + $condition | 0] !== 0) { const x = R[b], y = H[b]; R[a] = x; H[a] = y; } else { const x = R[c], y = H[c]; R[a] = x; H[a] = y; }",
);
op("select_ref", "abc", "condition", "X[a] = R[fp + $condition | 0] !== 0 ? X[b] : X[c];", "cold");
// Defined globals by cell; imported ones through their instance.
op("global.get_32", "a", "cell", "R[a] = G[$cell];");
op("global.get_64", "a", "cell", "{ const g = $cell; R[a] = G[g]; H[a] = G[g + 1 | 0]; }");
op("global.set_32", "a", "cell", "G[$cell] = R[a];", "sink");
op("global.set_64", "a", "cell", "{ const g = $cell; G[g] = R[a]; G[g + 1 | 0] = H[a]; }", "sink");
op("global.get_ref", "a", "slot", "X[a] = m.globalRefs[$slot];", "cold");
op("global.set_ref", "a", "slot", "m.globalRefs[$slot] = X[a];", "cold");
op("global.get_import", "a", "global slots", "importedGlobalGet(m, @address(a), $global, $slots);", "cold sink");
op("global.set_import", "a", "global slots", "importedGlobalSet(m, @address(a), $global, $slots);", "cold sink");

// ---- i32 ----
for (const [name, expression] of Object.entries(BINARY_I32)) {
  op(`i32.${name}`, "abc", "", `R[a] = ${fill(expression, "R[b]", "R[c]")};`);
  op(`i32.${name}_k`, "ab", "k", `R[a] = ${fill(expression, "R[b]", "$k")};`);
}
op(
  "i32.div_s",
  "abc",
  "",
  "{ const x = R[b], y = R[c]; if (y === 0) { @trap(TRAP_DIVIDE_BY_ZERO) } if (y === -1 && x === -2147483648) { @trap(TRAP_INTEGER_OVERFLOW) } R[a] = x / y | 0; }",
);
op(
  "i32.div_u",
  "abc",
  "",
  "{ const x = R[b] >>> 0, y = R[c] >>> 0; if (y === 0) { @trap(TRAP_DIVIDE_BY_ZERO) } R[a] = x / y | 0; }",
);
op(
  "i32.rem_s",
  "abc",
  "",
  "{ const x = R[b], y = R[c]; if (y === 0) { @trap(TRAP_DIVIDE_BY_ZERO) } R[a] = x % y | 0; }",
);
op(
  "i32.rem_u",
  "abc",
  "",
  "{ const x = R[b] >>> 0, y = R[c] >>> 0; if (y === 0) { @trap(TRAP_DIVIDE_BY_ZERO) } R[a] = x % y | 0; }",
);
for (const [name, test] of Object.entries(COMPARE_I32)) {
  op(`i32.${name}`, "abc", "", `R[a] = ${fill(test, "R[b]", "R[c]")} ? 1 : 0;`);
  op(`i32.${name}_k`, "ab", "k", `R[a] = ${fill(test, "R[b]", "$k")} ? 1 : 0;`);
}
op("i32.eqz", "ab", "", "R[a] = R[b] === 0 ? 1 : 0;");
op("i32.clz", "ab", "", "R[a] = Math.clz32(R[b]);");
op("i32.ctz", "ab", "", "{ const x = R[b]; R[a] = x === 0 ? 32 : 31 - Math.clz32(x & -x); }");
op("i32.extend8_s", "ab", "", "R[a] = R[b] << 24 >> 24;");
op("i32.extend16_s", "ab", "", "R[a] = R[b] << 16 >> 16;");
op("i32.wrap_i64", "ab", "", "R[a] = R[b];");
for (const k of [1, 2, 3]) op(`i32.shl${k}_add`, "abc", "", `R[a] = (R[b] << ${k}) + R[c] | 0;`, "narrow");

// ---- Memory 0 with 32-bit addresses. `_near`: the offset is in field c. `_at`: a constant
// aligned address below the memory's minimum size. ----
const LOADS: readonly (readonly [string, number, string])[] = [
  ["i32.load", 4, "if ((ea & 3) === 0) R[a] = M32[ea >> 2]; else R[a] = load32(M8, ea);"],
  ["i32.load8_u", 1, "R[a] = M8[ea];"],
  ["i32.load8_s", 1, "R[a] = MS8[ea];"],
  ["i32.load16_u", 2, "if ((ea & 1) === 0) R[a] = M16[ea >> 1]; else R[a] = M8[ea] | M8[ea + 1 | 0] << 8;"],
  [
    "i32.load16_s",
    2,
    "if ((ea & 1) === 0) R[a] = M16[ea >> 1] << 16 >> 16; else R[a] = (M8[ea] | M8[ea + 1 | 0] << 8) << 16 >> 16;",
  ],
  [
    "i64.load",
    8,
    "if ((ea & 3) === 0) { const i = ea >> 2; R[a] = M32[i]; H[a] = M32[i + 1 | 0]; } else { R[a] = load32(M8, ea); H[a] = load32(M8, ea + 4 | 0); }",
  ],
];
const STORES: readonly (readonly [string, number, string])[] = [
  ["i32.store", 4, "if ((ea & 3) === 0) M32[ea >> 2] = R[b]; else store32(M8, ea, R[b]);"],
  ["i32.store8", 1, "M8[ea] = R[b];"],
  [
    "i32.store16",
    2,
    "if ((ea & 1) === 0) M16[ea >> 1] = R[b]; else { const v = R[b]; M8[ea] = v; M8[ea + 1 | 0] = v >> 8; }",
  ],
  [
    "i64.store",
    8,
    "if ((ea & 3) === 0) { const i = ea >> 2; M32[i] = R[b]; M32[i + 1 | 0] = H[b]; } else { store32(M8, ea, R[b]); store32(M8, ea + 4 | 0, H[b]); }",
  ],
];
const I64_LOADS: readonly (readonly [string, number, string])[] = [
  ["i64.load8_s", 1, "{ const v = MS8[ea]; R[a] = v; H[a] = v >> 31; }"],
  ["i64.load8_u", 1, "R[a] = M8[ea]; H[a] = 0;"],
  ["i64.load16_s", 2, "{ const v = (M8[ea] | M8[ea + 1 | 0] << 8) << 16 >> 16; R[a] = v; H[a] = v >> 31; }"],
  ["i64.load16_u", 2, "R[a] = M8[ea] | M8[ea + 1 | 0] << 8; H[a] = 0;"],
  ["i64.load32_s", 4, "{ const v = load32(M8, ea); R[a] = v; H[a] = v >> 31; }"],
  ["i64.load32_u", 4, "R[a] = load32(M8, ea); H[a] = 0;"],
];
const I64_STORES: readonly (readonly [string, number, string])[] = [
  ["i64.store8", 1, "M8[ea] = R[b];"],
  ["i64.store16", 2, "{ const v = R[b]; M8[ea] = v; M8[ea + 1 | 0] = v >> 8; }"],
  ["i64.store32", 4, "store32(M8, ea, R[b]);"],
];
for (const [name, width, body] of LOADS) {
  op(name, "ab", "offset", `@load(${width}) ${body}`);
  op(`${name}_near`, "ab", "", `@loadNear(${width}) ${body}`, "narrow");
}
for (const [name, width, body] of STORES) {
  op(name, "ab", "offset", `@store(${width}) ${body}`, "sink");
  op(`${name}_near`, "ab", "", `@storeNear(${width}) ${body}`, "sink narrow");
}
op(
  "i32.store_k",
  "a",
  "offset k",
  "@store(4) if ((ea & 3) === 0) M32[ea >> 2] = $k; else store32(M8, ea, $k);",
  "sink narrow",
);
op("i32.store8_k", "a", "offset k", "@store(1) M8[ea] = $k;", "sink narrow");
op("i32.load_at", "a", "index", "R[a] = M32[$index];", "narrow");
op("i32.load8_u_at", "a", "index", "R[a] = M8[$index];", "narrow");
op("i32.store_at", "a", "index", "M32[$index] = R[a];", "sink narrow");
op("i32.store_k_at", "", "index k", "M32[$index] = $k;", "sink narrow");
for (const [name, width, body] of I64_LOADS) op(name, "ab", "offset", `@load(${width}) ${body}`, "cold");
for (const [name, width, body] of I64_STORES) op(name, "ab", "offset", `@store(${width}) ${body}`, "cold sink");
// Any memory, 64-bit addresses, offsets from 2^31: `memory` has bit 30 set where addresses are i64.
const general = (body: string) =>
  body
    .replace(/if \(\(ea & [13]\) === 0\) (\{[^}]*\}|[^;]*;) else /, "")
    .replace(/ea \+ (\d) \| 0/g, "ea + $1")
    .replace(/\bM8\b/g, "mem.u8")
    .replace(/\bMS8\b/g, "mem.i8");
for (const [name, width, body] of [...LOADS, ...I64_LOADS]) {
  op(
    `${name}.any`,
    "ab",
    "memory offset high",
    `const mem = m.memoryAt($memory); const ea = effectiveAddress(m, mem, R[b], H[b], $memory, $offset, $high, ${width}); if (ea < 0) return ea; ${general(body)}`,
    "cold",
  );
}
for (const [name, width, body] of [...STORES, ...I64_STORES]) {
  op(
    `${name}.any`,
    "ab",
    "memory offset high",
    `const mem = m.memoryAt($memory); const ea = effectiveAddress(m, mem, R[a], H[a], $memory, $offset, $high, ${width}); if (ea < 0) return ea; ${general(body)}`,
    "cold sink",
  );
}
op("memory.size", "a", "memory", "setNumber(R, A, m.memoryAt($memory).pages);", "cold");
op("data.drop", "", "data", "m.instance.datas[$data] = null;", "cold sink narrow");
op("elem.drop", "", "elem", "m.instance.elems[$elem] = null;", "cold sink narrow");

// ---- Tables and references. `index64`: 1 where the table's indices are i64. ----
op(
  "table.get",
  "ab",
  "table index64",
  "{ const t = m.instance.tables[$table].elements; const i = tableIndex(R[b], H[b], $index64); if (i >= t.length) { @trap(TRAP_TABLE_OUT_OF_BOUNDS) } X[a] = t[i]; }",
  "cold",
);
op(
  "table.set",
  "ab",
  "table index64",
  "{ const t = m.instance.tables[$table].elements; const i = tableIndex(R[a], H[a], $index64); if (i >= t.length) { @trap(TRAP_TABLE_OUT_OF_BOUNDS) } t[i] = X[b]; }",
  "cold sink",
);
op("table.size", "a", "table", "setNumber(R, A, m.instance.tables[$table].elements.length);", "cold");
op("ref.null", "a", "", "X[a] = null;", "writes");
op("ref.func", "a", "func", "X[a] = m.instance.funcs[$func];", "cold");
op("ref.is_null", "ab", "", "R[a] = X[b] === null ? 1 : 0;", "cold");
op("ref.eq", "abc", "", "R[a] = X[b] === X[c] ? 1 : 0;", "cold");
op("ref.as_non_null", "a", "", "if (X[a] === null) { @trap(TRAP_NULL_REFERENCE) }", "cold");

// ---- i64, as two halves ----
op(
  "i64.add",
  "abc",
  "",
  "{ const l = R[b], n = l + R[c] | 0; H[a] = H[b] + H[c] + (n >>> 0 < l >>> 0 ? 1 : 0) | 0; R[a] = n; }",
);
op(
  "i64.sub",
  "abc",
  "",
  "{ const l = R[b], n = R[c], h = H[b] - H[c] - (l >>> 0 < n >>> 0 ? 1 : 0) | 0; R[a] = l - n | 0; H[a] = h; }",
);
op(
  "i64.mul",
  "abc",
  "",
  "{ const x = R[b], y = R[c], h = Math.imul(x, H[c]) + Math.imul(H[b], y) | 0; const x0 = x & 65535, x1 = x >>> 16, y0 = y & 65535, y1 = y >>> 16; const low = Math.imul(x1, y0) + (Math.imul(x0, y0) >>> 16) | 0, mid = Math.imul(x0, y1) + (low & 65535) | 0; H[a] = Math.imul(x1, y1) + (low >>> 16) + (mid >>> 16) + h | 0; R[a] = Math.imul(x, y); }",
);
for (const [name, o] of [
  ["and", "&"],
  ["or", "|"],
  ["xor", "^"],
] as const) {
  op(`i64.${name}`, "abc", "", `{ const h = H[b] ${o} H[c]; R[a] = R[b] ${o} R[c]; H[a] = h; }`);
}
const SHIFTS = {
  shl: "if (n === 0) { R[a] = l; H[a] = h; } else if (n < 32) { H[a] = h << n | l >>> 32 - n; R[a] = l << n; } else { H[a] = l << n - 32; R[a] = 0; }",
  shr_u:
    "if (n === 0) { R[a] = l; H[a] = h; } else if (n < 32) { R[a] = l >>> n | h << 32 - n; H[a] = h >>> n; } else { R[a] = h >>> n - 32; H[a] = 0; }",
  shr_s:
    "if (n === 0) { R[a] = l; H[a] = h; } else if (n < 32) { R[a] = l >>> n | h << 32 - n; H[a] = h >> n; } else { R[a] = h >> n - 32; H[a] = h >> 31; }",
};
for (const [name, body] of Object.entries(SHIFTS)) {
  op(`i64.${name}`, "abc", "", `{ const n = R[c] & 63, l = R[b], h = H[b]; ${body} }`);
}
op("i64.rotl", "abc", "", "N.i64Rotl(R, A, R[b], H[b], R[c]);", "cold");
op("i64.rotr", "abc", "", "N.i64Rotr(R, A, R[b], H[b], R[c]);", "cold");
for (const [name, f] of [
  ["div_s", "i64DivS"],
  ["div_u", "i64DivU"],
  ["rem_s", "i64RemS"],
  ["rem_u", "i64RemU"],
] as const) {
  op(`i64.${name}`, "abc", "", `{ const t = N.${f}(R, A, R[b], H[b], R[c], H[c]); if (t !== 0) return -t; }`, "cold");
}
op("i64.eqz", "ab", "", "R[a] = (R[b] | H[b]) === 0 ? 1 : 0;");
op("i64.eq", "abc", "", "R[a] = R[b] === R[c] && H[b] === H[c] ? 1 : 0;");
op("i64.ne", "abc", "", "R[a] = R[b] !== R[c] || H[b] !== H[c] ? 1 : 0;");
for (const [name, o] of [
  ["lt", "<"],
  ["gt", ">"],
  ["le", "<="],
  ["ge", ">="],
] as const) {
  const strict = o.replace("=", "");
  op(`i64.${name}_s`, "abc", "", `R[a] = (H[b] === H[c] ? R[b] >>> 0 ${o} R[c] >>> 0 : H[b] ${strict} H[c]) ? 1 : 0;`);
  op(
    `i64.${name}_u`,
    "abc",
    "",
    `R[a] = (H[b] === H[c] ? R[b] >>> 0 ${o} R[c] >>> 0 : H[b] >>> 0 ${strict} H[c] >>> 0) ? 1 : 0;`,
  );
}
op("i64.clz", "ab", "", "R[a] = N.i64Clz(R[b], H[b]); H[a] = 0;", "cold");
op("i64.ctz", "ab", "", "R[a] = N.i64Ctz(R[b], H[b]); H[a] = 0;", "cold");
op("i64.popcnt", "ab", "", "R[a] = N.i64Popcnt(R[b], H[b]); H[a] = 0;", "cold");
op("i64.extend_i32_s", "ab", "", "{ const v = R[b]; R[a] = v; H[a] = v >> 31; }");
op("i64.extend_i32_u", "ab", "", "R[a] = R[b]; H[a] = 0;");
op("i64.extend8_s", "ab", "", "{ const v = R[b] << 24 >> 24; R[a] = v; H[a] = v >> 31; }", "cold");
op("i64.extend16_s", "ab", "", "{ const v = R[b] << 16 >> 16; R[a] = v; H[a] = v >> 31; }", "cold");
op("i64.extend32_s", "ab", "", "{ const v = R[b]; R[a] = v; H[a] = v >> 31; }", "cold");

// 128-bit results, in the slots from a on; the operands' halves are in slots of their own.
const half = (word: string) => `R[fp + ($${word} << 1)], R[fp + ($${word} << 1) + 1]`;
for (const [name, f] of [
  ["add128", "i64Add128"],
  ["sub128", "i64Sub128"],
] as const) {
  op(`i64.${name}`, "a", "b0 b1 c0 c1", `N.${f}(R, A, ${["b0", "b1", "c0", "c1"].map(half).join(", ")});`, "cold sink");
}
for (const sign of ["s", "u"]) {
  op(
    `i64.mul_wide_${sign}`,
    "abc",
    "",
    `N.i64MulWide${sign.toUpperCase()}(R, A, R[b], H[b], R[c], H[c]);`,
    "cold sink",
  );
}

// ---- Floats. Math.* only where IEEE 754 or ECMAScript fixes every bit. ----
for (const [letter, size] of [
  ["D", "f64"],
  ["S", "f32"],
] as const) {
  const B = `${letter}[b]`;
  const C = `${letter}[c]`;
  for (const [name, o] of [
    ["add", "+"],
    ["sub", "-"],
    ["mul", "*"],
    ["div", "/"],
  ] as const) {
    op(`${size}.${name}`, "abc", "", `@${size}(a, ${B} ${o} ${C})`);
  }
  for (const name of ["min", "max"]) op(`${size}.${name}`, "abc", "", `@${size}(a, Math.${name}(${B}, ${C}))`, "cold");
  for (const [name, o] of Object.entries(COMPARE_FLOAT)) {
    op(`${size}.${name}`, "abc", "", `R[a] = ${B} ${o} ${C} ? 1 : 0;`, size === "f32" ? "cold" : "");
  }
  for (const name of ["ceil", "floor", "trunc", "sqrt"]) {
    op(`${size}.${name}`, "ab", "", `@${size}(a, Math.${name}(${B}))`, name === "sqrt" ? "" : "cold");
  }
  op(`${size}.nearest`, "ab", "", `@${size}(a, N.nearest(${B}))`, "cold");
  for (const sign of ["s", "u"]) {
    const upper = sign.toUpperCase();
    op(`i32.trunc_sat_${size}_${sign}`, "ab", "", `R[a] = N.i32TruncSat${upper}(${B});`, "cold");
    op(
      `i64.trunc_${size}_${sign}`,
      "ab",
      "",
      `{ const t = N.i64Trunc${upper}(R, A, ${B}); if (t !== 0) return -t; }`,
      "cold",
    );
    op(`i64.trunc_sat_${size}_${sign}`, "ab", "", `N.i64TruncSat${upper}(R, A, ${B});`, "cold");
    const inRange = sign === "s" ? "v > -2147483649 && v < 2147483648" : "v > -1 && v < 4294967296";
    op(
      `i32.trunc_${size}_${sign}`,
      "ab",
      "",
      `{ const v = ${B}; if (!(${inRange})) { if (v !== v) { @trap(TRAP_INVALID_CONVERSION) } @trap(TRAP_INTEGER_OVERFLOW) } R[a] = v ${sign === "s" ? "| 0" : ">>> 0"}; }`,
      size === "f64" && sign === "s" ? "" : "cold",
    );
  }
}
op("f64.abs", "ab", "", "{ const h = H[b]; R[a] = R[b]; H[a] = h & 0x7fffffff; }");
op("f64.neg", "ab", "", "{ const h = H[b]; R[a] = R[b]; H[a] = h ^ 0x80000000; }");
op("f64.copysign", "abc", "", "{ const h = H[c]; R[a] = R[b]; H[a] = H[b] & 0x7fffffff | h & 0x80000000; }", "cold");
op("f32.abs", "ab", "", "R[a] = R[b] & 0x7fffffff;", "cold");
op("f32.neg", "ab", "", "R[a] = R[b] ^ 0x80000000;", "cold");
op("f32.copysign", "abc", "", "R[a] = R[b] & 0x7fffffff | R[c] & 0x80000000;", "cold");
op("f64.convert_i32_s", "ab", "", "D[a] = R[b];");
op("f64.convert_i32_u", "ab", "", "D[a] = R[b] >>> 0;");
op("f32.convert_i32_s", "ab", "", "S[a] = R[b];", "cold");
op("f32.convert_i32_u", "ab", "", "S[a] = R[b] >>> 0;", "cold");
for (const sign of ["s", "u"]) {
  op(`f64.convert_i64_${sign}`, "ab", "", `D[a] = N.f64ConvertI64${sign.toUpperCase()}(R[b], H[b]);`, "cold");
  op(`f32.convert_i64_${sign}`, "ab", "", `S[a] = N.f32ConvertI64${sign.toUpperCase()}(R[b], H[b]);`, "cold");
}
op("f32.demote_f64", "ab", "", "@f32(a, D[b])", "cold");
op("f64.promote_f32", "ab", "", "@f64(a, S[b])", "cold");

// ---- Superinstructions from MicroPython's instruction mix ----
op("stack_adjust", "a", "cell k", "{ const g = $cell, v = G[g] + $k | 0; G[g] = v; R[a] = v; }", "narrow");
op("global.set_add_k", "a", "cell k", "G[$cell] = R[a] + $k | 0;", "sink narrow");

// Accesses whose address was computed right before: `_add_k` and `_add` by the sum, shifted first
// in `_shlN_…`. The offset is field c where that is free, a word otherwise.
for (const [name, width, body] of LOADS) {
  const shift = 31 - Math.clz32(width);
  const scaled = `(R[b] << ${shift})`;
  if (name === "i32.load" || name === "i64.load") {
    op(`${name}_add_k`, "ab", "k", `@bytes{${width}; R[b] + $k | 0; (w >>> 24)} ${body}`, "narrow");
    op(`${name}_shl${shift}_add_k`, "ab", "k", `@bytes{${width}; ${scaled} + $k | 0; (w >>> 24)} ${body}`, "narrow");
    op(`${name}_shl${shift}_add`, "abc", "offset", `@bytes{${width}; ${scaled} + R[c] | 0; $offset} ${body}`, "narrow");
  }
  if (name === "i32.load8_u") op(`${name}_add_k`, "ab", "k", `@bytes{1; R[b] + $k | 0; (w >>> 24)} ${body}`, "narrow");
  if (name === "i32.load" || name === "i32.load8_u") {
    op(`${name}_add`, "abc", "offset", `@bytes{${width}; R[b] + R[c] | 0; $offset} ${body}`, "narrow");
  }
  if (name === "i32.load16_u") {
    op(`${name}_shl1_add`, "abc", "offset", `@bytes{2; ${scaled} + R[c] | 0; $offset} ${body}`, "narrow");
  }
}
op("i32.store8_k_add_k", "a", "k value", "@bytes{1; R[a] + $k | 0; (w >>> 24)} M8[ea] = $value;", "sink narrow");
op("i32.xor_rotr_k", "abc", "k", "{ const x = R[c]; R[a] = R[b] ^ (x >>> $k | x << 32 - $k); }", "narrow");
op("i32.add3", "abc", "word", "R[a] = R[b] + R[c] + R[fp + $word] | 0;", "narrow");
op("f64.mul_add", "abc", "slot", "@f64(a, D[(fp >> 1) + $slot] + D[b] * D[c])", "narrow");
op(
  "i64.add_k",
  "ab",
  "k h",
  "{ const l = R[b], n = l + $k | 0; H[a] = H[b] + $h + (n >>> 0 < l >>> 0 ? 1 : 0) | 0; R[a] = n; }",
  "narrow",
);
op("i64.and_k", "ab", "k h", "{ const h = H[b] & $h; R[a] = R[b] & $k; H[a] = h; }", "narrow");
op(
  "i64.mul_k",
  "ab",
  "k h",
  "{ const x = R[b], y = $k, h = Math.imul(x, $h) + Math.imul(H[b], y) | 0; const x0 = x & 65535, x1 = x >>> 16, y0 = y & 65535, y1 = y >>> 16; const low = Math.imul(x1, y0) + (Math.imul(x0, y0) >>> 16) | 0, mid = Math.imul(x0, y1) + (low & 65535) | 0; H[a] = Math.imul(x1, y1) + (low >>> 16) + (mid >>> 16) + h | 0; R[a] = Math.imul(x, y); }",
  "narrow",
);
op("i64.shl_k", "ab", "k", `{ const n = $k, l = R[b], h = H[b]; ${SHIFTS.shl} }`, "narrow");
op("i64.shr_u_k", "ab", "k", `{ const n = $k, l = R[b], h = H[b]; ${SHIFTS.shr_u} }`, "narrow");

/** Operations in the loop come first: their numbers must fit a byte. Each unit's lie together. */
export const REGISTER_OPS: readonly RegisterOp[] = [
  ...rows.filter((r) => !r.cold),
  ...GC_LOOP_OPS,
  ...rows.filter((r) => r.cold),
  ...ATOMIC_OPS,
  ...GC_OPS,
  ...SIMD_OPS,
];
