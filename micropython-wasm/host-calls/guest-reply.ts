// What the guest gets next: the result of its call, an error, a request. Whoever has named objects in its memory (an
// exchange) gets it there, where the host can build it; others read a frame.
//   exchange, 5            s[0] = 5: nothing is left to read
//   exchange, a text       s[1] = the size of a block; the guest makes one, asks for BUILD, and the text is built in it
//   no exchange            the frame, which the guest reads piece by piece

import { encodeError, errorMessage, FAILED, frameOf, isValueError, REPLY_HEAD, RETURNED, SIZES } from "./frames.js";
import type { GuestObjects } from "./guest-objects.js";
import { boxSizes } from "./object-builder.js";
import { isUnreadable } from "./object-words.js";
import type { Reply } from "./pending-call.js";

const NO_REPLY = new Uint8Array(0);

export class GuestReply {
  /** The guest expects the next reply in its objects, and is not going to read it. */
  isExchange = false;
  /** The last one, of which the guest has read `readCount` bytes. */
  private frame: Uint8Array = NO_REPLY;
  private readCount = 0;
  /** What the blocks for its value are to hold; undefined if it is not known, or cannot be. */
  private sizes: readonly number[] | undefined;

  constructor(
    private readonly objects: GuestObjects,
    private readonly maxBytes: number,
  ) {}

  /** Bytes of the last reply. */
  get length(): number {
    return this.frame.length;
  }

  read(target: Uint8Array): number {
    const count = Math.min(target.length, this.frame.length - this.readCount);
    target.set(this.frame.subarray(this.readCount, this.readCount + count));
    this.readCount += count;
    return count;
  }

  set(reply: Reply): void {
    this.forget();
    const { isExchange, objects } = this;
    this.isExchange = false;
    if (isExchange) objects.refresh();
    if (isExchange && !(reply instanceof Uint8Array)) {
      objects.give(reply.value);
      return;
    }
    const frame = reply instanceof Uint8Array ? reply : frameOf(RETURNED, reply.value, this.maxBytes);
    this.frame = frame;
    if (!isExchange) return;
    const encoded = this.value();
    if (encoded === undefined) objects.refer();
    else if (frame[4] === FAILED) {
      if (!isValueError(frame) && objects.giveMessage(encoded)) this.forget();
      else objects.announceError(this.sizesOf(encoded)![0] ?? 0, isValueError(frame));
    } else if (objects.announce(encoded, this.sizesOf(encoded))) this.forget();
  }

  setError(type: "ValueError" | "RuntimeError", message: string): void {
    this.set(encodeError(type, message));
  }

  /** Builds the value of the last reply for the guest, or says how large its parts are. @param kind SIZES or BUILD */
  build(kind: number | undefined): void {
    const encoded = this.value();
    try {
      const sizes = this.readCount === 0 && encoded !== undefined ? this.sizesOf(encoded) : undefined;
      if (sizes === undefined) this.setError("ValueError", "malformed host call");
      else if (kind === SIZES) this.objects.giveSizes(sizes);
      else {
        this.objects.build(encoded!);
        this.forget();
      }
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      this.setError("ValueError", "malformed host call");
    }
  }

  /** What of the last reply the guest can be given as an object: a result, or the message of an error. */
  private value(): Uint8Array | undefined {
    const { frame } = this;
    if (frame[4] === RETURNED) return frame.subarray(REPLY_HEAD);
    return frame[4] === FAILED ? errorMessage(frame) : undefined;
  }

  private sizesOf(encoded: Uint8Array): readonly number[] | undefined {
    this.sizes ??= boxSizes(encoded, this.objects.keepsOrder);
    return this.sizes;
  }

  /** What the guest has not read of it. */
  saveState(): Uint8Array {
    return this.frame.slice(this.readCount);
  }

  restoreState(rest: Uint8Array): void {
    this.forget();
    this.frame = rest.slice();
  }

  private forget(): void {
    this.frame = NO_REPLY;
    this.readCount = 0;
    this.sizes = undefined;
  }
}
