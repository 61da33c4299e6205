// Views of a memory's buffer, and how what a buffer holds gets into a larger one.
import { isZero } from "./same-words.js";
import { PAGE_BYTES } from "./sparse-pages.js";

/**
 * glibc takes smaller blocks from its heap once one has been freed, and fills them with zeros; from
 * here on the kernel gives pages, none of which takes room or time before it is touched.
 */
export const LEAST_MAPPED = 33 * 2 ** 20;

/** Views of one buffer. */
export class MemoryViews {
  readonly u8: Uint8Array;
  readonly i8: Int8Array;
  readonly u16: Uint16Array;
  readonly i32: Int32Array;
  readonly data: DataView;
  /** Per page: 1 once it was written. */
  readonly written: Uint8Array;
  /** @param length how much of a buffer that grows they show; of any other all */
  constructor(buffer: ArrayBufferLike, length?: number) {
    this.u8 = new Uint8Array(buffer, 0, length);
    this.i8 = new Int8Array(buffer, 0, length);
    this.u16 = new Uint16Array(buffer, 0, length && length >> 1);
    this.i32 = new Int32Array(buffer, 0, length && length >> 2);
    this.data = new DataView(buffer, 0, length);
    this.written = new Uint8Array(new ArrayBuffer(4 * Math.ceil((this.u8.length / PAGE_BYTES + 1) / 4)));
  }
}

/**
 * Copies the first `length` bytes to a larger buffer of zeros. In large buffers, pages of zeros are left out: writing
 * them would take room that neither the guest nor the kernel has given them yet.
 */
export function copyWritten(from: Uint8Array, length: number, to: Uint8Array): void {
  if (to.length < LEAST_MAPPED) {
    to.set(from.subarray(0, length));
    return;
  }
  const words = new Int32Array(from.buffer);
  for (let at = 0; at < length; at += PAGE_BYTES) {
    const end = Math.min(at + PAGE_BYTES, length);
    if (!isZero(words, at / 4, Math.ceil(end / 4))) to.set(from.subarray(at, end), at);
  }
}
