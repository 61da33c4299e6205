// The bytes of a function's body: numbers as the binary format has them (spec 5.2), and the immediates of instructions.
import type { OpcodeRow } from "../../decoder/opcodes.js";
import { refuse } from "./errors.js";

export interface Catch {
  /** 0 catch, 1 catch_ref, 2 catch_all, 3 catch_all_ref. */
  readonly kind: number;
  readonly tagidx: number;
  /** Counted from outside of the block. */
  readonly label: number;
}

/** What follows an opcode; what an instruction does not have is zero, or empty. */
export interface Immediates {
  /** Of a block: its typeidx, or the width of its one result, or 0 for none. */
  blockType: { readonly typeidx: number } | { readonly width: number } | null;
  index: number;
  index2: number;
  /** A constant, or the offset of a memory access. */
  immediate: bigint;
  memory: number;
  lane: number;
  labels: readonly number[];
  catches: readonly Catch[];
  /** Heap types: negative ones abstract, as in the binary format, else a typeidx. */
  heap: number;
  heap2: number;
  flags: number;
  /** Of `select t`: the width of what it selects. */
  width: number;
}

export class Reader {
  constructor(
    private readonly bytes: Uint8Array,
    public at = 0,
  ) {}
  get done(): boolean {
    return this.at >= this.bytes.length;
  }
  byte(): number {
    const byte = this.bytes[this.at++];
    if (byte === undefined) refuse("a function's body ends in the midst of an instruction");
    return byte;
  }
  unsigned(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  }
  u32(): number {
    return Number(this.unsigned());
  }
  signed(): bigint {
    let value = 0n;
    for (let shift = 0n; ; ) {
      const byte = this.byte();
      value |= BigInt(byte & 127) << shift;
      shift += 7n;
      if (byte < 128) return BigInt.asIntN(Number(shift), value);
    }
  }
  fixed(width: number): bigint {
    let value = 0n;
    for (let i = 0; i < width; i++) value |= BigInt(this.byte()) << BigInt(8 * i);
    return value;
  }
  /** A value type. @returns its width in slots */
  valueType(): number {
    const byte = this.byte();
    if (byte === 0x63 || byte === 0x64) this.signed();
    return byte === 0x7b ? 2 : 1;
  }

  private blockType(): Immediates["blockType"] {
    const before = this.at;
    const type = Number(this.signed());
    if (type === -64) return { width: 0 };
    if (type >= 0) return { typeidx: type };
    this.at = before;
    return { width: this.valueType() };
  }

  immediates(kind: OpcodeRow["immediate"]): Immediates {
    const found: Immediates = {
      ...{ blockType: null, index: 0, index2: 0, immediate: 0n, memory: 0, lane: 0, labels: [], catches: [] },
      ...{ heap: 0, heap2: 0, flags: 0, width: 1 },
    };
    switch (kind) {
      case "none":
        break;
      case "block":
      case "try_table":
        found.blockType = this.blockType();
        if (kind === "try_table") found.catches = this.catches();
        break;
      case "labels":
        found.labels = Array.from({ length: this.u32() + 1 }, () => this.u32());
        break;
      case "memarg":
      case "memarg_lane":
        found.memory = (this.u32() & HAS_MEMIDX) === 0 ? 0 : this.u32();
        found.immediate = this.unsigned();
        if (kind === "memarg_lane") found.lane = this.byte();
        break;
      case "i32":
        found.immediate = BigInt.asUintN(32, this.signed());
        break;
      case "i64":
        found.immediate = BigInt.asUintN(64, this.signed());
        break;
      case "f32":
        found.immediate = this.fixed(4);
        break;
      case "f64":
        found.immediate = this.fixed(8);
        break;
      case "v128":
      case "lanes":
        found.immediate = this.fixed(16);
        break;
      case "lane":
      case "zero":
        found.lane = this.byte();
        break;
      case "heap":
        found.heap = Number(this.signed());
        break;
      case "types":
        for (let n = this.u32(); n > 0; n--) found.width = this.valueType();
        break;
      case "cast":
        found.flags = this.byte();
        found.index = this.u32();
        found.heap = Number(this.signed());
        found.heap2 = Number(this.signed());
        break;
      default:
        found.index = this.u32();
        if (PAIRS.has(kind)) found.index2 = this.u32();
    }
    return found;
  }

  private catches(): Catch[] {
    return Array.from({ length: this.u32() }, () => {
      const kind = this.byte();
      return { kind, tagidx: kind < 2 ? this.u32() : -1, label: this.u32() };
    });
  }
}

const HAS_MEMIDX = 0x40;
const PAIRS: ReadonlySet<OpcodeRow["immediate"]> = new Set([
  ...(["type_table", "data_memory", "memory_memory", "elem_table", "table_table", "type_field"] as const),
  ...(["type_count", "type_data", "type_elem", "type_type"] as const),
]);
