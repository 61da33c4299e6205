// What each instruction does: spec 4.4. Bulk memory and table instructions are in bulk.ts.

import { OP, OPCODE_ROWS, type OpcodeName } from "../../../decoder/opcodes.js";
import { ATOMIC_UPDATES, NUMERIC, NUMERIC_ARITY, WIDE } from "../../../proof/check-step/numeric.js";
import { BULK } from "./bulk.js";
import type { Instruction } from "./code.js";
import type { Frame, Machine } from "./machine.js";
import { ExceptionError, type ExnRef, type FuncRef, type Reference, TrapError } from "./operands.js";

export type Execute = (frame: Frame, instruction: Instruction, machine: Machine) => void;

/** opcode → what it does. `frame.next` is already behind it. */
export const INSTRUCTIONS = new Map<number, Execute>(BULK);

function define(name: OpcodeName, execute: Execute): void {
  INSTRUCTIONS.set(OP[name], execute);
}

for (const [opcode, run] of NUMERIC) {
  const arity = NUMERIC_ARITY.get(opcode)!;
  INSTRUCTIONS.set(opcode, (frame) => {
    const [b, c] = frame.popMany(arity) as [bigint, bigint];
    frame.push(run(b, c));
  });
}
for (const [opcode, run] of WIDE) {
  const arity = OPCODE_ROWS[opcode]!.type!.indexOf(":");
  INSTRUCTIONS.set(opcode, (frame) => frame.push(...run(frame.popMany(arity) as bigint[])));
}
for (const name of ["i32.const", "i64.const", "f32.const", "f64.const"] as const) {
  define(name, (frame, { immediate }) => frame.push(immediate));
}

// Control

define("unreachable", () => {
  throw new TrapError("unreachable");
});
define("nop", () => {});
define("block", (frame, { params, results, end }) => frame.enterBlock(params, results, end + 1));
define("loop", (frame, { params }) => frame.enterBlock(params, params, frame.current));
define("if", (frame, { params, results, end, else: otherwise }) => {
  const condition = frame.pop();
  frame.enterBlock(params, results, end + 1);
  if (condition === 0n) frame.next = otherwise === end ? end : otherwise + 1;
});
define("try_table", (frame, { params, results, end, catches }) => frame.enterBlock(params, results, end + 1, catches));
define("try", (frame, instruction) => frame.enterTry(instruction));
for (const name of ["else", "catch", "catch_all"] as const) {
  define(name, (frame, { end }) => {
    frame.next = end;
  });
}
for (const name of ["end", "delegate"] as const) {
  define(name, (frame) => {
    frame.labels.pop();
  });
}
define("rethrow", (frame, { index }) => {
  throw new ExceptionError(frame.labels.at(-1 - index)!.caught!);
});
define("br", (frame, { index }) => frame.branch(index));
define("br_if", (frame, { index }) => {
  if (frame.pop() !== 0n) frame.branch(index);
});
define("br_table", (frame, { labels }) => {
  const choice = frame.pop();
  frame.branch(choice < labels.length ? labels[Number(choice)]! : labels.at(-1)!);
});
define("return", (frame) => frame.branch(frame.labels.length - 1));
define("throw", (frame, { index }) => {
  const { module, tags } = frame.instance;
  const { params } = module.registry.funcType(module.tags[index]!);
  const tag = tags[index]!;
  throw new ExceptionError({ kind: "exn", tag, values: frame.popMany(params.length) });
});
define("throw_ref", (frame) => {
  const exception = frame.popReference() as ExnRef | null;
  if (exception === null) throw new TrapError("null exception reference");
  throw new ExceptionError(exception);
});

function paramsOf(frame: Frame, typeId: number): number {
  return frame.instance.module.registry.funcType(typeId).params.length;
}
type Callee = (frame: Frame, instruction: Instruction) => FuncRef;
function defineCall(name: "call" | "call_indirect" | "call_ref", callee: Callee): void {
  define(name, (frame, instruction, machine) => {
    const func = callee(frame, instruction);
    machine.call(func, frame.popMany(paramsOf(frame, func.typeId)));
  });
  define(`return_${name}`, (frame, instruction, machine) => {
    const func = callee(frame, instruction);
    machine.tailCall(func, frame.popMany(paramsOf(frame, func.typeId)));
  });
}
defineCall("call", (frame, { index }) => frame.instance.funcs[index]!);
defineCall("call_indirect", (frame, { index, index2 }) => {
  const { elements } = frame.instance.tables[index2]!;
  const at = frame.pop();
  if (at >= elements.length) throw new TrapError("undefined element");
  const func = elements[Number(at)] as FuncRef | null;
  if (func === null) throw new TrapError("uninitialized element");
  const { registry, types } = frame.instance.module;
  if (!registry.isSubtypeId(func.typeId, types[index]!)) throw new TrapError("indirect call type mismatch");
  return func;
});
defineCall("call_ref", (frame) => {
  const func = frame.popReference() as FuncRef | null;
  if (func === null) throw new TrapError("null function reference");
  return func;
});

// Parametric and variables

