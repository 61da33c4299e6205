// What the guest reads from stdin: bytes that are there, or a stream of the host's that is asked when they are needed.

import type { Device } from "../guest/device.js";

/** Bytes as they come, from a pipe or a terminal: Node's `process.stdin`, a `ReadableStream`. */
export type InputStream = AsyncIterable<Uint8Array>;

const NOTHING = new Uint8Array(0);

export class StandardInput implements Device {
  /** What has come and is not read yet. */
  private bytes: Uint8Array = NOTHING;
  private stream: InputStream | undefined;
  /** Of {@link stream}, once it has been asked. */
  private iterator: AsyncIterator<Uint8Array> | undefined;

  constructor(source?: Uint8Array | InputStream) {
    this.set(source);
  }

  /** Puts another input in the place of this one. */
  set(source: Uint8Array | InputStream | undefined): void {
    const isStream = source !== undefined && !(source instanceof Uint8Array);
    this.bytes = isStream ? NOTHING : (source?.slice() ?? NOTHING);
    this.stream = isStream ? source : undefined;
    this.iterator = undefined;
  }

  /**
   * A promise while the stream has not given as many bytes as the guest wants, nor ended. So what one read gives, and
   * with it fuel, does not depend on the pieces in which a pipe delivers: "ab", then "c", is read like "abc".
   */
  ready(bytes = 1): Promise<void> | undefined {
    if (this.stream === undefined || this.bytes.length >= bytes) return undefined;
    return this.fill(bytes);
  }

  private async fill(bytes: number): Promise<void> {
    const { stream } = this;
    while (stream !== undefined && this.stream === stream && this.bytes.length < bytes) {
      this.iterator ??= stream[Symbol.asyncIterator]();
      const { done, value } = await this.iterator.next();
      if (this.stream !== stream) return;
      if (done === true) this.stream = undefined;
      else this.bytes = joined(this.bytes, value);
    }
  }

  read(target: Uint8Array): number {
    const count = Math.min(target.length, this.bytes.length);
    target.set(this.bytes.subarray(0, count));
    this.bytes = this.bytes.subarray(count);
    return count;
  }

  /** What has come and is not read: a stream itself is no state. */
  saveState(): Uint8Array {
    return this.bytes.slice();
  }

  restoreState(bytes: Uint8Array): void {
    this.bytes = bytes.slice();
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b.slice();
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
