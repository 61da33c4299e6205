import { UsageError } from "../errors.js";
import { hex, sha256 } from "../sha256.js";
import { MemoryInst } from "../store/memory.js";
import { BLOCK_BYTES } from "../store/memory-picture.js";
import { isZero } from "../store/same-words.js";

/**
 * A hash of what a memory holds: the SHA-256, as 64 hexadecimal digits, of each block of 1024 bytes
 * that is not all zeros, in ascending order and each behind its number, and then of the memory's size
 * in bytes; both numbers are 8 bytes, little-endian. Blocks of zeros are left out, since a guest
 * touches little of what it declares. A last block that is not whole is filled up with zeros.
 */
export function hashMemory(memory: MemoryInst): string {
  if (!(memory instanceof MemoryInst)) throw new UsageError("hashMemory takes a Memory");
  const { byteLength } = memory;
  const { numbers, data } = memory.picture();
  const words = new Int32Array(data.buffer, data.byteOffset, data.length / 4);
  const row = 8 + BLOCK_BYTES;
  const bytes = new Uint8Array(numbers.length * row + 8);
  const view = new DataView(bytes.buffer);
  let at = 0;
  numbers.forEach((number, i) => {
    const from = i * BLOCK_BYTES;
    // A picture that lost its base has blocks of zeros where the base had others.
    if (isZero(words, from / 4, (from + BLOCK_BYTES) / 4)) return;
    view.setBigUint64(at, BigInt(number), true);
    bytes.set(data.subarray(from, from + BLOCK_BYTES), at + 8);
    at += row;
  });
  view.setBigUint64(at, BigInt(byteLength), true);
  return hex(sha256(bytes.subarray(0, at + 8)));
}
