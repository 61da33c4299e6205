// Rows of the SIMD instructions that treat lanes as bits: constants, single lanes, memory, bitwise
// operations, moves; and the list of all SIMD rows. Notation as in register-ops-simd-rows.ts.
import type { Access, Address } from "./register-op-layout.js";
import { loadOf, plainAddress, type RegisterOp, storeOf } from "./register-op-rows.js";
import { FLOAT_ROWS } from "./register-ops-simd-float.js";
import { writeIntegerLanes } from "./register-ops-simd-integer.js";
import {
  D,
  D_S,
  D_S_T,
  each,
  S,
  SimdRows,
  storeFour,
  WIDEN,
  WORDS_OF_S,
  WORDS_OF_T,
} from "./register-ops-simd-rows.js";

const rows = new SimdRows("simdLarge");

// ---- Constants and lanes ----
const SHAPES = [
  ["i8x16", 8],
  ["i16x8", 16],
  ["i32x4", 32],
  ["i64x2", 64],
] as const;
const constant = each(4, (i) => `R[d + ${i}] = $k${i};`);
rows.value("v128.const", "a", "k0 k1 k2 k3", `{ const d = @address(a); ${constant} }`, { takes: "nothing" });

rows.op("move_128", "ab", `{ ${D_S} ${storeFour(WORDS_OF_S)} }`);
const chosen = "const d = @address(a), s = R[fp + $condition] !== 0 ? @address(b) : @address(c);";
rows.op("select_128", "abc", `{ ${chosen} ${storeFour(WORDS_OF_S)} }`, "condition");
// No vector instruction, but what bitmasks are for.
rows.value("i32.popcnt", "ab", "", "R[a] = N.i32Popcnt(R[b]);", { takes: "i32" });

const allFour = (word: string) => each(4, (i) => `R[d + ${i}] = ${word};`);
const SPLATS = {
  8: `const k = Math.imul(v & 255, 0x01010101); ${allFour("k")}`,
  16: `const k = v & 65535 | v << 16; ${allFour("k")}`,
  32: allFour("v"),
  64: "R[d] = v; R[d + 1] = h; R[d + 2] = v; R[d + 3] = h;",
} as const;
for (const [shape, bits] of SHAPES) {
  const [takes, scalar] = bits === 64 ? (["i64", "v = R[b], h = H[b]"] as const) : (["i32", "v = R[b]"] as const);
  rows.value(`${shape}.splat`, "ab", "", `{ const d = @address(a), ${scalar}; ${SPLATS[bits]} }`, { takes });
}

const extractLane = (name: string, body: string) => rows.value(name, "ab", "lane", body, { takes: "v128" });
extractLane("i8x16.extract_lane_s", "R[a] = R8s[(@address(b) << 2) + $lane];");
extractLane("i8x16.extract_lane_u", "R[a] = R8[(@address(b) << 2) + $lane];");
extractLane("i16x8.extract_lane_s", "R[a] = R16s[(@address(b) << 1) + $lane];");
extractLane("i16x8.extract_lane_u", "R[a] = R16[(@address(b) << 1) + $lane];");
extractLane("i32x4.extract_lane", "R[a] = R[@address(b) + $lane];");
extractLane(
  "i64x2.extract_lane",
  "{ const i = @address(b) + ($lane << 1), v = R[i], h = R[i + 1]; R[a] = v; H[a] = h; }",
);
/** Puts `v` (and `h`) in a lane of the result. */
const SET_LANE = {
  8: "R8[(d << 2) + $lane] = v;",
  16: "R16[(d << 1) + $lane] = v;",
  32: "R[d + $lane] = v;",
  64: "const i = d + ($lane << 1); R[i] = v; R[i + 1] = h;",
} as const;
for (const [shape, bits] of SHAPES) {
  const scalar = bits === 64 ? "v = R[c], h = H[c]" : "v = R[c]";
  const replace = `{ ${D_S} const ${scalar}; ${storeFour(WORDS_OF_S)} ${SET_LANE[bits]} }`;
  rows.op(`${shape}.replace_lane`, "abc", replace, "lane");
}
const swizzled = [0, 1, 2, 3].map((i) => `V.swizzle(R8, s << 2, R[t + ${i}])`);
rows.op("i8x16.swizzle", "abc", `{ ${D_S_T} ${storeFour(swizzled)} }`);
const shuffled = [0, 1, 2, 3].map((i) => `V.shuffle(R8, s << 2, t << 2, $lanes${i})`);
rows.op("i8x16.shuffle", "abc", `{ ${D_S_T} ${storeFour(shuffled)} }`, "lanes0 lanes1 lanes2 lanes3");

