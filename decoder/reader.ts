// Bytes, LEB128 integers, names and types: spec 5.1 to 5.3.
//
// Conventions
//   lo, hi   the two int32 halves of the last 64-bit integer that was read.
//   A reader never looks past `end`, and never allocates by a count that the bytes declare.

import { InvalidError, MalformedError } from "./errors.js";
import { recursiveHeap } from "./type-registry.js";
import { HEAP_EXN, HEAP_NOEXN, type HeapType, I8, I16, I32, refType, V128, type ValType } from "./types.js";
import { decodeUtf8 } from "./utf8.js";

const REF_NON_NULL = 0x64;
const REF_NULL = 0x63;

/** Reads the binary format's primitive values from `bytes[offset, end)`. */
export class ByteReader {
  offset = 0;
  end: number;
  /** Low half of the last 64-bit integer. */
  lo = 0;
  /** High half of the last 64-bit integer. */
  hi = 0;
  /** Types of the recursive group being read, which follow those in `types`; 0 elsewhere. */
  recursiveCount = 0;
  /** The last typeidx that was read as a type. */
  typeidx = -1;
  /** The function whose body is being read, for errors; -1 elsewhere. */
  funcidx = -1;

  /**
   * @param bytes the whole module
   * @param types typeidx → canonical id; may grow while the type section is read
   */
  constructor(
    readonly bytes: Uint8Array,
    readonly types: readonly number[],
  ) {
    this.end = bytes.length;
  }

  /** Goes to the beginning of a range, a body's for example; nothing is read behind its end. */
  begin({ start, end }: { readonly start: number; readonly end: number }): this {
    this.offset = start;
    this.end = end;
    return this;
  }

  /** Throws MalformedError at `offset`, by default the current one. */
  malformed(reason: string, offset: number = this.offset): never {
    throw new MalformedError(reason, offset);
  }

  u8(): number {
    if (this.offset >= this.end) this.malformed("unexpected end of section or function");
    return this.bytes[this.offset++]!;
  }

  /** An unsigned LEB128 integer of at most 32 bits, as a number from 0 to 2^32 - 1. */
  u32(): number {
    const offset = this.offset;
    if (offset < this.end) {
      const byte = this.bytes[offset]!;
      if (byte < 0x80) {
        this.offset = offset + 1;
        return byte;
      }
    }
    return this.u32Long();
  }

