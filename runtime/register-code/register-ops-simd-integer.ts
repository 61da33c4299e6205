// Rows of the SIMD instructions on integer lanes: the units `simdSmall` (lanes of 8 and 16 bits) and
// `simdLarge` (the others, and those that make lanes of twice the width), but for common ones. Notation as in
// register-ops-simd-rows.ts. Small lanes are worked on four or two at a time, as packed words:
// LOW has every bit of each lane but the highest, HIGH the highest ones, `ones` the lowest ones.
import {
  COMPARE,
  D_S,
  D_S_T,
  each,
  type LaneWriter,
  S,
  storeFour,
  WIDEN,
  WORDS_OF_S,
  WORDS_OF_T,
} from "./register-ops-simd-rows.js";

/** Writes the instructions with lanes of 8 and 16 bits to `small`, the others to `large`. The compiler takes them, too. */
export function writeIntegerLanes(small: LaneWriter, large: LaneWriter): void {
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

    small.binary(`${shape}.add`, SUM);
    small.binary(`${shape}.sub`, DIFFERENCE);
    small.unary(`${shape}.neg`, `${HIGH} - (x & ${LOW}) ^ ~x & ${HIGH}`);
    small.unary(`${shape}.abs`, `(x ^ ${MASK}) + (k >>> ${bits - 1})`, `const k = x & ${HIGH}; `);

    // Comparisons: the highest bit of a lane of k says less (or nonzero), as of a borrow.
    const nonzero = `(e & ${LOW}) + ${LOW} | e`;
    small.binary(`${shape}.ne`, MASK, `const e = x ^ y, k = (${nonzero}) & ${HIGH}; `);
    const equal = (y: string) => `const e = x ^ ${y}, k = ~(${nonzero} | ${LOW}); `;
    small.binary(`${shape}.eq`, MASK, equal("y"), bits === 8 ? { constant: "i8x16.eq_k" } : {});
    if (bits === 8) {
      const word = (i: number) => `{ const x = R[s + ${i}]; ${equal(`$k${i}`)}R[d + ${i}] = ${MASK}; }`;
      small.withConstant("i8x16.eq_k", `{ ${D_S} ${each(4, word)} }`);
    }
    for (const sign of ["s", "u"]) {
      const less = (first: string, second: string) => {
        const flip = sign === "s" ? ` ^ ${HIGH}` : "";
        const difference = `((p | ${HIGH}) - (q & ${LOW}) ^ (p ^ ~q) & ${HIGH})`;
        return `const p = ${first}${flip}, q = ${second}${flip}, k = (~p & q | ~(p ^ q) & ${difference}) & ${HIGH}`;
      };
      small.binary(`${shape}.lt_${sign}`, MASK, `${less("x", "y")}; `);
      small.binary(`${shape}.gt_${sign}`, MASK, `${less("y", "x")}; `);
      small.binary(`${shape}.le_${sign}`, MASK, `${less("y", "x")} ^ ${HIGH}; `);
      small.binary(`${shape}.ge_${sign}`, MASK, `${less("x", "y")} ^ ${HIGH}; `);
      small.binary(`${shape}.min_${sign}`, `y ^ (x ^ y) & ${MASK}`, `${less("x", "y")}; `);
      small.binary(`${shape}.max_${sign}`, `x ^ (x ^ y) & ${MASK}`, `${less("x", "y")}; `);
    }

    // Saturation: k has the lanes that overflowed, `bound` what those become.
    const bound = `(${LOW} + (x >>> ${bits - 1} & ${ones}))`;
    const saturate = `r ^ (r ^ ${bound}) & ${MASK}`;
    small.binary(`${shape}.add_sat_s`, saturate, `const r = ${SUM}, k = ~(x ^ y) & (x ^ r) & ${HIGH}; `);
    small.binary(`${shape}.sub_sat_s`, saturate, `const r = ${DIFFERENCE}, k = (x ^ y) & (x ^ r) & ${HIGH}; `);
    small.binary(`${shape}.add_sat_u`, `r | ${MASK}`, `const r = ${SUM}, k = (x & y | (x | y) & ~r) & ${HIGH}; `);
    small.binary(
      `${shape}.sub_sat_u`,
      `r & ~(${MASK})`,
      `const r = ${DIFFERENCE}, k = (~x & y | ~(x ^ y) & r) & ${HIGH}; `,
    );
    small.binary(`${shape}.avgr_u`, `(x | y) - ((x ^ y) >>> 1 & ${LOW})`);

    // Shifts: k has the bits of each lane that a shifted word keeps.
    const full = 2 ** bits - 1;
    const count = (kept: string) => `const n = R[c] & ${bits - 1}, k = Math.imul(${kept}, ${ones});`;
    small.shift(`${shape}.shl`, count(`${full} << n & ${full}`), "x << n & k");
    small.shift(`${shape}.shr_u`, count(`${full} >>> n`), "x >>> n & k");
    const sign = `const e = x & ${HIGH}; `;
    small.shift(`${shape}.shr_s`, count(`${full} >>> n`), `x >>> n & k | (e << 1) - (e >>> ${bits - 1}) & ~k`, sign);

    const allNonzero = each(4, (i) => `{ const x = R[s + ${i}]; k = k & ${NONZERO}; }`);
    small.op(`${shape}.all_true`, "ab", `{ ${S} let k = ${HIGH}; ${allNonzero} R[a] = k === ${HIGH} ? 1 : 0; }`);
  }
  small.unary(
    "i8x16.popcnt",
    "p + (p >>> 4) & 0x0f0f0f0f",
    "const o = x - (x >>> 1 & 0x55555555) | 0, p = (o & 0x33333333) + (o >>> 2 & 0x33333333) | 0; ",
  );
  // The product gathers the bits 7, 15, 23 and 31 at the top, and those of another word, four lower each, below them.
  const gathered = (i: number) => `R[s + ${i + 1}] & -2139062144 | (R[s + ${i}] & -2139062144) >>> 4`;
  const bytes = [0, 2].map((i) => `Math.imul(${gathered(i)}, 0x204081) >>> 24`);
  small.op("i8x16.bitmask", "ab", `{ ${S} R[a] = ${bytes[0]} | ${bytes[1]} << 8; }`);
  const halves = [0, 1, 2, 3].map((i) => `(R[s + ${i}] >>> 15 & 1 | R[s + ${i}] >>> 30 & 2) << ${2 * i}`);
  small.op("i16x8.bitmask", "ab", `{ ${S} R[a] = ${halves.join(" | ")}; }`);
  small.binary("i16x8.mul", "V.mul16(x, y)");
  small.binary("i16x8.q15mulr_sat_s", "V.q15mulr(x, y)");
  for (const [name, f] of [
    ["i8x16.narrow_i16x8_s", "narrow16S"],
    ["i8x16.narrow_i16x8_u", "narrow16U"],
    ["i16x8.narrow_i32x4_s", "narrow32S"],
    ["i16x8.narrow_i32x4_u", "narrow32U"],
  ] as const) {
    const pair = (words: readonly string[]) => [`V.${f}(${words[0]}, ${words[1]})`, `V.${f}(${words[2]}, ${words[3]})`];
    small.op(name, "abc", `{ ${D_S_T} ${storeFour([...pair(WORDS_OF_S), ...pair(WORDS_OF_T)])} }`);
  }

  // ---- i32x4 ----
  for (const [name, o] of Object.entries(COMPARE)) {
    if (name === "eq" || name === "ne") large.binary(`i32x4.${name}`, `x ${o} y ? -1 : 0`);
    else {
      large.binary(`i32x4.${name}_s`, `x ${o} y ? -1 : 0`);
      large.binary(`i32x4.${name}_u`, `x >>> 0 ${o} y >>> 0 ? -1 : 0`);
    }
  }
  large.binary("i32x4.add", "x + y", "", { load: "i32x4.add_load" });
  large.binary("i32x4.sub", "x - y");
  large.binary("i32x4.mul", "Math.imul(x, y)");
  large.binary("i32x4.min_s", "x < y ? x : y");
  large.binary("i32x4.min_u", "x >>> 0 < y >>> 0 ? x : y");
  large.binary("i32x4.max_s", "x > y ? x : y");
  large.binary("i32x4.max_u", "x >>> 0 > y >>> 0 ? x : y");
  large.binary("i32x4.dot_i16x8_s", "V.dot16(x, y)");
  large.unary("i32x4.neg", "-x");
  large.unary("i32x4.abs", "x < 0 ? -x : x");
  large.shift("i32x4.shl", "const n = R[c];", "x << n");
  large.shift("i32x4.shr_s", "const n = R[c];", "x >> n");
  large.shift("i32x4.shr_u", "const n = R[c];", "x >>> n");
  const nonzero = WORDS_OF_S.map((word) => `${word} !== 0`).join(" && ");
  large.op("i32x4.all_true", "ab", `{ ${S} R[a] = ${nonzero} ? 1 : 0; }`);
  const signs = [0, 1, 2, 3].map((i) => `R[s + ${i}] >>> ${31 - i} & ${1 << i}`);
  large.op("i32x4.bitmask", "ab", `{ ${S} R[a] = ${signs.join(" | ")}; }`);

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
        large.op(`${shape}.extend_${half}_${from}_${sign}`, "ab", `{ ${D_S} ${storeFour(extended)} }`);
        const lanes = `const x = R[s + ${at}], e = R[s + ${at + 1}], y = R[t + ${at}], f = R[t + ${at + 1}];`;
        const product = (x: string, y: string) => {
          if (bits === "32")
            return [`Math.imul(${x}, ${y})`, `${sign === "s" ? "V.mulHighS" : "N.mulHighU"}(${x}, ${y})`];
          const multiply = bits === "8" ? "V.mul16" : "Math.imul";
          return widen(x).map((wide, i) => `${multiply}(${wide}, ${widen(y)[i]})`);
        };
        const products = storeFour([...product("x", "y"), ...product("e", "f")]);
        large.op(`${shape}.extmul_${half}_${from}_${sign}`, "abc", `{ ${D_S_T} ${lanes} ${products} }`);
      }
    }
  }
  large.unary("i16x8.extadd_pairwise_i8x16_s", "V.pairs8S(x)");
  large.unary("i16x8.extadd_pairwise_i8x16_u", "V.pairs8U(x)");
  large.unary("i32x4.extadd_pairwise_i16x8_s", "(x << 16 >> 16) + (x >> 16)");
  large.unary("i32x4.extadd_pairwise_i16x8_u", "(x & 65535) + (x >>> 16)");

  // ---- i64x2, as pairs of halves ----
  large.lanes64("i64x2.add", 2, "r", "xh + yh + (r >>> 0 < x >>> 0 ? 1 : 0)", "const r = x + y | 0; ");
  large.lanes64("i64x2.sub", 2, "x - y", "xh - yh - (x >>> 0 < y >>> 0 ? 1 : 0)");
  large.lanes64("i64x2.mul", 2, "Math.imul(x, y)", "N.mulHighU(x, y) + Math.imul(x, yh) + Math.imul(xh, y)");
  large.lanes64("i64x2.neg", 1, "-x", "-xh - (x !== 0 ? 1 : 0)");
  large.lanes64("i64x2.abs", 1, "xh < 0 ? -x : x", "xh < 0 ? -xh - (x !== 0 ? 1 : 0) : xh");
  for (const [name, o] of Object.entries(COMPARE)) {
    const strict = o.replace("<=", "<").replace(">=", ">");
    if (name === "eq") large.lanes64("i64x2.eq", 2, "k", "k", "const k = x === y && xh === yh ? -1 : 0; ");
    else if (name === "ne") large.lanes64("i64x2.ne", 2, "k", "k", "const k = x !== y || xh !== yh ? -1 : 0; ");
    else {
      const test = `(xh === yh ? x >>> 0 ${o} y >>> 0 : xh ${strict} yh)`;
      large.lanes64(`i64x2.${name}_s`, 2, "k", "k", `const k = ${test} ? -1 : 0; `);
    }
  }
  const COUNT_64 = "const n = R[c] & 63;";
  large.lanes64(
    "i64x2.shl",
    1,
    "n < 32 ? x << n : 0",
    "n === 0 ? xh : n < 32 ? xh << n | x >>> 32 - n : x << n - 32",
    "",
    COUNT_64,
  );
  large.lanes64(
    "i64x2.shr_u",
    1,
    "n === 0 ? x : n < 32 ? x >>> n | xh << 32 - n : xh >>> n - 32",
    "n < 32 ? xh >>> n : 0",
    "",
    COUNT_64,
  );
  large.lanes64(
    "i64x2.shr_s",
    1,
    "n === 0 ? x : n < 32 ? x >>> n | xh << 32 - n : xh >> n - 32",
    "n < 32 ? xh >> n : xh >> 31",
    "",
    COUNT_64,
  );
  large.op("i64x2.all_true", "ab", `{ ${S} R[a] = (R[s] | R[s + 1]) !== 0 && (R[s + 2] | R[s + 3]) !== 0 ? 1 : 0; }`);
  large.op("i64x2.bitmask", "ab", `{ ${S} R[a] = R[s + 1] >>> 31 | R[s + 3] >>> 30 & 2; }`);

  // ---- Relaxed dot products; the other relaxed operations are plain ones (lower-simd.ts) ----
  large.binary("i16x8.relaxed_dot_i8x16_i7x16_s", "V.dot8(x, y)");
  large.ternary(
    "i32x4.relaxed_dot_i8x16_i7x16_add_s",
    each(
      4,
      (i) => `{ const e = V.dot8(R[s + ${i}], R[t + ${i}]); R[d + ${i}] = (e << 16 >> 16) + (e >> 16) + R[u + ${i}]; }`,
    ),
  );
}
