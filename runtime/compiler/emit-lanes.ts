// Instructions on integer lanes, from the texts that the interpreter's rows are made of (register-ops-simd-integer.ts):
// what a word of the result is of words x and y of the operands.
//
//   i32x4.add   x + y         v3 = (v3 + l2 | 0), v3h = (v3h + l2h | 0), …
//   i8x16.add   statements    { const x = v3, y = l2; v3 = … | 0; } { const x = v3h, y = l2h; v3h = … | 0; } …
import { I32, OP, OPCODES, type OpcodeName, V128 } from "../../decoder/index.js";
import { writeIntegerLanes } from "../register-code/register-ops-simd-integer.js";
import type { LaneWriter } from "../register-code/register-ops-simd-rows.js";
import type { EmitRule, FunctionEmitter } from "./function-emitter.js";
import { partNames } from "./held.js";
import * as operand from "./operand.js";
import { type Operand, partsOf, valueText } from "./operand.js";
import { wordsOnTop } from "./vector.js";

type Emit = (e: FunctionEmitter, operands: readonly Operand[]) => void;

/** Replaces names in a text. */
function replaced(text: string, names: Readonly<Record<string, string>>): string {
  return text.replace(/\b[a-z]\w?\b/g, (name) => names[name] ?? name);
}

/** Of small lanes, whose comparisons make masks of their highest bits: those that `k` has. */
const BITMASKS: Readonly<Record<string, number>> = { i8x16: OP["i8x16.bitmask"], i16x8: OP["i16x8.bitmask"] };

/** An int32, whatever the text gives. */
const int = (text: string) => `(${text} | 0)`;

class LaneRules implements LaneWriter {
  readonly rules = new Map<number, Emit>();

  private add(name: string, emit: Emit): void {
    this.rules.set(OP[name as OpcodeName], emit);
  }

  /** An expression for each word where that is all there is. */
  private words(name: string, statements: string, result: string, count: string): void {
    this.add(name, (e, operands) => {
      if (count !== "") {
        const [a, n] = operands as [Operand, Operand];
        e.compute(V128, (v) => `{ ${counted(count, n)} ${eachWord(v, [a], statements, result)} }`);
      } else if (statements === "") {
        const words = operands.map(partsOf);
        const texts = [0, 1, 2, 3].map((i) => int(replaced(result, { x: words[0]![i]!, y: words[1]?.[i] ?? "" })));
        e.push(operand.expressions(V128, operands, texts));
      } else {
        // Whoever takes the lanes' highest bits alone gets them as they are.
        const isMask = result.startsWith("(k << 1) - (k >>> ") && e.nextOpcode() === BITMASKS[name.split(".")[0]!];
        e.compute(V128, (v) => eachWord(v, operands, statements, isMask ? "k" : result));
      }
    });
  }

  unary(name: string, result: string, statements = ""): void {
    this.words(name, statements, result, "");
  }
  binary(name: string, result: string, statements = ""): void {
    this.words(name, statements, result, "");
  }
  shift(name: string, count: string, result: string, statements = ""): void {
    this.words(name, statements, result, count);
  }
  withConstant(): void {
    // The compiler's operands are constants anyway.
  }
  lanes64(name: string, _: 1 | 2, low: string, high: string, statements = "", count = ""): void {
    this.add(name, (e, operands) => {
      const [x, y] = operands.map(partsOf) as [string[], string[] | undefined];
      const lane = (v: string, h: string, i: number) => {
        const second = count === "" && y !== undefined ? `, y = ${y[i]}, yh = ${y[i + 1]}` : "";
        return `{ const x = ${x[i]}, xh = ${x[i + 1]}${second}; ${statements}${v} = ${int(low)}; ${h} = ${int(high)}; }`;
      };
      e.compute(V128, (name) => {
        const v = partNames(name, V128);
        const lanes = `${lane(v[0]!, v[1]!, 0)} ${lane(v[2]!, v[3]!, 2)}`;
        return count === "" ? lanes : `{ ${counted(count, operands[1]!)} ${lanes} }`;
      });
    });
  }
  /** A body over registers, whose operands are no registers here. */
  op(name: string, _: "ab" | "abc", body: string): void {
    this.body(name, body, "st");
  }
  ternary(name: string, body: string): void {
    this.body(name, `{ ${body} }`, "stu");
  }

  private body(name: string, body: string, letters: string): void {
    const opcode = OP[name as OpcodeName];
    const result = OPCODES.find((row) => row.opcode === opcode)!.type!.endsWith(":i") ? I32 : V128;
    const inner = body.replace(/const (\w = @address\(\w\)(, )?)+;/, "");
    this.add(name, (e, operands) => {
      const words = operands.map(partsOf);
      const read = inner.replace(/R\[([stu])(?: \+ (\d))?\]/g, (_, which: string, i = "0") => {
        return words[letters.indexOf(which)]![Number(i)]!;
      });
      e.compute(result, (v) => {
        const parts = partNames(v, result);
        return read
          .replace(/R\[d(?: \+ (\d))?\] = ([^;]+);/g, (_, i: string | undefined, value: string) => {
            return `${parts[Number(i ?? 0)]} = ${int(value)};`;
          })
          .replace(/R\[a\] = ([^;]+);/, (_, value: string) => `${v} = ${int(value)};`);
      });
    });
  }
}

/** Each word of `v` from the same word of the operands. */
function eachWord(v: string, operands: readonly Operand[], statements: string, result: string): string {
  const [x, y] = operands.map(partsOf) as [string[], string[] | undefined];
  return partNames(v, V128)
    .map((name, i) => {
      const second = y === undefined ? "" : `, y = ${y[i]}`;
      return `{ const x = ${x[i]}${second}; ${statements}${name} = ${int(result)}; }`;
    })
    .join(" ");
}

/** What a shift makes of its count. */
function counted(count: string, n: Operand): string {
  return count.replace("R[c]", valueText(n));
}

let lanes: ReadonlyMap<number, Emit> | undefined;

/** The rule of an instruction on integer lanes; undefined of others. They are made when the first one is asked for. */
function laneOf(opcode: number): Emit | undefined {
  if (lanes === undefined) {
    const rules = new LaneRules();
    writeIntegerLanes(rules, rules);
    lanes = rules.rules;
  }
  return lanes.get(opcode);
}

const integerLanes =
  (operands: number, opcode: number): EmitRule =>
  (e) => {
    const emit = laneOf(opcode);
    if (emit === undefined) {
      e.leaveBefore();
      return;
    }
    wordsOnTop(e, operands);
    e.settle(operands);
    e.pay(e.price);
    emit(e, e.stack.splice(e.stack.length - operands));
  };

/** Relaxed instructions that are others: see lower-simd.ts. */
const SAME = new Map<OpcodeName, OpcodeName>([["i16x8.relaxed_q15mulr_s", "i16x8.q15mulr_sat_s"]]);
const INTEGER =
  /^i(8x16|16x8|32x4|64x2)\.(?!splat|extract|replace|swizzle|shuffle|relaxed_laneselect|relaxed_swizzle|.*trunc)/;

export function laneRules(): readonly (readonly [number, EmitRule])[] {
  return OPCODES.flatMap(({ name, opcode, type }) => {
    if (!INTEGER.test(name)) return [];
    return [[opcode, integerLanes(type!.indexOf(":"), OP[SAME.get(name) ?? name])] as const];
  });
}
