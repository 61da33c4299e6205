// What the rows of SIMD instructions share. Notation as in register-ops.ts, and
//   d, s, t, u   first words in R of the v128s in fields a, b and c, and in the word `third`
//   x, y         a word, or a lane, of b and of c; xh and yh the high words of i64 lanes
//   n            a shift count; v and h the low and high word of a scalar
// A result may be in the slot of an operand: what is still to be read there is never overwritten.
import type { Kind } from "./register-op-layout.js";
import { type RegisterOp, type RowWriter, type RowWriters, rowWriters, type Unit } from "./register-op-rows.js";

export const D = "const d = @address(a);";
export const S = "const s = @address(b);";
export const D_S = "const d = @address(a), s = @address(b);";
export const D_S_T = "const d = @address(a), s = @address(b), t = @address(c);";

/** `text` for each index below `count`. */
export const each = (count: number, text: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => text(i)).join(" ");

/** Above this many characters a word's code is repeated by a loop: bytecode is scarcer than time. */
const LONG_WORD = 130;
/** Reads words I of the operands, and stores `result` as word I, for each I. */
function eachWord(reads: string, statements: string, result: string): string {
  const word = (i: string) => `{ const ${reads}; ${statements}R[d + I] = ${result}; }`.replaceAll("+ I]", `+ ${i}]`);
  if (statements.length + result.length < LONG_WORD) return each(4, (i) => word(String(i)));
  return `for (let i = 0; i < 4; i = i + 1 | 0) ${word("i")}`;
}

/** Stores four words, all of which are computed before. */
export function storeFour(results: readonly string[]): string {
  const values = results.map((result, i) => `w${i} = ${result}`).join(", ");
  return `const ${values}; ${each(4, (i) => `R[d + ${i}] = w${i};`)}`;
}
export const WORDS_OF_S = [0, 1, 2, 3].map((i) => `R[s + ${i}]`);
export const WORDS_OF_T = [0, 1, 2, 3].map((i) => `R[t + ${i}]`);

export const COMPARE = { eq: "===", ne: "!==", lt: "<", gt: ">", le: "<=", ge: ">=" } as const;

/** A word's lanes, extended to two words: those of the lower half and those of the upper half. */
export const WIDEN: Readonly<Record<string, (word: string) => readonly [string, string]>> = {
  "8_s": (word) => [`V.widen8S(${word})`, `V.widen8S(${word} >>> 16)`],
  "8_u": (word) => [`V.widen8U(${word})`, `V.widen8U(${word} >>> 16)`],
  "16_s": (word) => [`${word} << 16 >> 16`, `${word} >> 16`],
  "16_u": (word) => [`${word} & 65535`, `${word} >>> 16`],
  "32_s": (word) => [word, `${word} >> 31`],
  "32_u": (word) => [word, "0"],
};

/**
 * What programs with vectors spend their time on: the unit `simd`, whose narrow form is a loop of
 * its own (generate-dispatch.ts). As many as 55,000 bytes of bytecode have room for.
 */
const COMMON = new Set(
  `move_128 select_128 i32.popcnt v128.const v128.not v128.and v128.andnot v128.or v128.xor v128.bitselect
   v128.any_true v128.load v128.load_add_k v128.load_add v128.store v128.load8_splat v128.load32_splat
   v128.load32_zero v128.load64_zero i8x16.shuffle i32x4.shuffle i8x16.swizzle i8x16.splat i8x16.extract_lane_s
   i8x16.extract_lane_u i8x16.replace_lane i16x8.splat i16x8.extract_lane_s i16x8.extract_lane_u i16x8.replace_lane
   i32x4.splat i32x4.extract_lane i32x4.replace_lane i64x2.splat i64x2.extract_lane i64x2.replace_lane i8x16.add
   i8x16.sub i8x16.eq i8x16.eq_k i8x16.lt_u i8x16.gt_s i8x16.min_u i8x16.max_u i8x16.all_true i8x16.bitmask
   i8x16.shr_u i16x8.add i16x8.sub i16x8.mul i16x8.eq i16x8.shl i16x8.shr_s i16x8.shr_u i8x16.narrow_i16x8_u
   i16x8.extend_low_i8x16_s i16x8.extend_high_i8x16_s i16x8.extend_low_i8x16_u i16x8.extend_high_i8x16_u i32x4.add
   i32x4.add_load i32x4.sub i32x4.mul i32x4.eq i32x4.lt_s i32x4.gt_s i32x4.min_s i32x4.max_s i32x4.dot_i16x8_s
   i32x4.shl i32x4.shr_s i32x4.shr_u i32x4.all_true i32x4.bitmask i64x2.add f32x4.add f32x4.sub f32x4.mul f32x4.div
   f32x4.min f32x4.max f32x4.sqrt f32x4.eq f32x4.lt f32x4.gt f32x4.convert_i32x4_s i32x4.trunc_sat_f32x4_s
   f64x2.add f64x2.sub f64x2.mul f64x2.div`.split(/\s+/),
);

