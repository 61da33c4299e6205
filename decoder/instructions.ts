// The one iterator over instructions (spec 5.4). Validation, lowering, constant
// expressions, disassembly and feature detection all read code through it.
//
// Conventions
//   Immediates are in fields that the next next() overwrites; which ones an instruction sets:
//     label, func, type, local, global, table, tag, data, elem, memory.size/grow/fill: index
//     call_indirect: index = typeidx, index2 = tableidx
//     memory.init: index = dataidx, index2 = memidx; table.init: index = elemidx, index2 = tableidx
//     memory.copy, table.copy, array.copy: index = destination, index2 = source
//     struct.get/set: index = typeidx, index2 = fieldidx; array.new_fixed: index2 = count
//     array.new_data/init_data, array.new_elem/init_elem: index = typeidx, index2 = dataidx or elemidx
//     i32.const: lo; f32.const: its bits in lo; i64.const, f64.const: lo, hi
//     memarg: align (the exponent), memory (memidx), lo, hi (the offset, unsigned halves); lane
//     block, loop, if, try, try_table: blockTypeId, blockResult; try_table also catches
//     ref.null, ref.test, ref.cast: heapType
//     br_on_cast: castFlags, index = label, heapType (source), heapType2 (target)
//     br_table: labels; select t: selectTypes; v128.const, i8x16.shuffle: vector

import { type ImmediateKind, OPCODE_LIMIT, OPCODES } from "./opcodes.js";
import { ByteReader } from "./reader.js";
import { BOT, type HeapType, type ValType } from "./types.js";

enum Kind {
  illegal,
  none,
  block,
  tryTable,
  index,
  indexPair,
  labels,
  memarg,
  i32,
  i64,
  f32,
  f64,
  heap,
  types,
  cast,
  vector,
  lane,
  memargLane,
  zero,
}

const KIND_OF: Readonly<Record<ImmediateKind, Kind>> = {
  none: Kind.none,
  block: Kind.block,
  try_table: Kind.tryTable,
  label: Kind.index,
  labels: Kind.labels,
  func: Kind.index,
  type: Kind.index,
  type_table: Kind.indexPair,
  local: Kind.index,
  global: Kind.index,
  table: Kind.index,
  tag: Kind.index,
  memarg: Kind.memarg,
  memory: Kind.index,
  i32: Kind.i32,
  i64: Kind.i64,
  f32: Kind.f32,
  f64: Kind.f64,
  heap: Kind.heap,
  types: Kind.types,
  data_memory: Kind.indexPair,
  data: Kind.index,
  memory_memory: Kind.indexPair,
  elem_table: Kind.indexPair,
  elem: Kind.index,
  table_table: Kind.indexPair,
  type_field: Kind.indexPair,
  type_count: Kind.indexPair,
  type_data: Kind.indexPair,
  type_elem: Kind.indexPair,
  type_type: Kind.indexPair,
  cast: Kind.cast,
  v128: Kind.vector,
  lanes: Kind.vector,
  lane: Kind.lane,
  memarg_lane: Kind.memargLane,
  zero: Kind.zero,
};

const KINDS = (() => {
  const kinds = new Uint8Array(OPCODE_LIMIT);
  for (const row of OPCODES) kinds[row.opcode] = KIND_OF[row.immediate];
  return kinds;
})();

/** Kinds of clauses of try_table, as the binary format numbers them. */
export const CATCH = 0;
export const CATCH_REF = 1;
export const CATCH_ALL = 2;
export const CATCH_ALL_REF = 3;

/** Bits of `castFlags`. */
export const CAST_SOURCE_NULLABLE = 1;
export const CAST_TARGET_NULLABLE = 2;

const MEMARG_HAS_MEMIDX = 0x40;

/**
 * Reads instructions one after another: `begin` of a body or a constant expression, then {@link next}
 * while `offset < end`. `else`, `end`, `catch`, `catch_all` and `delegate` are instructions
 * like any other; nesting is the caller's business.
 */
export class InstructionReader extends ByteReader {
  /** Offset of the current instruction's first byte. */
  start = 0;
  /** Dense opcode of the current instruction (opcodes.ts). */
  opcode = 0;
  index = 0;
  index2 = 0;
  align = 0;
  memory = 0;
  lane = 0;
  /** Canonical id of a block's function type; -1 for the short forms. */
  blockTypeId = -1;
  /** The typeidx behind {@link blockTypeId}; of equal types, the one that the module names. */
  blockTypeidx = -1;
  /** The one result of a block in short form; BOT if it has none. */
  blockResult: ValType = BOT;
  heapType: HeapType = 0;
  heapType2: HeapType = 0;
  /** The typeidx behind {@link heapType} and {@link heapType2}, where they are no abstract ones. */
  heapTypeidx = -1;
  heapTypeidx2 = -1;
  castFlags = 0;
  /** br_table: `labelCount` labels, of which the last one is the default. */
  readonly labels: number[] = [];
  labelCount = 0;
  /** try_table: `catchCount` triples of kind, tagidx (-1 if none) and label. */
  readonly catches: number[] = [];
  catchCount = 0;
  /** `select t*`: its types. */
  readonly selectTypes: ValType[] = [];
  /** v128.const: the bytes; i8x16.shuffle: the lane indices. */
  readonly vector = new Uint8Array(16);

