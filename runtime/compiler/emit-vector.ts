// Vector instructions whose lanes are bits to them: constants, single lanes, shuffles, bitwise work.
import { F32, F64, I32, I64, OP, type OpcodeName, V128 } from "../../decoder/index.js";
import { F32_CANONICAL_NAN, F64_CANONICAL_NAN_HI } from "../values.js";
import type { EmitRule, FunctionEmitter } from "./function-emitter.js";
import { F32X4, F64X2, partNames } from "./held.js";
import * as operand from "./operand.js";
import { literal, type Operand, partsOf } from "./operand.js";
import { asFloats, wordsOnTop } from "./vector.js";

const rules: [number, EmitRule][] = [];
const on = (name: OpcodeName, rule: EmitRule) => rules.push([OP[name], rule]);

/** Pays for the instruction and takes its operands, vectors as words, as atoms. */
function take(e: FunctionEmitter, count: number): Operand[] {
  wordsOnTop(e, count);
  e.settle(count);
  e.pay(e.price);
  return e.stack.splice(e.stack.length - count);
}

function pushWords(e: FunctionEmitter, operands: readonly Operand[], words: readonly string[]): void {
  e.push(operand.expressions(V128, operands, words));
}

on("v128.const", (e) => {
  const { vector } = e.reader;
  const words = [0, 4, 8, 12].map((i) =>
    literal(vector[i]! | (vector[i + 1]! << 8) | (vector[i + 2]! << 16) | (vector[i + 3]! << 24)),
  );
  e.pay(e.price);
  e.stack.push(operand.constant(V128, words[0]!, words[1], words.slice(2)));
});

// ---- Splats and single lanes ----
const four = (text: string) => [text, text, text, text];
on("i8x16.splat", (e) => {
  const [v] = take(e, 1);
  pushWords(e, [v!], four(`imul(${v!.lo} & 255, 16843009)`));
});
on("i16x8.splat", (e) => {
  const [v] = take(e, 1);
  pushWords(e, [v!], four(`(${v!.lo} & 65535 | ${v!.lo} << 16)`));
});
on("i32x4.splat", (e) => {
  const [v] = take(e, 1);
  pushWords(e, [v!], four(v!.lo));
});
on("i64x2.splat", (e) => {
  const [v] = take(e, 1);
  pushWords(e, [v!], [v!.lo, v!.hi, v!.lo, v!.hi]);
});
on("f32x4.splat", (e) => {
  const [v] = take(e, 1);
  e.push(operand.expressions(F32X4, [v!], four(v!.lo)));
});
on("f64x2.splat", (e) => {
  const [v] = take(e, 1);
  e.push(operand.expressions(F64X2, [v!], [v!.lo, v!.lo]));
});

/** A lane of 8 or 16 bits: its word, and how far it is shifted there. */
function smallLane(e: FunctionEmitter, bits: 8 | 16): readonly [word: number, shift: number] {
  const at = e.reader.lane * bits;
  return [at >> 5, at & 31];
}

for (const [shape, bits] of [
  ["i8x16", 8],
  ["i16x8", 16],
] as const) {
  const mask = 2 ** bits - 1;
  on(`${shape}.extract_lane_s`, (e) => {
    const [word, shift] = smallLane(e, bits);
    const [v] = take(e, 1);
    e.push(operand.expression(I32, [v!], `(${partsOf(v!)[word]} << ${32 - bits - shift} >> ${32 - bits})`));
  });
  on(`${shape}.extract_lane_u`, (e) => {
    const [word, shift] = smallLane(e, bits);
    const [v] = take(e, 1);
    e.push(operand.expression(I32, [v!], `(${partsOf(v!)[word]} >>> ${shift} & ${mask})`));
  });
  on(`${shape}.replace_lane`, (e) => {
    const [word, shift] = smallLane(e, bits);
    const [v, x] = take(e, 2) as [Operand, Operand];
    const words = partsOf(v);
    words[word] = `(${words[word]} & ${literal(~(mask << shift))} | (${x.lo} & ${mask}) << ${shift})`;
    pushWords(e, [v, x], words);
  });
}
on("i32x4.extract_lane", (e) => {
  const { lane } = e.reader;
  const [v] = take(e, 1);
  e.push(operand.expression(I32, [v!], partsOf(v!)[lane]!));
});
on("i32x4.replace_lane", (e) => {
  const { lane } = e.reader;
  const [v, x] = take(e, 2) as [Operand, Operand];
  const words = partsOf(v);
  words[lane] = x.lo;
  pushWords(e, [v, x], words);
});
on("i64x2.extract_lane", (e) => {
  const { lane } = e.reader;
  const [v] = take(e, 1);
  const words = partsOf(v!);
  e.push(operand.expression(I64, [v!], words[2 * lane]!, words[2 * lane + 1]));
});
on("i64x2.replace_lane", (e) => {
  const { lane } = e.reader;
  const [v, x] = take(e, 2) as [Operand, Operand];
  const words = partsOf(v);
  words[2 * lane] = x.lo;
  words[2 * lane + 1] = x.hi;
  pushWords(e, [v, x], words);
});
for (const [shape, held, scalar] of [
  ["f32x4", F32X4, F32],
  ["f64x2", F64X2, F64],
] as const) {
  on(`${shape}.extract_lane`, (e) => {
    const { lane } = e.reader;
    if (e.top().type === held) {
      e.settle(1);
      e.pay(e.price);
      const v = e.pop();
      e.push(operand.expression(scalar, [v], partsOf(v)[lane]!));
      return;
    }
    // One lane of words: whatever the others are.
    wordsOnTop(e, 1);
    const leaving = e.leaving();
    e.pay(e.price);
    const v = e.pop();
    const words = partsOf(v);
    const text = partsOf(asFloats(v, held))[lane]!;
    const odd =
      scalar === F32
        ? `${words[lane]} !== ${F32_CANONICAL_NAN}`
        : `(${words[2 * lane]} !== 0 || ${words[2 * lane + 1]} !== ${F64_CANONICAL_NAN_HI})`;
    e.compute(scalar, (name) => `${name} = ${text}; if (${name} !== ${name} && ${odd}) ${leaving}`);
  });
  on(`${shape}.replace_lane`, (e) => {
    const { lane } = e.reader;
    if (e.top(1).type !== held) wordsOnTop(e, 2);
    e.settle(2);
    e.pay(e.price);
    const x = e.pop();
    const v = e.pop();
    const parts = partsOf(v);
    if (v.type === held) parts[lane] = x.lo;
    else if (scalar === F32) parts[lane] = `BITS32(${x.lo})`;
    else parts.splice(2 * lane, 2, `LO64(${x.lo})`, `HI64(${x.lo})`);
    e.push(operand.expressions(v.type, [v, x], parts));
  });
}

