// Vector instructions on float lanes: what the scalar ones are, lane by lane. Arithmetic takes lanes from words as they
// are, since any NaN gives the canonical one; what moves lanes leaves where a NaN's bits would be lost.
import { OP, type OpcodeName, V128 } from "../../decoder/index.js";
import type { EmitRule, FunctionEmitter } from "./function-emitter.js";
import { F32X4, F64X2, type Held } from "./held.js";
import * as operand from "./operand.js";
import { type Operand, partsOf } from "./operand.js";
import { asFloats, floatsAt, wordsOnTop } from "./vector.js";

const rules: [number, EmitRule][] = [];
type Text = (x: string, y: string, z: string) => string;

/** Takes the top `count` operands for arithmetic. @param atoms they are named more than once */
function take(e: FunctionEmitter, count: number, held: Held, atoms: boolean): Operand[] {
  const { stack } = e;
  for (let k = stack.length - count; k < stack.length; k++)
    if (stack[k]!.type !== held && !stack[k]!.isAtom) e.intoSlot(k);
  if (atoms) e.settle(count);
  e.pay(e.price);
  return stack.splice(stack.length - count).map((value) => asFloats(value, held));
}

/** A result for each lane. */
function lanes(name: OpcodeName, held: Held, result: Held, count: number, text: Text, atoms = false): void {
  rules.push([
    OP[name],
    (e) => {
      const operands = take(e, count, held, atoms);
      const [x, y, z] = operands.map(partsOf);
      const texts = x!.map((lane, i) => text(lane, y?.[i] ?? "", z?.[i] ?? ""));
      // A comparison of f64s fills two words.
      const parts = result === V128 && held === F64X2 ? texts.flatMap((part) => [part, part]) : texts;
      e.push(operand.expressions(result, operands, parts));
    },
  ]);
}

/** The same of what moves lanes, or changes their signs. */
function moves(name: OpcodeName, held: Held, count: number, text: Text): void {
  rules.push([
    OP[name],
    (e) => {
      for (let depth = count - 1; depth >= 0; depth--) if (!floatsAt(e, depth, held)) return;
      e.settle(count);
      e.pay(e.price);
      const operands = e.stack.splice(e.stack.length - count);
      const [x, y] = operands.map(partsOf);
      e.push(
        operand.expressions(
          held,
          operands,
          x!.map((lane, i) => text(lane, y?.[i] ?? "", "")),
        ),
      );
    },
  ]);
}

const COMPARISONS = { eq: "===", ne: "!==", lt: "<", gt: ">", le: "<=", ge: ">=" } as const;

for (const [shape, held, round] of [
  ["f32x4", F32X4, "fround"],
  ["f64x2", F64X2, ""],
] as const) {
  for (const [name, sign] of [
    ["add", "+"],
    ["sub", "-"],
    ["mul", "*"],
    ["div", "/"],
  ] as const)
    lanes(`${shape}.${name}`, held, held, 2, (x, y) => `${round}(${x} ${sign} ${y})`);
  for (const name of ["min", "max"] as const) {
    lanes(`${shape}.${name}`, held, held, 2, (x, y) => `${name}(${x}, ${y})`);
    lanes(`${shape}.relaxed_${name}`, held, held, 2, (x, y) => `${name}(${x}, ${y})`);
  }
  for (const name of ["ceil", "floor", "trunc"] as const)
    lanes(`${shape}.${name}`, held, held, 1, (x) => `${name}(${x})`);
  lanes(`${shape}.nearest`, held, held, 1, (x) => `NEAREST(${x})`);
  lanes(`${shape}.sqrt`, held, held, 1, (x) => `${round}(sqrt(${x}))`);
  for (const [name, sign] of Object.entries(COMPARISONS))
    lanes(`${shape}.${name as "eq"}`, held, V128, 2, (x, y) => `(${x} ${sign} ${y} ? -1 : 0)`);
  // Two roundings: the deterministic profile's choice.
  lanes(`${shape}.relaxed_madd`, held, held, 3, (x, y, z) => `${round}(${round}(${x} * ${y}) + ${z})`);
  lanes(`${shape}.relaxed_nmadd`, held, held, 3, (x, y, z) => `${round}(${round}(-${x} * ${y}) + ${z})`);
  moves(`${shape}.pmin`, held, 2, (x, y) => `(${y} < ${x} ? ${y} : ${x})`);
  moves(`${shape}.pmax`, held, 2, (x, y) => `(${x} < ${y} ? ${y} : ${x})`);
}

