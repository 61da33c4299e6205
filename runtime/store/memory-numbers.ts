// Numbers in a linear memory: little-endian, as the loads and stores of the specification (4.4.7) have them.
import { f32ToBits, f64ToHi, f64ToLo, toBigUint } from "../values.js";

/**
 * What an embedder reads and writes a memory's numbers with. Addresses are bytes, as numbers; all throw UsageError outside
 * the memory, and those that write MemoryLimitExceeded if the host has less memory than the cap allows.
 */
export abstract class MemoryNumbers {
  /** Reads the `width` bytes at `address`: `get` is told where they, or a copy of them, are. */
  protected abstract load<T>(address: number, width: number, get: (data: DataView, at: number) => T): T;
  /** Writes the `width` bytes at `address`: `set` is told where, or where they are taken from. */
  protected abstract put(address: number, width: number, set: (data: DataView, at: number) => void): void;

  readU8(address: number): number {
    return this.load(address, 1, (data, at) => data.getUint8(at));
  }

  readU16(address: number): number {
    return this.load(address, 2, (data, at) => data.getUint16(at, true));
  }

  readU32(address: number): number {
    return this.load(address, 4, (data, at) => data.getUint32(at, true));
  }

  readI32(address: number): number {
    return this.load(address, 4, (data, at) => data.getInt32(at, true));
  }

  readU64(address: number): bigint {
    return this.load(address, 8, (data, at) => toBigUint(data.getInt32(at, true), data.getInt32(at + 4, true)));
  }

  readF32(address: number): number {
    return this.load(address, 4, (data, at) => data.getFloat32(at, true));
  }

  readF64(address: number): number {
    return this.load(address, 8, (data, at) => data.getFloat64(at, true));
  }

  writeU8(address: number, value: number): void {
    this.put(address, 1, (data, at) => data.setUint8(at, value));
  }

  writeU16(address: number, value: number): void {
    this.put(address, 2, (data, at) => data.setUint16(at, value, true));
  }

  /** Takes signed values as well. */
  writeU32(address: number, value: number): void {
    this.put(address, 4, (data, at) => data.setInt32(at, value, true));
  }

  /** Takes signed values as well; any bigint is taken modulo 2^64. */
  writeU64(address: number, value: bigint): void {
    this.put(address, 8, (data, at) => data.setBigUint64(at, BigInt.asUintN(64, value), true));
  }

  /** A NaN is written as the canonical one. */
  writeF32(address: number, value: number): void {
    this.put(address, 4, (data, at) => data.setInt32(at, f32ToBits(value), true));
  }

  /** A NaN is written as the canonical one. */
  writeF64(address: number, value: number): void {
    this.put(address, 8, (data, at) => {
      data.setInt32(at, f64ToLo(value), true);
      data.setInt32(at + 4, f64ToHi(value), true);
    });
  }
}
