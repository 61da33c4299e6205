// Functions of the embedder that the guest may call: a registry by name, and the device
// through which calls come in and results go out as data. The guest never holds a JavaScript
// object; what it names is looked up in a Map, and nowhere else.

import { GuestFault, SandboxUsageError } from "./errors.js";
import type { Device } from "./filesystem.js";
import { decodeValue, encodeValue, type PythonValue, ValueError } from "./python-value.js";
import { isWellFormed } from "./utf8.js";

/**
 * A function for the guest to call. Positional arguments come first; if the guest passes
 * keyword arguments, an object with them comes last.
 */
export type HostCallable = (...args: never[]) => unknown;

/** Default size limit of one call's arguments, and of its result, in bytes of the encoding. */
export const DEFAULT_MAX_VALUE_BYTES = 256 * 1024;

export interface HostCallsState {
  /** What the guest has not read of the last reply. */
  readonly reply: Uint8Array;
  readonly callCount: number;
}

const CALL = "C".charCodeAt(0);
const VALUE = "V".charCodeAt(0);
const RETURNED = "R".charCodeAt(0);
const FAILED = "E".charCodeAt(0);

export class HostCalls implements Device {
  /** Calls made so far. */
  callCount = 0;
  /** The program's value, once the guest has sent it. */
  value: PythonValue | undefined;
  private readonly functions = new Map<string, HostCallable>();
  /** The last reply, of which the guest has read `replyRead` bytes. */
  private reply = new Uint8Array(0);
  private replyRead = 0;
  private waiting: Promise<void> | undefined;

  constructor(readonly maxBytes: number = DEFAULT_MAX_VALUE_BYTES) {}

  /** Registers `callable`; the name is a Python identifier, or two joined by a dot. */
  register(name: string, callable: HostCallable): void {
    if (typeof callable !== "function") throw new SandboxUsageError(`${name} is not a function`);
    this.functions.set(name, callable);
  }

  /** Names registered so far. */
  names(): string[] {
    return [...this.functions.keys()];
  }

  ready(): Promise<void> | undefined {
    return this.waiting;
  }

  read(target: Uint8Array): number {
    const count = Math.min(target.length, this.reply.length - this.replyRead);
    target.set(this.reply.subarray(this.replyRead, this.replyRead + count));
    this.replyRead += count;
    return count;
  }

  /** Takes one frame: the guest's library writes each in one piece, others get an error. */
  write(source: Uint8Array): void {
    if (source.length > this.maxBytes) this.answerError("ValueError", "host call too large");
    else if (this.waiting !== undefined) throw new GuestFault("a host call was made while another one waits");
    else this.receive(source.slice());
  }

  private receive(frame: Uint8Array): void {
    let value: PythonValue;
    try {
      value = decodeValue(frame.subarray(1));
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      this.answerError("ValueError", error.message);
      return;
    }
    if (frame[0] === VALUE) this.value = value;
    else if (frame[0] === CALL && Array.isArray(value)) this.invoke(value);
    else this.answerError("ValueError", "malformed host call");
  }

  private invoke(request: PythonValue[]): void {
    const [name, args, kwargs] = request;
    const callable = typeof name === "string" ? this.functions.get(name) : undefined;
    if (callable === undefined || !Array.isArray(args) || typeof kwargs !== "object" || kwargs === null) {
      this.answerError("ValueError", "no such host function");
      return;
    }
    this.callCount++;
    const keywords = Object.keys(kwargs).length > 0 ? [kwargs] : [];
    try {
      const result = callable(...([...args, ...keywords] as never[]));
      if (result instanceof Promise) {
        this.waiting = result.then(
          (settled) => this.settle(() => this.answer(settled)),
          (reason: unknown) => this.settle(() => this.answerThrown(reason)),
        );
      } else this.answer(result);
    } catch (error) {
      this.answerThrown(error);
    }
  }

  private settle(answer: () => void): void {
    this.waiting = undefined;
    try {
      answer();
    } catch (error) {
      this.answerThrown(error);
    }
  }

  private answer(result: unknown): void {
    this.setReply(RETURNED, encodeValue(result, this.maxBytes));
  }

  private answerThrown(error: unknown): void {
    if (error instanceof ValueError) this.answerError("ValueError", error.message);
    else this.answerError("RuntimeError", describeError(error));
  }

  private answerError(type: string, message: string): void {
    this.setReply(FAILED, encodeValue([type, message.slice(0, 4096)], 65536));
  }

  private setReply(kind: number, value: Uint8Array): void {
    const length = value.length + 1;
    const reply = new Uint8Array(length + 4);
    reply.set([length, length >>> 8, length >>> 16, length >>> 24, kind]);
    reply.set(value, 5);
    this.reply = reply;
    this.replyRead = 0;
  }

  /** State between two accesses of the guest. A call that is waiting for a promise has none. */
  saveState(): HostCallsState {
    if (this.waiting !== undefined) throw new SandboxUsageError("a host call is waiting for its result");
    return { reply: this.reply.slice(this.replyRead), callCount: this.callCount };
  }

  restoreState(state: HostCallsState): void {
    this.reply = state.reply.slice();
    this.replyRead = 0;
    this.callCount = state.callCount;
    this.waiting = undefined;
  }
}

/** Class and message of what a host function threw, which may be anything, even an object that throws. */
export function describeError(error: unknown): string {
  try {
    const text = error instanceof Error ? `${error.name}: ${error.message}` : "the host function failed";
    return isWellFormed(text) ? text : text.replace(/[\ud800-\udfff]/g, "\ufffd");
  } catch {
    return "the host function failed";
  }
}
