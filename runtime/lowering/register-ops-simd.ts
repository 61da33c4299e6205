// Rows of the SIMD instructions: the unit `simd`. Notation as in register-ops.ts, and
//   d, s, t   first words in R of the v128s in fields a, b and c
//   x, y      a word, or a lane, of b and of c; xh and yh the high words of i64 lanes
//   n         a shift count; v and h the low and high word of a scalar
// Small integer lanes are worked on four or two at a time, as packed words: LOW has every bit of
// each lane but the highest, HIGH the highest ones, ONES the lowest ones. A result may be in the
// slot of an operand: what is still to be read there is never overwritten.
import { type RegisterOp, rowWriter } from "./register-op-rows.js";

const rows: RegisterOp[] = [];
const op = rowWriter(rows, "simd");

const D_S = "const d = @address(a), s = @address(b);";
const D_S_T = "const d = @address(a), s = @address(b), t = @address(c);";

/** `text` for each index below `count`. */
const each = (count: number, text: (i: number) => string) => Array.from({ length: count }, (_, i) => text(i)).join(" ");

// Rows that make each word of the result from the same words of the operands.
function unary(name: string, result: string, statements = ""): void {
  const word = (i: number) => `{ const x = R[s + ${i}]; ${statements}R[d + ${i}] = ${result}; }`;
  op(name, "ab", "", `{ ${D_S} ${each(4, word)} }`, "writes");
}
function binary(name: string, result: string, statements = ""): void {
  const word = (i: number) => `{ const x = R[s + ${i}], y = R[t + ${i}]; ${statements}R[d + ${i}] = ${result}; }`;
  op(name, "abc", "", `{ ${D_S_T} ${each(4, word)} }`, "writes");
}
/** As {@link unary}, with a shift count in c, of which `count` makes what all words need. */
function shift(name: string, count: string, result: string, statements = ""): void {
  const word = (i: number) => `{ const x = R[s + ${i}]; ${statements}R[d + ${i}] = ${result}; }`;
  op(name, "abc", "", `{ ${D_S} ${count} ${each(4, word)} }`, "writes");
}

/** Stores four words, all of which are computed before. */
function storeFour(results: readonly string[]): string {
  const values = results.map((result, i) => `w${i} = ${result}`).join(", ");
  return `const ${values}; ${each(4, (i) => `R[d + ${i}] = w${i};`)}`;
}
const WORDS_OF_S = [0, 1, 2, 3].map((i) => `R[s + ${i}]`);
const WORDS_OF_T = [0, 1, 2, 3].map((i) => `R[t + ${i}]`);

// ---- Constants and lanes ----
const constant = each(4, (i) => `R[d + ${i}] = $k${i};`);
op("v128.const", "a", "k0 k1 k2 k3", `{ const d = @address(a); ${constant} }`, "writes");

const allFour = (word: string) => each(4, (i) => `R[d + ${i}] = ${word};`);
const SPLATS = {
  8: `const k = Math.imul(v & 255, 0x01010101); ${allFour("k")}`,
  16: `const k = v & 65535 | v << 16; ${allFour("k")}`,
  32: allFour("v"),
  64: "R[d] = v; R[d + 1] = h; R[d + 2] = v; R[d + 3] = h;",
} as const;
op("i8x16.splat", "ab", "", `{ const d = @address(a), v = R[b]; ${SPLATS[8]} }`, "writes");
op("i16x8.splat", "ab", "", `{ const d = @address(a), v = R[b]; ${SPLATS[16]} }`, "writes");
op("i32x4.splat", "ab", "", `{ const d = @address(a), v = R[b]; ${SPLATS[32]} }`, "writes");
op("i64x2.splat", "ab", "", `{ const d = @address(a), v = R[b], h = H[b]; ${SPLATS[64]} }`, "writes");

