// The guest's memory as host calls see it. The guest can forge any pointer that it passes, so
// every access is checked here; what is out of bounds is Errno.fault.

import type { MemoryInst } from "../store/memory.js";
import { Errno, IOVEC_SIZE } from "./abi.js";
import { WasiError } from "./errors.js";

/** Most buffers of one read or write (IOV_MAX). */
export const MAX_IO_VECTORS = 1024;

/** Addresses and lengths are unsigned 32-bit numbers of bytes. */
export class GuestMemory {
  constructor(private readonly memory: MemoryInst) {}

  /** The bytes `[address, address + length)`. A view: stale after the memory grows. */
  bytes(address: number, length: number): Uint8Array {
    if (!this.memory.inBounds(address, length)) throw new WasiError(Errno.fault, "pointer out of bounds");
    // Of a buffer of the whole memory: one that grows for a pointer behind it would leave earlier arrays stale.
    return this.memory.part(address, length);
  }

  /** The structure of `length` bytes at `address`; its fields are little-endian. */
  struct(address: number, length: number): DataView {
    const bytes = this.bytes(address, length);
    return new DataView(bytes.buffer, bytes.byteOffset, length);
  }

  setU32(address: number, value: number): void {
    this.struct(address, 4).setUint32(0, value, true);
  }

  setU64(address: number, value: bigint): void {
    this.struct(address, 8).setBigUint64(0, value, true);
  }

  /** The buffers of an array of `iovec` or `ciovec`. They may overlap. */
  vectors(address: number, count: number): Uint8Array[] {
    if (count > MAX_IO_VECTORS) throw new WasiError(Errno.inval, "too many buffers");
    const table = this.struct(address, count * IOVEC_SIZE);
    const buffers: Uint8Array[] = [];
    for (let at = 0; at < table.byteLength; at += IOVEC_SIZE)
      buffers.push(this.bytes(table.getUint32(at, true), table.getUint32(at + 4, true)));
    return buffers;
  }
}
