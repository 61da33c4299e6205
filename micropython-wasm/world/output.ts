// What the guest writes to stdout and stderr: kept up to a cap, and streamed as it comes.

import { decodeUtf8Lossy } from "../../decoder/index.js";
import { OutputLimitExceeded } from "../guest/errors.js";

export const DEFAULT_OUTPUT_LIMIT_BYTES = 1_000_000;

export interface OutputOptions {
  /** Most bytes to keep; default 1,000,000. */
  readonly limitBytes?: number | undefined;
  /** Past the cap: keep the head and the tail (default), or stop the guest. */
  readonly overflow?: "truncate" | "stop" | undefined;
  /** Receives every chunk as it is written, also what is past the cap. The bytes are the receiver's. */
  readonly onData?: ((bytes: Uint8Array) => void) | undefined;
  /** Fuel that each byte costs, kept or not; default 0. */
  readonly fuelPerByte?: number | undefined;
}

export interface OutputState {
  readonly head: Uint8Array;
  readonly tail: Uint8Array;
  readonly totalBytes: number;
}

/** One captured stream. The first half of the cap holds the head, the second a ring of the tail. */
export class CapturedOutput {
  readonly limitBytes: number;
  private readonly headCapacity: number;
  private readonly tailCapacity: number;
  private readonly overflow: "truncate" | "stop";
  private readonly fuelPerByte: number;
  private readonly onData: ((bytes: Uint8Array) => void) | undefined;
  /** Sees what is written, while a receipt is made of it. The bytes are the guest's. */
  tap: ((bytes: Uint8Array) => void) | undefined;
  private head = new Uint8Array(0);
  private headLength = 0;
  private ring = new Uint8Array(0);
  /** Bytes ever written to the ring. */
  private ringTotal = 0;

  constructor(
    readonly stream: "stdout" | "stderr",
    options: OutputOptions = {},
  ) {
    this.limitBytes = options.limitBytes ?? DEFAULT_OUTPUT_LIMIT_BYTES;
    this.headCapacity = this.limitBytes - (this.limitBytes >> 1);
    this.tailCapacity = this.limitBytes >> 1;
    this.overflow = options.overflow ?? "truncate";
    this.onData = options.onData;
    this.fuelPerByte = options.fuelPerByte ?? 0;
  }

  /** Bytes written so far, kept or not. */
  get totalBytes(): number {
    return this.headLength + this.ringTotal;
  }

  /** Bytes written but not kept. */
  get omittedBytes(): number {
    return Math.max(0, this.ringTotal - this.tailCapacity);
  }

  get truncated(): boolean {
    return this.omittedBytes > 0;
  }

  price(bytes: Uint8Array): number {
    return Math.ceil(bytes.length * this.fuelPerByte);
  }

  /** Takes what the guest writes. `bytes` may be a view of guest memory: it is copied. */
  write(bytes: Uint8Array): void {
    const room = this.limitBytes - this.totalBytes;
    const stop = this.overflow === "stop" && bytes.length > room;
    const accepted = stop ? bytes.subarray(0, room) : bytes;
    if (accepted.length > 0) {
      this.keep(accepted);
      this.tap?.(accepted);
      this.onData?.(accepted.slice());
    }
    if (stop) throw new OutputLimitExceeded(this.stream, this.limitBytes);
  }

  private keep(bytes: Uint8Array): void {
    let rest = bytes;
    if (this.headLength < this.headCapacity) {
      const n = Math.min(rest.length, this.headCapacity - this.headLength);
      this.head = reserve(this.head, this.headLength + n, this.headCapacity);
      this.head.set(rest.subarray(0, n), this.headLength);
      this.headLength += n;
      rest = rest.subarray(n);
    }
    if (rest.length === 0) return;
    if (this.tailCapacity === 0) {
      this.ringTotal += rest.length;
      return;
    }
    // Bytes that the ring would overwrite within this very write are only counted.
    const skip = Math.max(0, rest.length - this.tailCapacity);
    this.ring = reserve(this.ring, Math.min(this.ringTotal + rest.length, this.tailCapacity), this.tailCapacity);
    let position = (this.ringTotal + skip) % this.tailCapacity;
    let source = rest.subarray(skip);
    while (source.length > 0) {
      const n = Math.min(source.length, this.tailCapacity - position);
      this.ring.set(source.subarray(0, n), position);
      position = (position + n) % this.tailCapacity;
      source = source.subarray(n);
    }
    this.ringTotal += rest.length;
  }

