// Instructions on whole ranges of memories and tables, and their prices beyond the base price.
// One that fails its bounds check, or a grow that gives -1, has paid its base price alone.

import { OP, type OpcodeName } from "../../../decoder/opcodes.js";
import type { Instruction } from "./code.js";
import type { Execute } from "./instructions.js";
import type { Frame } from "./machine.js";
import { type Reference, TrapError } from "./operands.js";
import { bytesPrice, elementsPrice, pagesPrice, paidAnyhow, type Schedule } from "./price.js";

export const BULK = new Map<number, Execute>();
/** opcode → what the amount of work costs, from the operands that are still on the stack. */
export const BULK_PRICES = new Map<number, (frame: Frame, instruction: Instruction, schedule: Schedule) => number>();

/** Operands of a range instruction, from the top of the stack down: count, source or value, destination. */
interface Range {
  readonly name: OpcodeName;
  readonly price: (schedule: Schedule, count: number) => number;
  readonly trap: "out of bounds memory access" | "out of bounds table access";
  /** Lengths of what the destination and the source index into; a fill has no source. */
  readonly lengths: (frame: Frame, instruction: Instruction) => readonly [number, number | undefined];
  readonly run: (
    frame: Frame,
    instruction: Instruction,
    to: number,
    from: number | bigint | Reference,
    count: number,
  ) => void;
}

function defineRange({ name, price, trap, lengths, run }: Range): void {
  const inBounds = (frame: Frame, instruction: Instruction) => {
    const [target, source] = lengths(frame, instruction);
    const count = frame.peek(0);
    return frame.peek(2) + count <= target && (source === undefined || frame.peek(1) + count <= source);
  };
  BULK_PRICES.set(OP[name], (frame, instruction, schedule) =>
    inBounds(frame, instruction) ? price(schedule, Number(frame.peek(0))) : 0,
  );
  BULK.set(OP[name], (frame, instruction) => {
    if (!inBounds(frame, instruction)) throw new TrapError(trap);
    const [, source] = lengths(frame, instruction);
    const [to, from, count] = frame.popMany(3) as [bigint, bigint | Reference, bigint];
    run(frame, instruction, Number(to), source === undefined ? from : Number(from), Number(count));
  });
}

const memoryLength = (frame: Frame, index: number) => frame.instance.memories[index]!.bytes.length;
const tableLength = (frame: Frame, index: number) => frame.instance.tables[index]!.elements.length;

defineRange({
  name: "memory.copy",
  price: bytesPrice,
  trap: "out of bounds memory access",
  lengths: (frame, { index, index2 }) => [memoryLength(frame, index), memoryLength(frame, index2)],
  run: (frame, { index, index2 }, to, from, count) => {
    const source = frame.instance.memories[index2]!.bytes.slice(from as number, (from as number) + count);
    frame.instance.memories[index]!.bytes.set(source, to);
  },
});
defineRange({
  name: "memory.fill",
  price: bytesPrice,
  trap: "out of bounds memory access",
  lengths: (frame, { index }) => [memoryLength(frame, index), undefined],
  run: (frame, { index }, to, value, count) => {
    frame.instance.memories[index]!.bytes.fill(Number(BigInt.asUintN(8, value as bigint)), to, to + count);
  },
});
defineRange({
  name: "memory.init",
  price: bytesPrice,
  trap: "out of bounds memory access",
  lengths: (frame, { index, index2 }) => [memoryLength(frame, index2), frame.instance.datas[index]!.length],
  run: (frame, { index, index2 }, to, from, count) => {
    const source = frame.instance.datas[index]!.slice(from as number, (from as number) + count);
    frame.instance.memories[index2]!.bytes.set(source, to);
  },
});
defineRange({
  name: "table.copy",
  price: elementsPrice,
  trap: "out of bounds table access",
  lengths: (frame, { index, index2 }) => [tableLength(frame, index), tableLength(frame, index2)],
  run: (frame, { index, index2 }, to, from, count) =>
    write(frame, index, to, frame.instance.tables[index2]!.elements.slice(from as number, (from as number) + count)),
});
defineRange({
  name: "table.fill",
  price: elementsPrice,
  trap: "out of bounds table access",
  lengths: (frame, { index }) => [tableLength(frame, index), undefined],
  run: (frame, { index }, to, value, count) => {
    frame.instance.tables[index]!.elements.fill(value as Reference, to, to + count);
  },
});
defineRange({
  name: "table.init",
  price: elementsPrice,
  trap: "out of bounds table access",
  lengths: (frame, { index, index2 }) => [tableLength(frame, index2), frame.instance.elems[index]!.length],
  run: (frame, { index, index2 }, to, from, count) =>
    write(frame, index2, to, frame.instance.elems[index]!.slice(from as number, (from as number) + count)),
});
function write(frame: Frame, tableidx: number, to: number, references: readonly Reference[]): void {
  const { elements } = frame.instance.tables[tableidx]!;
  references.forEach((reference, i) => {
    elements[to + i] = reference;
  });
}

BULK.set(OP["data.drop"], (frame, { index }) => {
  frame.instance.datas[index] = new Uint8Array(0);
});
BULK.set(OP["elem.drop"], (frame, { index }) => {
  frame.instance.elems[index] = [];
});

const addressBits = (is64: boolean) => (is64 ? 64 : 32);

BULK.set(OP["memory.size"], (frame, { index }) => {
  frame.push(BigInt(frame.instance.memories[index]!.pages));
});
/** Whether a grow whose answer is -1 pays for its amount: nops aside, the instruction before it is a constant. */
function paysAnyhow({ code, current }: Frame, schedule: Schedule): boolean {
  const limit = paidAnyhow(schedule);
  for (let i = current - 1; i >= 0; i--) {
    const { opcode, immediate } = code[i]!;
    if (opcode !== OP["nop"]) return (opcode === OP["i32.const"] || opcode === OP["i64.const"]) && immediate <= limit;
  }
  return false;
}
BULK_PRICES.set(OP["memory.grow"], (frame, { index }, schedule) =>
  paysAnyhow(frame, schedule) || frame.instance.canGrowMemory(index, frame.peek(0))
    ? pagesPrice(schedule, Number(frame.peek(0)))
    : 0,
);
BULK.set(OP["memory.grow"], (frame, { index }) => {
  const { instance } = frame;
  const memory = instance.memories[index]!;
  const delta = frame.pop();
  const before = BigInt(memory.pages);
  if (instance.canGrowMemory(index, delta)) {
    memory.grow(Number(before + delta));
    frame.push(before);
  } else frame.push(BigInt.asUintN(addressBits(instance.module.memories[index]!.is64), -1n));
});

BULK.set(OP["table.size"], (frame, { index }) => {
  frame.push(BigInt(tableLength(frame, index)));
});
BULK_PRICES.set(OP["table.grow"], (frame, { index }, schedule) =>
  paysAnyhow(frame, schedule) || frame.instance.canGrowTable(index, frame.peek(0))
    ? elementsPrice(schedule, Number(frame.peek(0)))
    : 0,
);
BULK.set(OP["table.grow"], (frame, { index }) => {
  const { instance } = frame;
  const { elements } = instance.tables[index]!;
  const delta = frame.pop();
  const init = frame.popReference();
  if (instance.canGrowTable(index, delta)) {
    frame.push(BigInt(elements.length));
    for (let i = 0n; i < delta; i++) elements.push(init);
  } else frame.push(BigInt.asUintN(addressBits(instance.module.tables[index]!.is64), -1n));
});