  /**
   * Reads the instruction at `offset` and moves behind it.
   * @throws MalformedError if the bytes are no instruction
   * @throws InvalidError if a block type or heap type names a type that does not exist
   */
  next(): void {
    const start = this.offset;
    this.start = start;
    if (start >= this.end) this.malformed("unexpected end of section or function");
    let opcode = this.bytes[start]!;
    this.offset = start + 1;
    if (opcode >= 0xfb) opcode = this.prefixed(opcode);
    this.opcode = opcode;
    switch (KINDS[opcode]) {
      case Kind.none:
        break;
      case Kind.index: {
        // One-byte immediates, read here: most instructions are these.
        const at = this.offset;
        const byte = at < this.end ? this.bytes[at]! : 0xff;
        if (byte < 0x80) {
          this.offset = at + 1;
          this.index = byte;
        } else this.index = this.u32();
        break;
      }
      case Kind.i32: {
        const at = this.offset;
        const byte = at < this.end ? this.bytes[at]! : 0xff;
        if (byte < 0x80) {
          this.offset = at + 1;
          this.lo = (byte << 25) >> 25;
        } else this.lo = this.s32();
        break;
      }
      case Kind.memarg:
        this.memarg();
        break;
      case Kind.block:
        this.blockType();
        break;
      case Kind.indexPair:
        this.index = this.u32();
        this.index2 = this.u32();
        break;
      case Kind.i64:
        this.s64();
        break;
      case Kind.f32:
        this.lo = this.word();
        break;
      case Kind.f64:
        this.lo = this.word();
        this.hi = this.word();
        break;
      case Kind.labels:
        this.labelVector();
        break;
      case Kind.heap:
        this.heapType = this.readHeapType();
        this.heapTypeidx = this.typeidx;
        break;
      case Kind.types:
        this.typeVector();
        break;
      case Kind.tryTable:
        this.blockType();
        this.catchVector();
        break;
      case Kind.cast:
        this.castFlags = this.u8();
        if (this.castFlags > 3) this.malformed("malformed br_on_cast flags", this.offset - 1);
        this.index = this.u32();
        this.heapType = this.readHeapType();
        this.heapTypeidx = this.typeidx;
        this.heapType2 = this.readHeapType();
        this.heapTypeidx2 = this.typeidx;
        break;
      case Kind.vector:
        for (let i = 0; i < 16; i++) this.vector[i] = this.u8();
        break;
      case Kind.lane:
        this.lane = this.u8();
        break;
      case Kind.memargLane:
        this.memarg();
        this.lane = this.u8();
        break;
      case Kind.zero:
        if (this.u8() !== 0) this.malformed("zero byte expected", this.offset - 1);
        break;
      default:
        this.illegal();
    }
  }

  private prefixed(prefix: number): number {
    if (prefix === 0xff) return prefix;
    const sub = this.u32();
    if (prefix === 0xfc) return sub < 0x100 ? 0x200 + sub : this.illegal();
    if (prefix === 0xfd) return sub < 0x200 ? 0x300 + sub : this.illegal();
    if (prefix === 0xfb) return sub < 0x100 ? 0x100 + sub : this.illegal();
    return sub < 0x80 ? 0x500 + sub : this.illegal();
  }

  private illegal(): never {
    const end = Math.min(this.offset, this.start + 6);
    let text = "";
    for (let at = this.start; at < end; at++) text += ` ${this.bytes[at]!.toString(16).padStart(2, "0")}`;
    this.malformed(`illegal opcode${text}`, this.start);
  }

  private memarg(): void {
    const flags = this.u32();
    if (flags >= 0x80) this.malformed("malformed memop flags", this.start + 1);
    this.align = flags & (MEMARG_HAS_MEMIDX - 1);
    this.memory = (flags & MEMARG_HAS_MEMIDX) !== 0 ? this.u32() : 0;
    this.u64();
  }

  private word(): number {
    const at = this.offset;
    if (this.end - at < 4) this.malformed("unexpected end of section or function");
    this.offset = at + 4;
    const bytes = this.bytes;
    return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
  }

  private blockType(): void {
    this.blockTypeId = -1;
    this.blockResult = BOT;
    const start = this.offset;
    const byte = start < this.end ? this.bytes[start]! : 0;
    if (byte === 0x40) this.offset = start + 1;
    else if ((byte & 0xc0) === 0x40) this.blockResult = this.valType();
    else {
      const typeidx = this.s33();
      if (typeidx < 0) this.malformed("malformed block type", start);
      this.blockTypeId = this.typeIndex(typeidx, start);
      this.blockTypeidx = typeidx;
    }
  }

  private labelVector(): void {
    const count = this.count() + 1;
    for (let i = 0; i < count; i++) this.labels[i] = this.u32();
    this.labelCount = count;
  }

  private catchVector(): void {
    const count = this.count(2);
    for (let i = 0; i < 3 * count; i += 3) {
      const kind = this.u8();
      if (kind > CATCH_ALL_REF) this.malformed("malformed catch clause", this.offset - 1);
      this.catches[i] = kind;
      this.catches[i + 1] = kind < CATCH_ALL ? this.u32() : -1;
      this.catches[i + 2] = this.u32();
    }
    this.catchCount = count;
  }

  private typeVector(): void {
    const count = this.count();
    this.selectTypes.length = 0;
    for (let i = 0; i < count; i++) this.selectTypes.push(this.valType());
  }
}
