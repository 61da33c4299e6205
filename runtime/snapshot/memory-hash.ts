import type { MemoryInst } from "../store/memory.js";
import { BLOCK_BYTES } from "../store/memory-image.js";
import { hex, sha256 } from "./sha256.js";

/**
 * A hash of what a memory holds: the SHA-256, as 64 hexadecimal digits, of each block of 1024 bytes
 * that is not all zeros, in ascending order and each behind its number, and then of the memory's size
 * in bytes; both numbers are 8 bytes, little-endian. Blocks of zeros are left out, since a guest
 * touches little of what it declares. A last block that is not whole is filled up with zeros.
 */
export function hashMemory(memory: MemoryInst): string {
  const { byteLength } = memory;
  const { numbers, data } = memory.image();
  const row = 8 + BLOCK_BYTES;
  const bytes = new Uint8Array(numbers.length * row + 8);
  const view = new DataView(bytes.buffer);
  numbers.forEach((number, i) => {
    view.setBigUint64(i * row, BigInt(number), true);
    bytes.set(data.subarray(i * BLOCK_BYTES, (i + 1) * BLOCK_BYTES), i * row + 8);
  });
  view.setBigUint64(numbers.length * row, BigInt(byteLength), true);
  return hex(sha256(bytes));
}