// ---- Shuffles ----
/** Four bytes of two vectors' words as one word; those that lie together there are moved together. */
function gathered(words: readonly string[], lanes: ArrayLike<number>, from: number): string {
  const pieces: string[] = [];
  for (let i = 0; i < 4; ) {
    const lane = lanes[from + i]!;
    const [word, byte] = [lane >> 2, lane & 3];
    let n = 1;
    while (i + n < 4 && byte + n < 4 && lanes[from + i + n] === lane + n) n++;
    const text = words[word]!;
    if (n === 4) return text;
    const down = byte === 0 ? text : `${text} >>> ${8 * byte}`;
    // What is shifted out at the top, or in from there, needs no mask.
    const masked = i + n === 4 || byte + n === 4 ? down : `${down} & ${2 ** (8 * n) - 1}`;
    pieces.push(i === 0 ? `(${masked})` : `(${masked}) << ${8 * i}`);
    i += n;
  }
  return `(${pieces.join(" | ")})`;
}
on("i8x16.shuffle", (e) => {
  const lanes = Uint8Array.from(e.reader.vector);
  const operands = take(e, 2);
  const words = operands.flatMap(partsOf);
  pushWords(
    e,
    operands,
    [0, 4, 8, 12].map((from) => gathered(words, lanes, from)),
  );
});
for (const name of ["i8x16.swizzle", "i8x16.relaxed_swizzle"] as const) {
  on(name, (e) => {
    const [v, by] = take(e, 2) as [Operand, Operand];
    const stores = partsOf(v).map((word, i) => `BI[${i}] = ${word};`);
    const words = partsOf(by);
    e.compute(V128, (result) => {
      const texts = partNames(result, V128).map((part, i) => `${part} = V.swizzle(BU8, 0, ${words[i]});`);
      return `${stores.join(" ")} ${texts.join(" ")}`;
    });
  });
}

// ---- All 128 bits ----
const wordwise = (name: OpcodeName, count: number, text: (x: string, y: string, z: string) => string) =>
  on(name, (e) => {
    const operands = take(e, count);
    const [x, y, z] = operands.map(partsOf);
    pushWords(
      e,
      operands,
      [0, 1, 2, 3].map((i) => text(x![i]!, y?.[i] ?? "", z?.[i] ?? "")),
    );
  });
wordwise("v128.not", 1, (x) => `(~${x})`);
wordwise("v128.and", 2, (x, y) => `(${x} & ${y})`);
wordwise("v128.andnot", 2, (x, y) => `(${x} & ~${y})`);
wordwise("v128.or", 2, (x, y) => `(${x} | ${y})`);
wordwise("v128.xor", 2, (x, y) => `(${x} ^ ${y})`);
for (const name of [
  "v128.bitselect",
  "i8x16.relaxed_laneselect",
  "i16x8.relaxed_laneselect",
  "i32x4.relaxed_laneselect",
  "i64x2.relaxed_laneselect",
] as const)
  wordwise(name, 3, (x, y, mask) => `(${y} ^ (${x} ^ ${y}) & ${mask})`);
on("v128.any_true", (e) => {
  const [v] = take(e, 1);
  e.push(operand.condition([v!], `((${partsOf(v!).join(" | ")}) !== 0)`));
});

export const VECTOR_RULES: readonly (readonly [number, EmitRule])[] = rules;
