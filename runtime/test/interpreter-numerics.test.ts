// Every scalar numeric instruction in the interpreter against V8's own WebAssembly, bit for bit:
// with operands in locals, and with the second one a constant.

import { expect, test } from "vitest";
import type { OpcodeRow } from "../../decoder/opcodes.js";
import { F32, F64, I32, I64 } from "../../decoder/types.js";
import { forms } from "../../test/support/form.js";
import { Engine, Execution, Linker, Store, type Trap } from "../index.js";
import { type Bytes, functionModule, opcodeBytes, sleb } from "./support/module-bytes.js";
import { NUMERIC_ROWS, type NumericCase, numericCases, signatureOf } from "./support/numeric-oracle.js";

const TYPES: Readonly<Record<string, number>> = { i: I32, l: I64, f: F32, d: F64 };

const RANDOM = forms(100, 300);
/** Of the pairs of specials, which are thousands. */
const EVERY = forms(11, 7);

/** All cases of a unary instruction; of a binary one those in which specials meet specials thinned out. */
function casesOf(row: OpcodeRow): readonly NumericCase[] {
  const cases = [...numericCases(row, 3, RANDOM)];
  return cases.filter((_, i) => cases.length < 1000 || i % EVERY === 0 || i >= cases.length - RANDOM);
}

function constant(letter: string, bits: bigint): Bytes {
  if (letter === "i") return [0x41, sleb(BigInt.asIntN(32, bits))];
  if (letter === "l") return [0x42, sleb(BigInt.asIntN(64, bits))];
  const bytes = Array.from({ length: letter === "f" ? 4 : 8 }, (_, i) => Number((bits >> BigInt(8 * i)) & 0xffn));
  return [letter === "f" ? 0x43 : 0x44, bytes];
}

function run(row: OpcodeRow, body: Bytes, params: string): (operands: readonly bigint[]) => bigint | string {
  const engine = new Engine();
  const store = new Store(engine);
  const types = [...params].map((letter) => TYPES[letter]!);
  const bytes = functionModule(types, [TYPES[signatureOf(row).result]!], [body, opcodeBytes(row.opcode), 0x0b]);
  const func = new Linker(engine).instantiate(store, engine.compile(bytes)).getFunc("f");
  return (operands) => {
    const execution = new Execution(store).startRaw(func, operands);
    const result = execution.run(100);
    if (result.status === "done") return execution.rawResults()[0] as bigint;
    return result.status === "trapped" ? (result.error as Trap).reason : result.status;
  };
}

function check({ name }: OpcodeRow, { operands, expected }: NumericCase, actual: bigint | string): void {
  if (actual === expected) return;
  expect.fail(`${name}(${operands.map((bits) => `0x${bits.toString(16)}`)}): ${actual}, V8 ${expected}`);
}

test.each(NUMERIC_ROWS.map((row) => [row.name, row] as const))("%s", (_, row) => {
  const { params } = signatureOf(row);
  const locals = [...params].map((__, i) => [0x20, i]);
  const operation = run(row, locals, params);
  const cases = casesOf(row);
  for (const numericCase of cases) check(row, numericCase, operation(numericCase.operands));
  if (params.length === 1) return;
  // A module for each constant: few of them.
  for (let i = 0; i < cases.length; i += Math.ceil(cases.length / 12)) {
    const numericCase = cases[i]!;
    const [first, second] = numericCase.operands as [bigint, bigint];
    const withConstant = run(row, [[0x20, 0], constant(params[1]!, second)], params[0]!);
    check(row, numericCase, withConstant([first]));
    const constantFirst = run(row, [constant(params[0]!, first), [0x20, 0]], params[1]!);
    check(row, numericCase, constantFirst([second]));
  }
});