// Whole words, each from one of the eight of both operands.
const wordOf = (i: number) => `R[($word${i} < 4 ? s : t - 4) + $word${i}]`;
rows.op("i32x4.shuffle", "abc", `{ ${D_S_T} ${storeFour([0, 1, 2, 3].map(wordOf))} }`, "word0 word1 word2 word3");

// ---- Memory. Plain forms reach memory 0 by 32-bit addresses, `.any` forms every memory. ----
const loadWords = (count: number) => Array.from({ length: count }, (_, i) => `load32(M8, ea + ${4 * i})`);
type Width = Access<string>["width"];
const LOADS: [name: string, width: Width, body: string][] = [
  ["v128.load8_splat", 1, `const v = M8[ea]; ${SPLATS[8]}`],
  ["v128.load16_splat", 2, `const v = M8[ea] | M8[ea + 1] << 8; ${SPLATS[16]}`],
  ["v128.load32_splat", 4, `const v = load32(M8, ea); ${SPLATS[32]}`],
  ["v128.load64_splat", 8, `const v = load32(M8, ea), h = load32(M8, ea + 4); ${SPLATS[64]}`],
  ["v128.load32_zero", 4, storeFour([...loadWords(1), "0", "0", "0"])],
  ["v128.load64_zero", 8, storeFour([...loadWords(2), "0", "0"])],
];
for (const [shape, kind] of [
  ["8x8", "8"],
  ["16x4", "16"],
  ["32x2", "32"],
]) {
  for (const sign of ["s", "u"]) {
    const widen = WIDEN[`${kind}_${sign}`]!;
    const body = `const v = load32(M8, ea), h = load32(M8, ea + 4); ${storeFour([...widen("v"), ...widen("h")])}`;
    LOADS.push([`v128.load${shape}_${sign}`, 8, body]);
  }
}
const STORE_4 = (value: string, at = "ea") => `store32(M8, ${at}, ${value});`;
/** Per lane width: how to load a lane's value, and how to store lane $lane of s. */
const LANES = [
  [1, "const v = M8[ea];", SET_LANE[8], "M8[ea] = R8[(s << 2) + $lane];"],
  [
    2,
    "const v = M8[ea] | M8[ea + 1] << 8;",
    SET_LANE[16],
    "const v = R16[(s << 1) + $lane]; M8[ea] = v; M8[ea + 1] = v >> 8;",
  ],
  [4, "const v = load32(M8, ea);", SET_LANE[32], STORE_4("R[s + $lane]")],
  [
    8,
    "const v = load32(M8, ea), h = load32(M8, ea + 4);",
    SET_LANE[64],
    `const i = s + ($lane << 1); ${STORE_4("R[i]")} ${STORE_4("R[i + 1]", "ea + 4")}`,
  ],
] as const;

const OUT_OF_BOUNDS = "if (ea < 0) { @trap(TRAP_MEMORY_OUT_OF_BOUNDS) }";
/** `ea`: where in memory 0 an access of `width` bytes is. Beyond 2^31 it is a double: slower, and as right. */
const near = (address: string, offset: string, width: number) =>
  `const p = ${address}; let ea = p + ${offset} | 0; if ((p | ea) < 0 || ea > memoryBytes - ${width}) { if (!m.coversMemory) { @exit(MEMORY) } ea = farAddress(m, p, ${offset}, ${width}); ${OUT_OF_BOUNDS} }`;