op("i8x16.extract_lane_s", "ab", "lane", "R[a] = R8s[(@address(b) << 2) + $lane];");
op("i8x16.extract_lane_u", "ab", "lane", "R[a] = R8[(@address(b) << 2) + $lane];");
op("i16x8.extract_lane_s", "ab", "lane", "R[a] = R16s[(@address(b) << 1) + $lane];");
op("i16x8.extract_lane_u", "ab", "lane", "R[a] = R16[(@address(b) << 1) + $lane];");
op("i32x4.extract_lane", "ab", "lane", "R[a] = R[@address(b) + $lane];");
op(
  "i64x2.extract_lane",
  "ab",
  "lane",
  "{ const i = @address(b) + ($lane << 1), v = R[i], h = R[i + 1]; R[a] = v; H[a] = h; }",
);
/** Puts `v` (and `h`) in a lane of the result. */
const SET_LANE = {
  8: "R8[(d << 2) + $lane] = v;",
  16: "R16[(d << 1) + $lane] = v;",
  32: "R[d + $lane] = v;",
  64: "const i = d + ($lane << 1); R[i] = v; R[i + 1] = h;",
} as const;
for (const [shape, bits] of [
  ["i8x16", 8],
  ["i16x8", 16],
  ["i32x4", 32],
  ["i64x2", 64],
] as const) {
  const scalar = bits === 64 ? "v = R[c], h = H[c]" : "v = R[c]";
  const replace = `{ ${D_S} const ${scalar}; ${storeFour(WORDS_OF_S)} ${SET_LANE[bits]} }`;
  op(`${shape}.replace_lane`, "abc", "lane", replace, "writes");
}
const swizzled = [0, 1, 2, 3].map((i) => `V.swizzle(R8, s << 2, R[t + ${i}])`);
op("i8x16.swizzle", "abc", "", `{ ${D_S_T} ${storeFour(swizzled)} }`, "writes");
const shuffled = [0, 1, 2, 3].map((i) => `V.shuffle(R8, s << 2, t << 2, $lanes${i})`);
op("i8x16.shuffle", "abc", "lanes0 lanes1 lanes2 lanes3", `{ ${D_S_T} ${storeFour(shuffled)} }`, "writes");

/** A word's lanes, extended to two words: those of the lower half and those of the upper half. */
const WIDEN: Readonly<Record<string, (word: string) => readonly [string, string]>> = {
  "8_s": (word) => [`V.widen8S(${word})`, `V.widen8S(${word} >>> 16)`],
  "8_u": (word) => [`V.widen8U(${word})`, `V.widen8U(${word} >>> 16)`],
  "16_s": (word) => [`${word} << 16 >> 16`, `${word} >> 16`],
  "16_u": (word) => [`${word} & 65535`, `${word} >>> 16`],
  "32_s": (word) => [word, `${word} >> 31`],
  "32_u": (word) => [word, "0"],
};