/** The sign of a lane, which a NaN has, too: of words it is a bit; of floats that of a NaN is not JavaScript's to change. */
function sign(name: "f32x4.abs" | "f32x4.neg" | "f64x2.abs" | "f64x2.neg", held: Held): void {
  const isAbs = name.endsWith("abs");
  const bit = isAbs ? (word: string) => `(${word} & 2147483647)` : (word: string) => `(${word} ^ -2147483648)`;
  rules.push([
    OP[name],
    (e) => {
      e.settle(1);
      const { type } = e.top();
      if (type !== held) wordsOnTop(e, 1);
      e.settle(1);
      if (type === held && !isAbs) {
        const odd = partsOf(e.top()).map((lane) => `${lane} !== ${lane}`);
        e.source.line(`if (${odd.join(" || ")}) ${e.leaving()}`);
      }
      e.pay(e.price);
      const value = e.pop();
      const parts = partsOf(value);
      if (type === held) {
        const texts = parts.map((lane) => (isAbs ? `abs(${lane})` : `(-${lane})`));
        e.push(operand.expressions(held, [value], texts));
      } else {
        // Of an f64 it is in the high word.
        const texts = parts.map((word, i) => (held === F64X2 && i % 2 === 0 ? word : bit(word)));
        e.push(operand.expressions(V128, [value], texts));
      }
    },
  ]);
}
sign("f32x4.abs", F32X4);
sign("f32x4.neg", F32X4);
sign("f64x2.abs", F64X2);
sign("f64x2.neg", F64X2);

// ---- Conversions ----
/** From the first lanes of `held`, or of words where that is V128. */
function convert(
  name: OpcodeName,
  held: Held,
  result: Held,
  text: (parts: readonly string[]) => readonly string[],
): void {
  rules.push([
    OP[name],
    (e) => {
      let value: Operand;
      if (held === V128) {
        wordsOnTop(e, 1);
        e.settle(1);
        e.pay(e.price);
        value = e.pop();
      } else value = take(e, 1, held, false)[0]!;
      e.push(operand.expressions(result, [value], text(partsOf(value))));
    },
  ]);
}
for (const [s, conversion, unsigned] of [
  ["s", "SATS32", (x: string) => x],
  ["u", "SATU32", (x: string) => `${x} >>> 0`],
] as const) {
  const truncated = (parts: readonly string[]) => parts.map((lane) => `${conversion}(${lane})`);
  const low = ([x, y]: readonly string[]) => [`(${unsigned(x!)})`, `(${unsigned(y!)})`];
  for (const relaxed of ["trunc_sat", "relaxed_trunc"] as const) {
    convert(`i32x4.${relaxed}_f32x4_${s}`, F32X4, V128, truncated);
    convert(`i32x4.${relaxed}_f64x2_${s}_zero`, F64X2, V128, (parts) => [...truncated(parts), "0", "0"]);
  }
  convert(`f32x4.convert_i32x4_${s}`, V128, F32X4, (parts) => parts.map((x) => `fround(${unsigned(x)})`));
  convert(`f64x2.convert_low_i32x4_${s}`, V128, F64X2, low);
}
convert("f32x4.demote_f64x2_zero", F64X2, F32X4, ([x, y]) => [`fround(${x})`, `fround(${y})`, "0", "0"]);
convert("f64x2.promote_low_f32x4", F32X4, F64X2, ([x, y]) => [x!, y!]);

export const VECTOR_FLOAT_RULES: readonly (readonly [number, EmitRule])[] = rules;