interface VectorAccess {
  readonly name: string;
  readonly fields: "ab" | "abc";
  readonly width: Width;
  /** What the body needs of the frame. */
  readonly from: string;
  readonly body: string;
  /** Also a word `lane`. */
  readonly lane?: true;
  /** The plain form's way with aligned words of memory, from index `i` on. */
  readonly aligned?: string;
}
/** A load has its address in b, a store in a: both in plain form and for any memory. */
function access(kind: "load" | "store", { name, fields, width, from, body, lane, aligned }: VectorAccess): void {
  const field = kind === "load" ? "b" : "a";
  const says = (address: Address | "general") =>
    kind === "load" ? loadOf(name, width, "v128", false, address) : storeOf(name, width, "v128", address);
  const extra = lane ? " lane" : "";
  const any = `const mem = m.memoryAt($memory), ea = effectiveAddress(m, mem, R[${field}], H[${field}], $memory, $offset, $high, ${width}); if (ea < 0) return ea;`;
  const plain =
    aligned === undefined ? body : `if ((ea & 3) === 0) { const i = ea >>> 2; ${aligned} } else { ${body} }`;
  const mark = kind === "store" ? "P[ea >>> 12] = 1; " : "";
  const near0 = `{ ${near(`R[${field}]`, "$offset", width)} ${mark}${from} ${plain} }`;
  rows[kind](name, fields, `offset${extra}`, near0, says(plainAddress(field)));
  const general = `{ ${any} ${from} ${body.replaceAll(/\bM8\b/g, "mem.u8")} }`;
  rows[kind](`${name}.any`, fields, `memory offset high${extra}`, general, says("general"));
}
const alignedLoad = each(4, (i) => `R[d + ${i}] = M32[i + ${i}];`);
const loadFour = storeFour(loadWords(4));
access("load", { name: "v128.load", fields: "ab", width: 16, from: D, body: loadFour, aligned: alignedLoad });
// Superinstructions (lower-simd.ts): a load from a sum, a sum with what is loaded.
const fusedLoad = (name: string, plain: string, fields: "ab" | "abc", word: string, body: string, address: Address) =>
  rows.load(name, fields, word, body, { ...loadOf(plain, 16, "v128", false, address), narrow: true });
const load = `if ((ea & 3) === 0) { const i = ea >>> 2; ${alignedLoad} } else { ${loadFour} }`;
const addConstant = `{ ${near("R[b] + $k | 0", "(w >>> 24)", 16)} ${D} ${load} }`;
const sumWithConstant: Address = { register: "b", shift: 0, addend: "k", offset: "field" };
fusedLoad("v128.load_add_k", "v128.load", "ab", "k", addConstant, sumWithConstant);
const addRegister = `{ ${near("R[b] + R[c] | 0", "$offset", 16)} ${D} ${load} }`;
const sumOfRegisters: Address = { register: "b", shift: 0, addend: "c", offset: "word" };
fusedLoad("v128.load_add", "v128.load", "abc", "offset", addRegister, sumOfRegisters);
const addLoaded = each(4, (i) => `R[d + ${i}] = R[s + ${i}] + (aligned ? M32[i + ${i}] : load32(M8, ea + ${4 * i}));`);
const addFrom = `{ ${near("R[c]", "$offset", 16)} ${D_S} const i = ea >>> 2, aligned = (ea & 3) === 0; ${addLoaded} }`;
fusedLoad("i32x4.add_load", "i32x4.add_load", "abc", "offset", addFrom, plainAddress("c"));
for (const [name, width, body] of LOADS) access("load", { name, fields: "ab", width, from: D, body });
const alignedStore = each(4, (i) => `M32[i + ${i}] = R[s + ${i}];`);
const storeWords = each(4, (i) => STORE_4(`R[s + ${i}]`, `ea + ${4 * i}`));
access("store", { name: "v128.store", fields: "ab", width: 16, from: S, body: storeWords, aligned: alignedStore });
for (const [width, loadLaneValue, set, storeLane] of LANES) {
  const loadLane = `${loadLaneValue} ${storeFour(WORDS_OF_T)} ${set}`;
  const from = "const d = @address(a), t = @address(c);";
  const lane = { width, lane: true } as const;
  access("load", { name: `v128.load${8 * width}_lane`, fields: "abc", from, body: loadLane, ...lane });
  access("store", { name: `v128.store${8 * width}_lane`, fields: "ab", from: S, body: storeLane, ...lane });
}

// ---- All 128 bits ----
rows.unary("v128.not", "~x");
for (const [name, expression] of [
  ["and", "x & y"],
  ["andnot", "x & ~y"],
  ["or", "x | y"],
  ["xor", "x ^ y"],
] as const) {
  rows.binary(`v128.${name}`, expression);
}
rows.ternary(
  "v128.bitselect",
  each(4, (i) => `{ const y = R[t + ${i}]; R[d + ${i}] = y ^ (R[s + ${i}] ^ y) & R[u + ${i}]; }`),
);
rows.op("v128.any_true", "ab", `{ const s = @address(b); R[a] = (${WORDS_OF_S.join(" | ")}) !== 0 ? 1 : 0; }`);

const small = new SimdRows("simdSmall");
const large = new SimdRows("simdLarge");
writeIntegerLanes(small, large);

const ALL = [...rows.rows, ...small.rows, ...large.rows, ...FLOAT_ROWS];
const UNITS = ["simdSmall", "simdLarge", "simdFloat", "simd"];

/** All SIMD rows, unit by unit. */
export const SIMD_OPS: readonly RegisterOp[] = UNITS.flatMap((unit) => ALL.filter((row) => row.unit === unit));