  private tailBytes(): Uint8Array {
    if (this.ringTotal <= this.tailCapacity) return this.ring.slice(0, this.ringTotal);
    const start = this.ringTotal % this.tailCapacity;
    const tail = new Uint8Array(this.tailCapacity);
    tail.set(this.ring.subarray(start));
    tail.set(this.ring.subarray(0, start), this.tailCapacity - start);
    return tail;
  }

  /** The kept bytes, head then tail. */
  bytes(): Uint8Array {
    const tail = this.tailBytes();
    const all = new Uint8Array(this.headLength + tail.length);
    all.set(this.head.subarray(0, this.headLength));
    all.set(tail, this.headLength);
    return all;
  }

  /** The kept text; where bytes are missing, a line says how many. */
  text(): string {
    if (!this.truncated) return decodeUtf8Lossy(this.bytes());
    // A character cut in two at the gap is dropped, not shown as two replacement characters.
    const head = this.head.subarray(0, lastBoundary(this.head, this.headLength));
    const tail = this.tailBytes();
    let start = 0;
    while (start < tail.length && start < 3 && (tail[start]! & 0xc0) === 0x80) start++;
    const omitted = `\n[${this.omittedBytes} bytes of ${this.stream} omitted]\n`;
    return decodeUtf8Lossy(head) + omitted + decodeUtf8Lossy(tail.subarray(start));
  }

  /** Forgets what was written. */
  clear(): void {
    this.headLength = 0;
    this.ringTotal = 0;
    this.head = new Uint8Array(0);
    this.ring = new Uint8Array(0);
  }

  saveState(): OutputState {
    return { head: this.head.slice(0, this.headLength), tail: this.tailBytes(), totalBytes: this.totalBytes };
  }

  /** Whether a state is one that a stream with this cap can be in. */
  accepts({ head, tail, totalBytes }: OutputState): boolean {
    const { headCapacity, tailCapacity } = this;
    const ring = totalBytes - head.length;
    return (
      head.length === Math.min(totalBytes, headCapacity) && ring >= 0 && tail.length === Math.min(ring, tailCapacity)
    );
  }

  restoreState(state: OutputState): void {
    this.clear();
    this.keep(state.head);
    // The ring's phase is not part of the state: the tail is laid down again from its start.
    this.keep(state.tail);
    this.ringTotal = state.totalBytes - this.headLength;
    if (this.ringTotal > this.tailCapacity && this.tailCapacity > 0) {
      const start = this.ringTotal % this.tailCapacity;
      const rotated = new Uint8Array(this.tailCapacity);
      rotated.set(state.tail.subarray(0, this.tailCapacity - start), start);
      rotated.set(state.tail.subarray(this.tailCapacity - start), 0);
      this.ring = rotated;
    }
  }
}

/** `bytes` with room for `needed`, grown by doubling up to `limit`. */
function reserve(bytes: Uint8Array<ArrayBuffer>, needed: number, limit: number): Uint8Array<ArrayBuffer> {
  if (needed <= bytes.length) return bytes;
  const grown = new Uint8Array(Math.min(limit, Math.max(needed, bytes.length * 2, 1024)));
  grown.set(bytes);
  return grown;
}

/** The largest end ≤ `length` that does not cut a UTF-8 sequence. */
function lastBoundary(bytes: Uint8Array, length: number): number {
  for (let back = 1; back <= 3 && back <= length; back++) {
    const byte = bytes[length - back]!;
    if ((byte & 0xc0) === 0x80) continue;
    const size = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return size > back ? length - back : length;
  }
  return length;
}