define("drop", (frame) => {
  frame.operands.pop();
});
for (const name of ["select", "select t"] as const) {
  define(name, (frame) => {
    const condition = frame.pop();
    const [first, second] = frame.popMany(2);
    frame.push(condition !== 0n ? first! : second!);
  });
}
define("local.get", (frame, { index }) => frame.push(frame.locals[index]!));
define("local.set", (frame, { index }) => {
  frame.locals[index] = frame.operands.pop()!;
});
define("local.tee", (frame, { index }) => {
  frame.locals[index] = frame.operands.at(-1)!;
});
define("global.get", (frame, { index }) => frame.push(frame.instance.globals[index]!.value));
define("global.set", (frame, { index }) => {
  frame.instance.globals[index]!.value = frame.operands.pop()!;
});

// References

define("ref.null", (frame) => frame.push(null));
define("ref.func", (frame, { index }) => frame.push(frame.instance.funcs[index]!));
define("ref.is_null", (frame) => frame.push(frame.popReference() === null ? 1n : 0n));
define("ref.as_non_null", (frame) => {
  const reference = frame.popReference();
  if (reference === null) throw new TrapError("null reference");
  frame.push(reference);
});
define("br_on_null", (frame, { index }) => {
  const reference = frame.popReference();
  if (reference === null) frame.branch(index);
  else frame.push(reference);
});
define("br_on_non_null", (frame, { index }) => {
  const reference = frame.popReference();
  if (reference !== null) {
    frame.push(reference);
    frame.branch(index);
  }
});
define("table.get", (frame, { index }) => {
  frame.push(element(frame, index, frame.pop()));
});
define("table.set", (frame, { index }) => {
  const value = frame.popReference();
  const at = frame.pop();
  element(frame, index, at);
  frame.instance.tables[index]!.elements[Number(at)] = value;
});
function element(frame: Frame, index: number, at: bigint): Reference {
  const { elements } = frame.instance.tables[index]!;
  if (at >= elements.length) throw new TrapError("out of bounds table access");
  return elements[Number(at)]!;
}

// Memory accesses

for (const row of OPCODE_ROWS) {
  const match = /^([if])(32|64)\.(load|store)(?:8|16|32)?(_s)?/.exec(row?.name ?? "");
  if (row === undefined || match === null || row.immediate !== "memarg") continue;
  const bits = Number(match[2]);
  const width = row.width!;
  if (match[3] === "load") {
    INSTRUCTIONS.set(row.opcode, (frame, instruction) => {
      const at = address(frame, instruction, frame.pop(), width);
      const { bytes } = frame.instance.memories[instruction.memory]!;
      let value = 0n;
      for (let i = width - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[at + i]!);
      frame.push(match[4] === undefined ? value : BigInt.asUintN(bits, BigInt.asIntN(8 * width, value)));
    });
  } else {
    INSTRUCTIONS.set(row.opcode, (frame, instruction) => {
      const value = frame.pop();
      const at = address(frame, instruction, frame.pop(), width);
      const { bytes } = frame.instance.memories[instruction.memory]!;
      for (let i = 0; i < width; i++) bytes[at + i] = Number((value >> BigInt(8 * i)) & 0xffn);
    });
  }
}

// Threads proposal, one agent

for (const row of OPCODE_ROWS) {
  if (row?.feature !== "threads" || row.width === undefined) continue;
  const operation = /^(?:i32|i64|memory)\.atomic\.(?:rmw\d*\.)?([a-z]+)/.exec(row.name)![1]!;
  const { width } = row;
  const wrap = (value: bigint) => BigInt.asUintN(8 * width, value);
  INSTRUCTIONS.set(row.opcode, (frame, instruction) => {
    const operands = frame.popMany(row.type!.indexOf(":")) as bigint[];
    const [base, first, second] = operands as [bigint, bigint, bigint];
    if ((base + instruction.immediate) % BigInt(width) !== 0n) throw new TrapError("unaligned atomic");
    if (operation === "wait" && !frame.instance.module.memories[instruction.memory]!.shared)
      throw new TrapError("expected shared memory");
    const at = address(frame, instruction, base, width);
    const { bytes } = frame.instance.memories[instruction.memory]!;
    let old = 0n;
    for (let i = width - 1; i >= 0; i--) old = (old << 8n) | BigInt(bytes[at + i]!);
    const set = (value: bigint) => {
      for (let i = 0; i < width; i++) bytes[at + i] = Number((value >> BigInt(8 * i)) & 0xffn);
    };
    switch (operation) {
      case "notify":
        return frame.push(0n);
      case "wait":
        if (old === first && BigInt.asIntN(64, second) < 0n) throw new Error("nobody ends this wait");
        return frame.push(old === first ? 2n : 1n);
      case "store":
        return set(first);
      case "cmpxchg":
        if (old === wrap(first)) set(second);
        break;
      case "load":
        break;
      default:
        set(ATOMIC_UPDATES[operation]!(old, first));
    }
    frame.push(old);
  });
}
define("atomic.fence", () => {});

/** The effective address of an access that is in bounds. */
function address(frame: Frame, { memory, immediate }: Instruction, base: bigint, width: number): number {
  const effective = base + immediate;
  if (effective + BigInt(width) > frame.instance.memories[memory]!.bytes.length) {
    throw new TrapError("out of bounds memory access");
  }
  return Number(effective);
}