  private u32Long(): number {
    let result = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.u8();
      result |= (byte & 0x7f) << shift;
      if (byte < 0x80) return result;
    }
    const byte = this.u8();
    if ((byte & 0x70) !== 0) this.malformed("integer too large", this.offset - 1);
    if (byte >= 0x80) this.malformed("integer representation too long");
    return (result | (byte << 28)) >>> 0;
  }

  /** A signed LEB128 integer of at most 32 bits. */
  s32(): number {
    let result = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.u8();
      result |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (result << (25 - shift)) >> (25 - shift);
    }
    const byte = this.u8();
    const sign = byte & 0x78;
    if (sign !== 0 && sign !== 0x78) this.malformed("integer too large", this.offset - 1);
    if (byte >= 0x80) this.malformed("integer representation too long");
    return result | (byte << 28);
  }

  /** A signed LEB128 integer of at most 33 bits, as a number. */
  s33(): number {
    let result = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.u8();
      result |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (result << (25 - shift)) >> (25 - shift);
    }
    const byte = this.u8();
    const sign = byte & 0x70;
    if (sign !== 0 && sign !== 0x70) this.malformed("integer too large", this.offset - 1);
    if (byte >= 0x80) this.malformed("integer representation too long");
    const low = (result | (byte << 28)) >>> 0;
    return sign === 0 ? low : low - 2 ** 32;
  }

  /** An unsigned LEB128 integer of at most 64 bits, into `lo` and `hi`. */
  u64(): void {
    const offset = this.offset;
    if (offset < this.end) {
      const byte = this.bytes[offset]!;
      if (byte < 0x80) {
        this.offset = offset + 1;
        this.lo = byte;
        this.hi = 0;
        return;
      }
    }
    this.leb64(false);
  }

  /** A signed LEB128 integer of at most 64 bits, into `lo` and `hi`. */
  s64(): void {
    this.leb64(true);
  }

  private leb64(signed: boolean): void {
    let lo = 0;
    let hi = 0;
    let shift = 0;
    let byte = 0;
    do {
      byte = this.u8();
      const bits = byte & 0x7f;
      if (shift < 28) lo |= bits << shift;
      else if (shift === 28) {
        lo |= bits << 28;
        hi = bits >> 4;
      } else if (shift < 63) hi |= bits << (shift - 32);
      else {
        if (bits !== 0 && bits !== (signed ? 0x7f : 1)) this.malformed("integer too large", this.offset - 1);
        if (byte >= 0x80) this.malformed("integer representation too long");
        hi |= bits << 31;
      }
      shift += 7;
    } while (byte >= 0x80);
    if (signed && (byte & 0x40) !== 0 && shift < 64) {
      if (shift < 32) {
        lo |= -1 << shift;
        hi = -1;
      } else hi |= -1 << (shift - 32);
    }
    this.lo = lo;
    this.hi = hi;
  }

  /** The last `u64()` as a number: exact below 2^53, rounded above. */
  u64AsNumber(): number {
    return (this.hi >>> 0) * 2 ** 32 + (this.lo >>> 0);
  }

  /** The length of a vector whose elements take at least `elementBytes` bytes each. */
  count(elementBytes = 1): number {
    const start = this.offset;
    const count = this.u32();
    if (count * elementBytes > this.end - this.offset) this.malformed("length out of bounds", start);
    return count;
  }

  /** Skips `length` bytes. */
  skip(length: number): void {
    if (length > this.end - this.offset) this.malformed("unexpected end of section or function");
    this.offset += length;
  }

  /** A name: a length and that many bytes of UTF-8 (spec 5.2, "Names"). `maxBytes` is the implementation limit. */
  name(maxBytes = 2 ** 32): string {
    const start = this.offset;
    const length = this.u32();
    if (length > this.end - this.offset) this.malformed("length out of bounds", start);
    if (length > maxBytes) throw new InvalidError(`name is longer than ${maxBytes} bytes`, start);
    const text = decodeUtf8(this.bytes, this.offset, this.offset + length);
    if (text === undefined) this.malformed("malformed UTF-8 encoding");
    this.offset += length;
    return text;
  }

  /** A typeidx as a heap type: a canonical id, or relative to the group being read. */
  typeIndex(index: number, offset: number): HeapType {
    const known = this.types.length;
    this.typeidx = index;
    if (index < known) return this.types[index]!;
    if (index - known < this.recursiveCount) return recursiveHeap(index - known);
    throw new InvalidError(
      `unknown type ${index} (the module has ${known + this.recursiveCount})`,
      offset,
      this.funcidx,
    );
  }

  /** A heap type (spec 5.3): one negative byte, or a typeidx. */
  readHeapType(): HeapType {
    const start = this.offset;
    const value = this.s33();
    if (value >= 0) return this.typeIndex(value, start);
    if (value < HEAP_EXN || value > HEAP_NOEXN || this.offset !== start + 1) {
      this.malformed("malformed heap type", start);
    }
    return value;
  }

  /** A value type (spec 5.3). */
  valType(): ValType {
    const byte = this.u8();
    if (byte <= I32 && byte >= V128) return byte;
    return this.refTypeFrom(byte, "malformed value type");
  }

  /** A reference type (spec 5.3). */
  refType(): ValType {
    return this.refTypeFrom(this.u8(), "malformed reference type");
  }

  private refTypeFrom(byte: number, reason: string): ValType {
    if (byte === REF_NULL || byte === REF_NON_NULL) return refType(this.readHeapType(), byte === REF_NULL);
    const heap = byte - 0x80;
    if (heap < HEAP_EXN || heap > HEAP_NOEXN) this.malformed(reason, this.offset - 1);
    return refType(heap, true);
  }

  /** A storage type (spec 5.3): a value type, i8 or i16. */
  storageType(): ValType {
    const byte = this.offset < this.end ? this.bytes[this.offset]! : -1;
    if (byte === I8 || byte === I16) {
      this.offset++;
      return byte;
    }
    return this.valType();
  }

  /** The mutability of a field or global (spec 5.3): 0 or 1. */
  mutability(): boolean {
    const byte = this.u8();
    if (byte > 1) this.malformed("malformed mutability", this.offset - 1);
    return byte === 1;
  }
}
