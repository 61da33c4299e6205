// What each instruction does: spec 4.4 and 4.6. Memories and tables are in memory.ts, structs and arrays in aggregates.ts.
import { OP, OPCODE_ROWS, type OpcodeName } from "../../decoder/opcodes.js";
import { AGGREGATES } from "./aggregates.js";
import { type Instruction, labelWidths } from "./code.js";
import { refuse, TrapError } from "./errors.js";
import type { Machine } from "./machine.js";
import { MEMORY } from "./memory.js";
import { NUMERIC, NUMERIC_ARITY, WIDE } from "./numeric.js";
import { basePrice } from "./price.js";
import { NULL } from "./state.js";
import { VECTOR } from "./vector.js";

export type Execute = (m: Machine, instruction: Instruction) => void;

/** opcode → what it does. `m.next` is already behind it; what an operand prices, it pays itself. */
export const INSTRUCTIONS = new Map<number, Execute>([...MEMORY, ...AGGREGATES]);

function define(name: OpcodeName, execute: Execute): void {
  INSTRUCTIONS.set(OP[name], execute);
}

for (const [opcode, run] of NUMERIC) {
  const binary = NUMERIC_ARITY.get(opcode) === 2;
  INSTRUCTIONS.set(opcode, (m) => {
    const last = m.pop();
    m.push(binary ? run(m.pop(), last) : run(last, 0n));
  });
}
for (const [opcode, run] of WIDE) {
  const arity = OPCODE_ROWS[opcode]!.type!.indexOf(":");
  INSTRUCTIONS.set(opcode, (m) => {
    for (const half of run(m.popMany(arity).map(({ bits }) => bits))) m.push(half);
  });
}
for (const [opcode, run] of VECTOR) {
  const [params, result] = OPCODE_ROWS[opcode]!.type!.split(":") as [string, string];
  INSTRUCTIONS.set(opcode, (m, { lane, immediate }) => {
    const operands = [...params].reverse().map((letter) => (letter === "v" ? m.popWide() : m.pop()));
    const value = run(operands.reverse(), lane, immediate);
    if (result === "v") m.pushWide(value);
    else m.push(value);
  });
}
for (const name of ["i32.const", "i64.const", "f32.const", "f64.const"] as const) {
  define(name, (m, { immediate }) => m.push(immediate));
}

// Control

define("unreachable", () => {
  throw new TrapError("unreachable");
});
for (const name of ["nop", "block", "loop", "try", "try_table", "atomic.fence"] as const) define(name, () => {});
define("if", (m, { block }) => {
  if (m.pop() !== 0n) return;
  // Behind the end: that may be out of reach for what the condition would have begun.
  m.next = (block.otherwise < 0 ? block.end : block.otherwise) + 1;
});
// Reached from above, they end their part of the block, as a branch to its end does.
for (const name of ["else", "catch", "catch_all"] as const)
  define(name, (m, { block }) => m.branch({ ...block, opcode: OP.block }));
for (const name of ["end", "delegate"] as const) {
  define(name, (m, { block }) => {
    if (block.parent === null || block.isHandler) m.branch({ ...block, opcode: OP.block });
  });
}
define("br", (m, { index }) => m.branch(m.target(index)));
define("br_if", (m, { index }) => {
  if (m.pop() !== 0n) m.branch(m.target(index));
});
define("br_table", (m, { labels }) => {
  const choice = m.pop();
  m.branch(m.target(choice < labels.length ? labels[Number(choice)]! : labels.at(-1)!));
});
define("return", (m) => m.returnValues(m.code.resultSlots));
define("throw", (m, { index }) => m.throwNew(index));
define("throw_ref", (m) => {
  const ref = m.peek(0).ref;
  if (ref === NULL) throw new TrapError("null exception reference");
  m.pay(m.prices.many(tagParams(m, ref)));
  m.throwRef(m.popRef());
});
define("rethrow", (m, { index }) => {
  const { ref } = m.state.slot(m.fp + m.target(index).height);
  m.pay(m.prices.many(tagParams(m, ref)));
  m.throwRef(ref);
});

/** How many values an exception has: of the first instance's tag that it is of. */
function tagParams(m: Machine, ref: bigint): number {
  const { place } = m.state.heap.get(ref);
  for (let instance = 0; instance < m.state.instances; instance++) {
    const { outline } = m.state.program(instance);
    const tagidx = outline.tags.findIndex((_, i) => m.state.tag(instance, i) === place);
    if (tagidx >= 0) return outline.types[outline.tags[tagidx]!]!.values.length;
  }
  return refuse("an exception of no instance's tag");
}

for (const [name, isTail] of [
  ["call", false],
  ["return_call", true],
] as const) {
  define(name, (m, { index }) => m.call(m.state.funcOf(m.instance, index), isTail));
  define(`${name}_indirect`, (m, { index, index2 }) => {
    const ref = m.indirect(index2, m.peek(0).bits, index);
    m.pop();
    m.call(ref, isTail);
  });
  define(`${name}_ref`, (m) => {
    const ref = m.popRef();
    if (ref === NULL) throw new TrapError("null function reference");
    m.call(ref, isTail);
  });
}

// Parametric instructions and variables

define("drop", (m, { width }) => void m.popMany(width));
for (const name of ["select", "select t"] as const) {
  define(name, (m, { width }) => {
    const condition = m.pop();
    const second = m.popMany(width);
    const first = m.popMany(width);
    for (const slot of condition !== 0n ? first : second) m.pushSlot(slot);
  });
}
define("local.get", (m, { index, width }) => {
  const { slot } = m.code.locals[index]!;
  for (let i = 0; i < width; i++) m.pushSlot(m.state.slot(m.fp + slot + i));
});
for (const name of ["local.set", "local.tee"] as const) {
  define(name, (m, { index, width }) => {
    const slots = m.popMany(width);
    slots.forEach((slot, i) => {
      m.state.setSlot(m.fp + m.code.locals[index]!.slot + i, slot);
    });
    if (name === "local.tee") for (const slot of slots) m.pushSlot(slot);
  });
}
define("global.get", (m, { index, width }) => {
  for (const slot of m.state.global(m.instance, index, width)) m.pushSlot(slot);
});
define("global.set", (m, { index, width }) => m.state.setGlobal(m.instance, index, m.popMany(width)));

// ---- Prices ----

/** What an instruction costs by itself: its base price, and where its type says how much it moves or searches, that. */
export function priceOf(m: Machine, instruction: Instruction): number {
  return basePrice(instruction.opcode) + m.prices.many(handledAtOnce(m, instruction));
}

function handledAtOnce(m: Machine, { opcode, index, index2, labels, block }: Instruction): number {
  const { outline } = m.state.program(m.instance);
  switch (opcode) {
    case OP.br:
    case OP.br_if:
    case OP.br_on_null:
    case OP.br_on_non_null:
    case OP.br_on_cast:
    case OP.br_on_cast_fail:
      return labelWidths(m.target(index)).length;
    case OP.br_table:
      return labelWidths(m.target(labels[0]!)).length;
    case OP.throw:
      return outline.types[outline.tags[index]!]!.values.length;
    case OP.try_table:
      return block.catches.length;
    case OP.try:
      return block.handlers.length;
    case OP["struct.new"]:
    case OP["struct.new_default"]:
      return outline.types[index]!.values.length;
    case OP["array.new_fixed"]:
      return index2;
  }
  return 0;
}
