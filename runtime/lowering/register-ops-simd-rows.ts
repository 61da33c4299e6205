// What the rows of SIMD instructions share. Notation as in register-ops.ts, and
//   d, s, t, u   first words in R of the v128s in fields a, b and c, and in the word `third`
//   x, y         a word, or a lane, of b and of c; xh and yh the high words of i64 lanes
//   n            a shift count; v and h the low and high word of a scalar
// A result may be in the slot of an operand: what is still to be read there is never overwritten.
import { type RegisterOp, type RowWriter, rowWriter, type Unit } from "./register-op-rows.js";

export const D = "const d = @address(a);";
export const S = "const s = @address(b);";
export const D_S = "const d = @address(a), s = @address(b);";
export const D_S_T = "const d = @address(a), s = @address(b), t = @address(c);";

/** `text` for each index below `count`. */
export const each = (count: number, text: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => text(i)).join(" ");

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

/** Says of sums that are indices of registers that they cannot overflow: V8 then does not check. */
function asInt32(body: string): string {
  return body
    .replace(/ \+ 0\]/g, "]")
    .replace(/\[((?!ea\b)[^[\]]* \+ [^[\]]*)\]/g, "[$1 | 0]")
    .replace(/= @address\(([abc])\)([,;])/g, "= @address($1) | 0$2");
}

/** Writers of the rows of one unit. */
export class SimdRows {
  readonly rows: RegisterOp[] = [];
  readonly op: RowWriter;

  constructor(unit: Exclude<Unit, "dispatch">) {
    const op = rowWriter(this.rows, unit);
    this.op = (name, fields, words, body, flags) => op(name, fields, words, asInt32(body), flags);
  }

  /** Each word of the result from the same word of the operand. */
  unary(name: string, result: string, statements = ""): void {
    const word = (i: number) => `{ const x = R[s + ${i}]; ${statements}R[d + ${i}] = ${result}; }`;
    this.op(name, "ab", "", `{ ${D_S} ${each(4, word)} }`, "writes");
  }
  /** The same of two operands. */
  binary(name: string, result: string, statements = ""): void {
    const word = (i: number) => `{ const x = R[s + ${i}], y = R[t + ${i}]; ${statements}R[d + ${i}] = ${result}; }`;
    this.op(name, "abc", "", `{ ${D_S_T} ${each(4, word)} }`, "writes");
  }
  /** As {@link unary}, with a shift count in c, of which `count` makes what all words need. */
  shift(name: string, count: string, result: string, statements = ""): void {
    const word = (i: number) => `{ const x = R[s + ${i}]; ${statements}R[d + ${i}] = ${result}; }`;
    this.op(name, "abc", "", `{ ${D_S} ${count} ${each(4, word)} }`, "writes");
  }
  /** Three operands; the third one's slot is the word `third`, doubled. */
  ternary(name: string, body: string): void {
    this.op(name, "abc", "third", `{ ${D_S_T} const u = fp + $third; ${body} }`, "writes");
  }
  /** Each i64 lane of the result from the same lane of one operand or two: its low and its high word. */
  lanes64(name: string, operands: 1 | 2, low: string, high: string, statements = "", count = ""): void {
    const second = (i: number) => (operands === 2 ? `, y = R[t + ${2 * i}], yh = R[t + ${2 * i + 1}]` : "");
    const read = (i: number) => `const x = R[s + ${2 * i}], xh = R[s + ${2 * i + 1}]${second(i)};`;
    const store = (i: number) => `R[d + ${2 * i}] = ${low}; R[d + ${2 * i + 1}] = ${high};`;
    const body = each(2, (i) => `{ ${read(i)} ${statements}${store(i)} }`);
    const fields = operands === 2 || count !== "" ? "abc" : "ab";
    this.op(name, fields, "", `{ ${operands === 2 ? D_S_T : D_S} ${count} ${body} }`, "writes");
  }
}
