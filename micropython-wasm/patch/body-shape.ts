// Functions of an artifact that has no names, known by their shape: the instructions of a body, less what differs from
// build to build. That is which functions are called and where data lies; it is what a caller wants to know.

import { type DecodedModule, InstructionReader, OP, OPCODE_ROWS } from "../../decoder/index.js";

/** Constants and offsets from here on are addresses. */
const FIRST_ADDRESS = 1024;
/** Offsets from here on are places in the interpreter's state, where builds differ; no structure is as large. */
const FIRST_STATE_OFFSET = 64;

export interface BodyShape {
  /** Equal for bodies that differ in nothing but operands. */
  readonly shape: string;
  /** Functions called, in the order of the calls. */
  readonly calls: readonly number[];
  /** Constants that are addresses, and offsets of accesses that are or lie in the interpreter's state, in order. */
  readonly addresses: readonly number[];
}

/** The shape of a defined function's body; undefined for what is not in the module. */
export function bodyShape(module: DecodedModule, funcidx: number): BodyShape | undefined {
  const body = module.bodies.get(funcidx - module.importedFuncCount);
  if (body === undefined) return undefined;
  const reader = new InstructionReader(module.bytes, module.types).begin(body);
  const calls: number[] = [];
  const addresses: number[] = [];
  const hash = new ShapeHash();
  for (const part of body.locals) hash.add(part);
  while (reader.offset < body.end) {
    reader.next();
    hash.add(reader.opcode);
    switch (reader.opcode) {
      case OP.call:
        calls.push(reader.index);
        continue;
      case OP.call_indirect:
        continue;
      case OP["i32.const"]:
        if (reader.lo >= FIRST_ADDRESS && reader.lo < 1 << 24) addresses.push(reader.lo);
        else hash.add(reader.lo);
        continue;
      case OP.br_table:
        for (let i = 0; i < reader.labelCount; i++) hash.add(reader.labels[i]!);
        continue;
    }
    switch (OPCODE_ROWS[reader.opcode]!.immediate) {
      case "memarg":
        if (reader.lo >= FIRST_STATE_OFFSET) addresses.push(reader.lo);
        else hash.add(reader.lo);
        break;
      case "local":
      case "label":
      case "global":
        hash.add(reader.index);
        break;
      case "i64":
        hash.add(reader.lo);
        hash.add(reader.hi);
        break;
      default:
        break;
    }
  }
  return { shape: hash.text(), calls, addresses };
}

/** Two hashes of 32 bits, and how much went into them. */
class ShapeHash {
  private first = 0x811c9dc5;
  private second = 0x2545f491;
  private count = 0;

  add(value: number): void {
    this.first = Math.imul(this.first ^ value, 0x01000193);
    this.second = Math.imul((this.second << 5) ^ (this.second >>> 27) ^ value, 0x9e3779b1);
    this.count++;
  }

  text(): string {
    const hex = (n: number) => (n >>> 0).toString(16).padStart(8, "0");
    return `${this.count}-${hex(this.first)}${hex(this.second)}`;
  }
}

/**
 * The one function whose body has this shape, among those of about this size; undefined if there is none, or another.
 * @param sizes bytes of the body, the least and the most: indices and addresses take a byte more or less
 */
export function findByShape(
  module: DecodedModule,
  shape: string,
  sizes: readonly [number, number],
): { readonly funcidx: number; readonly found: BodyShape } | undefined {
  let result: { readonly funcidx: number; readonly found: BodyShape } | undefined;
  for (let i = 0; i < module.bodies.length; i++) {
    const size = module.bodies.size(i);
    if (size < sizes[0] || size > sizes[1]) continue;
    const funcidx = module.importedFuncCount + i;
    const found = bodyShape(module, funcidx)!;
    if (found.shape !== shape) continue;
    if (result !== undefined) return undefined;
    result = { funcidx, found };
  }
  return result;
}