// ---- Memory. Plain forms reach memory 0 by 32-bit addresses, `.any` forms every memory. ----
const loadWords = (count: number) => Array.from({ length: count }, (_, i) => `load32(M8, ea + ${4 * i})`);
const LOADS: [name: string, width: number, body: string][] = [
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
/** An access with its address in `field`; `aligned` is the plain form's way with words of memory. */
function access(
  name: string,
  fields: string,
  field: "a" | "b",
  width: number,
  from: string,
  body: string,
  flags: string,
  extra = "",
  aligned = "",
): void {
  // Beyond 2^31 the address is a double: slower, and as right.
  const near = `const p = R[${field}]; let ea = p + $offset | 0; if ((p | ea) < 0 || ea > memoryBytes - ${width}) { ea = farAddress(m, p, $offset, ${width}); ${OUT_OF_BOUNDS} }`;
  const any = `const mem = m.memoryAt($memory), ea = effectiveAddress(mem, R[${field}], H[${field}], $memory, $offset, $high, ${width}); ${OUT_OF_BOUNDS}`;
  const plain = aligned === "" ? body : `if ((ea & 3) === 0) { const i = ea >>> 2; ${aligned} } else { ${body} }`;
  op(name, fields, `offset${extra}`, `{ ${near} ${from} ${plain} }`, flags);
  const general = body.replace(/\bM8\b/g, "mem.u8");
  op(`${name}.any`, fields, `memory offset high${extra}`, `{ ${any} ${from} ${general} }`, flags);
}
const D = "const d = @address(a);";
const S = "const s = @address(b);";
const alignedLoad = each(4, (i) => `R[d + ${i}] = M32[i + ${i}];`);
access("v128.load", "ab", "b", 16, D, storeFour(loadWords(4)), "writes", "", alignedLoad);
for (const [name, width, body] of LOADS) access(name, "ab", "b", width, D, body, "writes");
const alignedStore = each(4, (i) => `M32[i + ${i}] = R[s + ${i}];`);
const store = each(4, (i) => STORE_4(`R[s + ${i}]`, `ea + ${4 * i}`));
access("v128.store", "ab", "a", 16, S, store, "sink", "", alignedStore);
for (const [width, load, set, storeLane] of LANES) {
  const loadLane = `${load} ${storeFour(WORDS_OF_T)} ${set}`;
  const from = "const d = @address(a), t = @address(c);";
  access(`v128.load${8 * width}_lane`, "abc", "b", width, from, loadLane, "writes", " lane");
  access(`v128.store${8 * width}_lane`, "ab", "a", width, S, storeLane, "sink", " lane");
}

// ---- All 128 bits ----
unary("v128.not", "~x");
for (const [name, expression] of [
  ["and", "x & y"],
  ["andnot", "x & ~y"],
  ["or", "x | y"],
  ["xor", "x ^ y"],
] as const) {
  binary(`v128.${name}`, expression);
}
// `third`: the slot of the third operand, in words.
const ternary = (name: string, body: string) =>
  op(name, "abc", "third", `{ ${D_S_T} const u = fp + $third; ${body} }`, "writes");
ternary(
  "v128.bitselect",
  each(4, (i) => `{ const y = R[t + ${i}]; R[d + ${i}] = y ^ (R[s + ${i}] ^ y) & R[u + ${i}]; }`),
);
op("v128.any_true", "ab", "", `{ const s = @address(b); R[a] = (${WORDS_OF_S.join(" | ")}) !== 0 ? 1 : 0; }`);

// ---- i8x16 and i16x8 ----
for (const [shape, bits] of [
  ["i8x16", 8],
  ["i16x8", 16],
] as const) {
  const ones = bits === 8 ? 0x01010101 : 0x00010001;
  const HIGH = (ones << (bits - 1)) | 0;
  const LOW = ~HIGH;
  /** All bits of the lanes whose highest bit is set in `k`, which has no other. */
  const MASK = `(k << 1) - (k >>> ${bits - 1})`;
  const SUM = `((x & ${LOW}) + (y & ${LOW}) ^ (x ^ y) & ${HIGH})`;
  const DIFFERENCE = `((x | ${HIGH}) - (y & ${LOW}) ^ (x ^ ~y) & ${HIGH})`;
  const NONZERO = `((x & ${LOW}) + ${LOW} | x)`;

  binary(`${shape}.add`, SUM);
  binary(`${shape}.sub`, DIFFERENCE);
  unary(`${shape}.neg`, `${HIGH} - (x & ${LOW}) ^ ~x & ${HIGH}`);
  unary(`${shape}.abs`, `(x ^ ${MASK}) + (k >>> ${bits - 1})`, `const k = x & ${HIGH}; `);

  // Comparisons: the highest bit of a lane of k says less (or nonzero), as of a borrow.
  const different = `const e = x ^ y, k = ((e & ${LOW}) + ${LOW} | e) & ${HIGH}`;
  binary(`${shape}.ne`, MASK, `${different}; `);
  binary(`${shape}.eq`, MASK, `${different} ^ ${HIGH}; `);
  for (const sign of ["s", "u"]) {
    const less = (first: string, second: string) => {
      const flip = sign === "s" ? ` ^ ${HIGH}` : "";
      const difference = `((p | ${HIGH}) - (q & ${LOW}) ^ (p ^ ~q) & ${HIGH})`;
      return `const p = ${first}${flip}, q = ${second}${flip}, k = (~p & q | ~(p ^ q) & ${difference}) & ${HIGH}`;
    };
    binary(`${shape}.lt_${sign}`, MASK, `${less("x", "y")}; `);
    binary(`${shape}.gt_${sign}`, MASK, `${less("y", "x")}; `);
    binary(`${shape}.le_${sign}`, MASK, `${less("y", "x")} ^ ${HIGH}; `);
    binary(`${shape}.ge_${sign}`, MASK, `${less("x", "y")} ^ ${HIGH}; `);
    binary(`${shape}.min_${sign}`, `y ^ (x ^ y) & ${MASK}`, `${less("x", "y")}; `);
    binary(`${shape}.max_${sign}`, `x ^ (x ^ y) & ${MASK}`, `${less("x", "y")}; `);
  }

  // Saturation: k has the lanes that overflowed, `bound` what those become.
  const bound = `(${LOW} + (x >>> ${bits - 1} & ${ones}))`;
  const saturate = `r ^ (r ^ ${bound}) & ${MASK}`;
  binary(`${shape}.add_sat_s`, saturate, `const r = ${SUM}, k = ~(x ^ y) & (x ^ r) & ${HIGH}; `);
  binary(`${shape}.sub_sat_s`, saturate, `const r = ${DIFFERENCE}, k = (x ^ y) & (x ^ r) & ${HIGH}; `);
  binary(`${shape}.add_sat_u`, `r | ${MASK}`, `const r = ${SUM}, k = (x & y | (x | y) & ~r) & ${HIGH}; `);
  binary(`${shape}.sub_sat_u`, `r & ~(${MASK})`, `const r = ${DIFFERENCE}, k = (~x & y | ~(x ^ y) & r) & ${HIGH}; `);
  binary(`${shape}.avgr_u`, `(x | y) - ((x ^ y) >>> 1 & ${LOW})`);

  // Shifts: k has the bits of each lane that a shifted word keeps.
  const full = 2 ** bits - 1;
  const count = (kept: string) => `const n = R[c] & ${bits - 1}, k = Math.imul(${kept}, ${ones});`;
  shift(`${shape}.shl`, count(`${full} << n & ${full}`), "x << n & k");
  shift(`${shape}.shr_u`, count(`${full} >>> n`), "x >>> n & k");
  const sign = `const e = x & ${HIGH}; `;
  shift(`${shape}.shr_s`, count(`${full} >>> n`), `x >>> n & k | (e << 1) - (e >>> ${bits - 1}) & ~k`, sign);

  const nonzero = each(4, (i) => `{ const x = R[s + ${i}]; k = k & ${NONZERO}; }`);
  op(`${shape}.all_true`, "ab", "", `{ ${S} let k = ${HIGH}; ${nonzero} R[a] = k === ${HIGH} ? 1 : 0; }`);
}
unary(
  "i8x16.popcnt",
  "p + (p >>> 4) & 0x0f0f0f0f",
  "const o = x - (x >>> 1 & 0x55555555) | 0, p = (o & 0x33333333) + (o >>> 2 & 0x33333333) | 0; ",
);
// The product gathers the bits 7, 15, 23 and 31 at the top.
const gathered = [0, 1, 2, 3].map((i) => `Math.imul(R[s + ${i}] & -2139062144, 0x204081) >>> 28 << ${4 * i}`);
op("i8x16.bitmask", "ab", "", `{ ${S} R[a] = ${gathered.join(" | ")}; }`);
const halves = [0, 1, 2, 3].map((i) => `(R[s + ${i}] >>> 15 & 1 | R[s + ${i}] >>> 30 & 2) << ${2 * i}`);
op("i16x8.bitmask", "ab", "", `{ ${S} R[a] = ${halves.join(" | ")}; }`);
binary("i16x8.mul", "V.mul16(x, y)");
binary("i16x8.q15mulr_sat_s", "V.q15mulr(x, y)");
for (const [name, f] of [
  ["i8x16.narrow_i16x8_s", "narrow16S"],
  ["i8x16.narrow_i16x8_u", "narrow16U"],
  ["i16x8.narrow_i32x4_s", "narrow32S"],
  ["i16x8.narrow_i32x4_u", "narrow32U"],
] as const) {
  const pair = (words: readonly string[]) => [`V.${f}(${words[0]}, ${words[1]})`, `V.${f}(${words[2]}, ${words[3]})`];
  op(name, "abc", "", `{ ${D_S_T} ${storeFour([...pair(WORDS_OF_S), ...pair(WORDS_OF_T)])} }`, "writes");
}

// ---- i32x4 ----
const COMPARE = { eq: "===", ne: "!==", lt: "<", gt: ">", le: "<=", ge: ">=" } as const;
for (const [name, o] of Object.entries(COMPARE)) {
  if (name === "eq" || name === "ne") binary(`i32x4.${name}`, `x ${o} y ? -1 : 0`);
  else {
    binary(`i32x4.${name}_s`, `x ${o} y ? -1 : 0`);
    binary(`i32x4.${name}_u`, `x >>> 0 ${o} y >>> 0 ? -1 : 0`);
  }
}
binary("i32x4.add", "x + y");
binary("i32x4.sub", "x - y");
binary("i32x4.mul", "Math.imul(x, y)");
binary("i32x4.min_s", "x < y ? x : y");
binary("i32x4.min_u", "x >>> 0 < y >>> 0 ? x : y");
binary("i32x4.max_s", "x > y ? x : y");
binary("i32x4.max_u", "x >>> 0 > y >>> 0 ? x : y");
binary("i32x4.dot_i16x8_s", "V.dot16(x, y)");
unary("i32x4.neg", "-x");
unary("i32x4.abs", "x < 0 ? -x : x");
shift("i32x4.shl", "const n = R[c];", "x << n");
shift("i32x4.shr_s", "const n = R[c];", "x >> n");
shift("i32x4.shr_u", "const n = R[c];", "x >>> n");
const nonzero = WORDS_OF_S.map((word) => `${word} !== 0`).join(" && ");
op("i32x4.all_true", "ab", "", `{ ${S} R[a] = ${nonzero} ? 1 : 0; }`);
const signs = [0, 1, 2, 3].map((i) => `R[s + ${i}] >>> ${31 - i} & ${1 << i}`);
op("i32x4.bitmask", "ab", "", `{ ${S} R[a] = ${signs.join(" | ")}; }`);

// ---- Lanes of twice the width: extension, products, sums of pairs ----
const WIDER = [
  ["i16x8", "i8x16", "8"],
  ["i32x4", "i16x8", "16"],
  ["i64x2", "i32x4", "32"],
] as const;
for (const [shape, from, bits] of WIDER) {
  for (const sign of ["s", "u"]) {
    const widen = WIDEN[`${bits}_${sign}`]!;
    for (const [half, at] of [
      ["low", 0],
      ["high", 2],
    ] as const) {
      const extended = [...widen(`R[s + ${at}]`), ...widen(`R[s + ${at + 1}]`)];
      op(`${shape}.extend_${half}_${from}_${sign}`, "ab", "", `{ ${D_S} ${storeFour(extended)} }`, "writes");
      const lanes = `const x = R[s + ${at}], e = R[s + ${at + 1}], y = R[t + ${at}], f = R[t + ${at + 1}];`;
      const product = (x: string, y: string) => {
        if (bits === "32")
          return [`Math.imul(${x}, ${y})`, `${sign === "s" ? "V.mulHighS" : "N.mulHighU"}(${x}, ${y})`];
        const multiply = bits === "8" ? "V.mul16" : "Math.imul";
        return widen(x).map((wide, i) => `${multiply}(${wide}, ${widen(y)[i]})`);
      };
      const products = storeFour([...product("x", "y"), ...product("e", "f")]);
      op(`${shape}.extmul_${half}_${from}_${sign}`, "abc", "", `{ ${D_S_T} ${lanes} ${products} }`, "writes");
    }
  }
}
unary("i16x8.extadd_pairwise_i8x16_s", "V.pairs8S(x)");
unary("i16x8.extadd_pairwise_i8x16_u", "V.pairs8U(x)");
unary("i32x4.extadd_pairwise_i16x8_s", "(x << 16 >> 16) + (x >> 16)");
unary("i32x4.extadd_pairwise_i16x8_u", "(x & 65535) + (x >>> 16)");

// ---- i64x2, as pairs of halves ----
/** Each lane of the result from the same lanes of the operands: its low and its high word. */
function lanes64(name: string, operands: 1 | 2, low: string, high: string, statements = "", from = ""): void {
  const read = (i: number) =>
    `x = R[s + ${2 * i}], xh = R[s + ${2 * i + 1}]${operands === 2 ? `, y = R[t + ${2 * i}], yh = R[t + ${2 * i + 1}]` : ""}`;
  const lane = (i: number) =>
    `{ const ${read(i)}; ${statements}R[d + ${2 * i}] = ${low}; R[d + ${2 * i + 1}] = ${high}; }`;
  const fields = operands === 2 || from !== "" ? "abc" : "ab";
  op(name, fields, "", `{ ${operands === 2 ? D_S_T : D_S} ${from} ${each(2, lane)} }`, "writes");
}
lanes64("i64x2.add", 2, "r", "xh + yh + (r >>> 0 < x >>> 0 ? 1 : 0)", "const r = x + y | 0; ");
lanes64("i64x2.sub", 2, "x - y", "xh - yh - (x >>> 0 < y >>> 0 ? 1 : 0)");
lanes64("i64x2.mul", 2, "Math.imul(x, y)", "N.mulHighU(x, y) + Math.imul(x, yh) + Math.imul(xh, y)");
lanes64("i64x2.neg", 1, "-x", "-xh - (x !== 0 ? 1 : 0)");
lanes64("i64x2.abs", 1, "xh < 0 ? -x : x", "xh < 0 ? -xh - (x !== 0 ? 1 : 0) : xh");
for (const [name, o] of Object.entries(COMPARE)) {
  const strict = o.replace("<=", "<").replace(">=", ">");
  if (name === "eq") lanes64("i64x2.eq", 2, "k", "k", "const k = x === y && xh === yh ? -1 : 0; ");
  else if (name === "ne") lanes64("i64x2.ne", 2, "k", "k", "const k = x !== y || xh !== yh ? -1 : 0; ");
  else {
    const test = `(xh === yh ? x >>> 0 ${o} y >>> 0 : xh ${strict} yh)`;
    lanes64(`i64x2.${name}_s`, 2, "k", "k", `const k = ${test} ? -1 : 0; `);
  }
}
const COUNT_64 = "const n = R[c] & 63;";
lanes64(
  "i64x2.shl",
  1,
  "n < 32 ? x << n : 0",
  "n === 0 ? xh : n < 32 ? xh << n | x >>> 32 - n : x << n - 32",
  "",
  COUNT_64,
);
lanes64(
  "i64x2.shr_u",
  1,
  "n === 0 ? x : n < 32 ? x >>> n | xh << 32 - n : xh >>> n - 32",
  "n < 32 ? xh >>> n : 0",
  "",
  COUNT_64,
);
lanes64(
  "i64x2.shr_s",
  1,
  "n === 0 ? x : n < 32 ? x >>> n | xh << 32 - n : xh >> n - 32",
  "n < 32 ? xh >> n : xh >> 31",
  "",
  COUNT_64,
);
op("i64x2.all_true", "ab", "", `{ ${S} R[a] = (R[s] | R[s + 1]) !== 0 && (R[s + 2] | R[s + 3]) !== 0 ? 1 : 0; }`);
op("i64x2.bitmask", "ab", "", `{ ${S} R[a] = R[s + 1] >>> 31 | R[s + 3] >>> 30 & 2; }`);

// ---- Floats. Reading or storing a lane of S or D is a conversion: NaNs move as words of R. ----
const F32_NAN = 2143289344;
const F64_NAN_HIGH = 2146959360;
/** Stores an arithmetic result in a lane; any NaN becomes the canonical one. */
const toF32 = (i: number, value: string) =>
  `{ const v = ${value}; if (v === v) S[d + ${i}] = v; else R[d + ${i}] = ${F32_NAN}; }`;
const toF64 = (i: number, value: string) =>
  `{ const v = ${value}; if (v === v) D[(d >> 1) + ${i}] = v; else { R[d + ${2 * i}] = 0; R[d + ${2 * i + 1}] = ${F64_NAN_HIGH}; } }`;
const f32 = (word: string, i: number) => `S[${word} + ${i}]`;
const f64 = (word: string, i: number) => `D[(${word} >> 1) + ${i}]`;

for (const [shape, lanes, lane, to] of [
  ["f32x4", 4, f32, toF32],
  ["f64x2", 2, f64, toF64],
] as const) {
  const lanesOf = (name: string, result: (x: string, y: string) => string) =>
    op(name, "abc", "", `{ ${D_S_T} ${each(lanes, (i) => to(i, result(lane("s", i), lane("t", i))))} }`, "writes");
  for (const [name, o] of [
    ["add", "+"],
    ["sub", "-"],
    ["mul", "*"],
    ["div", "/"],
  ] as const) {
    lanesOf(`${shape}.${name}`, (x, y) => `${x} ${o} ${y}`);
  }
  for (const name of ["min", "max"]) lanesOf(`${shape}.${name}`, (x, y) => `Math.${name}(${x}, ${y})`);
  for (const name of ["ceil", "floor", "trunc", "sqrt", "nearest"]) {
    const f = name === "nearest" ? "N.nearest" : `Math.${name}`;
    op(`${shape}.${name}`, "ab", "", `{ ${D_S} ${each(lanes, (i) => to(i, `${f}(${lane("s", i)})`))} }`, "writes");
  }
  for (const [name, o] of Object.entries(COMPARE)) {
    const store = (i: number) => (lanes === 4 ? `R[d + ${i}] = k;` : `R[d + ${2 * i}] = k; R[d + ${2 * i + 1}] = k;`);
    const compared = (i: number) => `{ const k = ${lane("s", i)} ${o} ${lane("t", i)} ? -1 : 0; ${store(i)} }`;
    op(`${shape}.${name}`, "abc", "", `{ ${D_S_T} ${each(lanes, compared)} }`, "writes");
  }
  // The second operand if it is the less (or the greater), else the first: bits, not arithmetic.
  for (const [name, o] of [
    ["pmin", "<"],
    ["pmax", ">"],
  ] as const) {
    const move =
      lanes === 4
        ? (i: number) => `R[d + ${i}] = R[e + ${i}];`
        : (i: number) =>
            `const v = R[e + ${2 * i}], h = R[e + ${2 * i + 1}]; R[d + ${2 * i}] = v; R[d + ${2 * i + 1}] = h;`;
    const chosen = (i: number) => `{ const e = ${lane("t", i)} ${o} ${lane("s", i)} ? t : s; ${move(i)} }`;
    op(`${shape}.${name}`, "abc", "", `{ ${D_S_T} ${each(lanes, chosen)} }`, "writes");
  }
  // Two roundings: the deterministic profile's choice.
  for (const [name, sign] of [
    ["relaxed_madd", ""],
    ["relaxed_nmadd", "-"],
  ]) {
    const product = (i: number) => `${sign}${lane("s", i)} * ${lane("t", i)}`;
    const rounded = (i: number) => (lanes === 4 ? `Math.fround(${product(i)})` : product(i));
    ternary(
      `${shape}.${name}`,
      each(lanes, (i) => to(i, `${rounded(i)} + ${lane("u", i)}`)),
    );
  }
}
unary("f32x4.abs", "x & 0x7fffffff");
unary("f32x4.neg", "x ^ -2147483648");
lanes64("f64x2.abs", 1, "x", "xh & 0x7fffffff");
lanes64("f64x2.neg", 1, "x", "xh ^ -2147483648");

// ---- Conversions ----
const eachF32 = (name: string, text: (i: number) => string) =>
  op(name, "ab", "", `{ ${D_S} ${each(4, text)} }`, "writes");
eachF32("f32x4.convert_i32x4_s", (i) => `S[d + ${i}] = R[s + ${i}];`);
eachF32("f32x4.convert_i32x4_u", (i) => `S[d + ${i}] = R[s + ${i}] >>> 0;`);
for (const sign of ["s", "u"]) {
  const truncate = `N.i32TruncSat${sign.toUpperCase()}`;
  eachF32(`i32x4.trunc_sat_f32x4_${sign}`, (i) => `R[d + ${i}] = ${truncate}(S[s + ${i}]);`);
  const truncated = storeFour([`${truncate}(${f64("s", 0)})`, `${truncate}(${f64("s", 1)})`, "0", "0"]);
  op(`i32x4.trunc_sat_f64x2_${sign}_zero`, "ab", "", `{ ${D_S} ${truncated} }`, "writes");
  const lanes = sign === "s" ? "x = R[s], y = R[s + 1]" : "x = R[s] >>> 0, y = R[s + 1] >>> 0";
  op(
    `f64x2.convert_low_i32x4_${sign}`,
    "ab",
    "",
    `{ ${D_S} const ${lanes}; D[d >> 1] = x; D[(d >> 1) + 1] = y; }`,
    "writes",
  );
}
const demoted = `const x = ${f64("s", 0)}, y = ${f64("s", 1)}; ${toF32(0, "x")} ${toF32(1, "y")} R[d + 2] = 0; R[d + 3] = 0;`;
op("f32x4.demote_f64x2_zero", "ab", "", `{ ${D_S} ${demoted} }`, "writes");
const promoted = `const x = ${f32("s", 0)}, y = ${f32("s", 1)}; ${toF64(0, "x")} ${toF64(1, "y")}`;
op("f64x2.promote_low_f32x4", "ab", "", `{ ${D_S} ${promoted} }`, "writes");

// ---- Relaxed dot products; the other relaxed operations are plain ones (lower-simd.ts) ----
binary("i16x8.relaxed_dot_i8x16_i7x16_s", "V.dot8(x, y)");
ternary(
  "i32x4.relaxed_dot_i8x16_i7x16_add_s",
  each(
    4,
    (i) => `{ const e = V.dot8(R[s + ${i}], R[t + ${i}]); R[d + ${i}] = (e << 16 >> 16) + (e >> 16) + R[u + ${i}]; }`,
  ),
);

export const SIMD_OPS: readonly RegisterOp[] = rows;
