// Bytes of a snapshot being read. Nothing is believed: numbers are in range, and what is allocated
// is bounded by the bytes that are there.
import { damaged } from "./snapshot-error.js";

export class ByteSource {
  at = 0;
  constructor(private readonly source: Uint8Array) {}

  get left(): number {
    return this.source.length - this.at;
  }

  byte(): number {
    if (this.at >= this.source.length) damaged("it ends early");
    return this.source[this.at++]!;
  }

  /** A whole number from 0 to `max`, which is at most 2^53 − 1. */
  count(max = Number.MAX_SAFE_INTEGER): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (value > max) damaged("a number that is too large");
      if (byte < 128) return value;
      if (scale >= 2 ** 49) damaged("a number that is too long");
    }
  }

  /** A number of items of which each takes at least `itemBytes` of what is left. */
  length(itemBytes = 1): number {
    const length = this.count();
    if (length * itemBytes > this.left) damaged("more items than there are bytes");
    return length;
  }

  flag(): boolean {
    return this.count(1) === 1;
  }

  signed(): number {
    const value = this.count();
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
  }

  int32(): number {
    return this.byte() | (this.byte() << 8) | (this.byte() << 16) | (this.byte() << 24);
  }

  int32s(count: number): Int32Array {
    if (count * 4 > this.left) damaged("it ends early");
    const values = new Int32Array(count);
    for (let i = 0; i < count; i++) values[i] = this.int32();
    return values;
  }

  /** A view of the bytes, not a copy. */
  bytes(count: number): Uint8Array {
    if (count > this.left) damaged("it ends early");
    this.at += count;
    return this.source.subarray(this.at - count, this.at);
  }

  text(): string {
    const length = this.length();
    let text = "";
    for (let i = 0; i < length; i++) text += String.fromCharCode(this.count(0xffff));
    return text;
  }

  /** As many of `read` as a length says. */
  list<T>(read: () => T, itemBytes = 1): T[] {
    const length = this.length(itemBytes);
    const items: T[] = [];
    for (let i = 0; i < length; i++) items.push(read());
    return items;
  }

  end(): void {
    if (this.left > 0) damaged("bytes behind its end");
  }
}
