// A small engine: functions of i32 without control flow. The decoder and validator are the package's.
import { InstructionReader, OPCODES, parseModule } from "escapement/decoder";

const NAMES = new Map(OPCODES.map(({ opcode, name }) => [opcode, name]));

export class Trap extends Error {}
export class Unsupported extends Error {}

const BINARY = {
  "i32.add": (a, b) => a + b,
  "i32.sub": (a, b) => a - b,
  "i32.mul": Math.imul,
  "i32.and": (a, b) => a & b,
  "i32.or": (a, b) => a | b,
  "i32.xor": (a, b) => a ^ b,
  "i32.shl": (a, b) => a << b,
  "i32.shr_s": (a, b) => a >> b,
  "i32.shr_u": (a, b) => a >>> b,
  "i32.eq": (a, b) => Number(a === b),
  "i32.lt_s": (a, b) => Number(a < b),
  "i32.lt_u": (a, b) => Number(a >>> 0 < b >>> 0),
  "i32.div_s": (a, b) => {
    if (b === 0) throw new Trap("integer divide by zero");
    if (a === -(2 ** 31) && b === -1) throw new Trap("integer overflow");
    return a / b;
  },
};

export function compile(bytes) {
  return parseModule(bytes);
}

export function instantiate(module) {
  if (module.imports.length > 0 || module.memories.length > 0) throw new Unsupported("imports and memories");
  const exports = new Map(module.exports.map(({ name, kind, index }) => [name, { module, kind, index }]));
  return { exports };
}

/** Calls a function: its operands are on an array, its locals in another. */
export function call({ module, index }, args) {
  const locals = [...args];
  const operands = [];
  const { start, end } = module.bodies.get(index);
  const reader = new InstructionReader(module.bytes, module.types);
  reader.offset = start;
  reader.end = end;
  while (reader.offset < end) {
    reader.next();
    const name = NAMES.get(reader.opcode);
    if (name === "end") return operands;
    if (name === "local.get") operands.push(locals[reader.index] ?? 0);
    else if (name === "i32.const") operands.push(reader.lo);
    else if (name in BINARY) {
      const b = operands.pop();
      operands.push(BINARY[name](operands.pop(), b) | 0);
    } else throw new Unsupported(name);
  }
  return operands;
}