/** What takes the instructions on integer lanes: for the texts see {@link SimdRows}. */
export interface LaneWriter {
  op(name: string, fields: "ab" | "abc", body: string): void;
  unary(name: string, result: string, statements?: string): void;
  binary(name: string, result: string, statements?: string, forms?: BinaryForms): void;
  /** The form of i8x16.eq whose second operand is a constant. */
  withConstant(name: string, body: string): void;
  shift(name: string, count: string, result: string, statements?: string): void;
  ternary(name: string, body: string): void;
  lanes64(name: string, operands: 1 | 2, low: string, high: string, statements?: string, count?: string): void;
}

/** Writers of rows: of the unit `simd` if they are common, else of the unit that is given. */
export class SimdRows implements LaneWriter {
  readonly rows: RegisterOp[] = [];
  readonly load: RowWriter<"load">;
  readonly store: RowWriter<"store">;
  readonly value: RowWriter<"value">;
  readonly binaryForm: RowWriter<"binary">;

  constructor(unit: Exclude<Unit, "dispatch">) {
    const rare = rowWriters(this.rows, unit);
    const common = rowWriters(this.rows, "simd");
    const of = <K extends Kind>(kind: K): RowWriter<K> => {
      return (name, fields, words, body, says) =>
        ((COMMON.has(name) ? common : rare) as RowWriters)[kind](
          name,
          fields,
          words,
          body.replaceAll(" + 0]", "]"),
          says,
        );
    };
    this.load = of("load");
    this.store = of("store");
    this.value = of("value");
    this.binaryForm = of("binary");
  }

  /** A result of one vector or more, by `fields`: "ab" is one. */
  op(name: string, fields: "ab" | "abc", body: string, words = ""): void {
    this.value(name, fields, words, body, { takes: "v128" });
  }
  /** Each word of the result from the same word of the operand. */
  unary(name: string, result: string, statements = ""): void {
    this.op(name, "ab", `{ ${D_S} ${eachWord("x = R[s + I]", statements, result)} }`);
  }
  /** The same of two operands. */
  binary(name: string, result: string, statements = "", forms: BinaryForms = {}): void {
    this.binaryForm(name, "abc", "", `{ ${D_S_T} ${eachWord("x = R[s + I], y = R[t + I]", statements, result)} }`, {
      takes: "v128",
      branch: null,
      swapped: null,
      constant: null,
      load: null,
      ...forms,
    });
  }
  withConstant(name: string, body: string): void {
    this.value(name, "ab", "k0 k1 k2 k3", body, { takes: "v128", narrow: true });
  }
  /** As {@link unary}, with a shift count in c, of which `count` makes what all words need. */
  shift(name: string, count: string, result: string, statements = ""): void {
    this.op(name, "abc", `{ ${D_S} ${count} ${eachWord("x = R[s + I]", statements, result)} }`);
  }
  /** Three operands; the third one's slot is the word `third`, doubled. */
  ternary(name: string, body: string): void {
    this.op(name, "abc", `{ ${D_S_T} const u = fp + $third; ${body} }`, "third");
  }
  /** Each i64 lane of the result from the same lane of one operand or two: its low and its high word. */
  lanes64(name: string, operands: 1 | 2, low: string, high: string, statements = "", count = ""): void {
    const second = (i: number) => (operands === 2 ? `, y = R[t + ${2 * i}], yh = R[t + ${2 * i + 1}]` : "");
    const read = (i: number) => `const x = R[s + ${2 * i}], xh = R[s + ${2 * i + 1}]${second(i)};`;
    const store = (i: number) => `R[d + ${2 * i}] = ${low}; R[d + ${2 * i + 1}] = ${high};`;
    const body = each(2, (i) => `{ ${read(i)} ${statements}${store(i)} }`);
    const fields = operands === 2 || count !== "" ? "abc" : "ab";
    this.op(name, fields, `{ ${operands === 2 ? D_S_T : D_S} ${count} ${body} }`);
  }
}

/** Forms of a binary operation: with a constant, and with the second operand from memory. */
export interface BinaryForms {
  readonly constant?: string;
  readonly load?: string;
}
