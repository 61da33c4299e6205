// Calls of the artifact's exports that are not the guest's own: boot, conversions, clean-up. None of them costs the
// guest fuel; each has a bound of its own.

import { decodeUtf8Lossy, encodeUtf8 } from "../../decoder/index.js";
import type { GuestInstance, NumericValue } from "../guest/engine-port.js";
import { BootLimitError, SandboxUsageError } from "../guest/errors.js";
import { guestBytes, guestWord, setGuestBytes, setGuestWord } from "../guest/memory-access.js";
import { type PythonException, parseException } from "../interpreter/python-error.js";
import { type Bridge, MP_CALLABLE, MP_EXCEPTION, MP_GENERATOR, MP_OBJECT, TRIPLE_SIZE } from "./bridge.js";

/**
 * Bound on calls that are not the guest's own: none needs nearly as much, but after a program
 * has overwritten the allocator's lists (with uctypes it can), even `free` may not end.
 */
const INTERNAL_CALL_FUEL = 100_000_000;
/** Calls that allocate no Python object. Any other may collect, which looks at every block of the heap and all that is in use. */
const PLAIN_CALLS: ReadonlySet<string> = new Set(["malloc", "free"]);
/** What a collection takes of each byte of memory, at most. */
export const COLLECTION_FUEL_PER_BYTE = 32;
/** Longer exception texts are cut. */
const MAX_EXCEPTION_BYTES = 1024 * 1024;

/** A value triple, read. */
interface Triple {
  readonly payload: number;
  readonly exception: PythonException | null;
}

export class ExportCalls {
  /** Where calls leave a value triple. */
  out = 0;

  /** @param broke takes note of why the interpreter cannot be used any more */
  constructor(
    private readonly guest: GuestInstance,
    private readonly bridge: Bridge,
    private readonly broke: (message: string) => void,
  ) {}

  async call(name: string, ...args: NumericValue[]): Promise<number> {
    const collection = PLAIN_CALLS.has(name) ? 0 : COLLECTION_FUEL_PER_BYTE * this.guest.memory.byteLength;
    const outcome = await this.guest.start(name, args).run(INTERNAL_CALL_FUEL + collection);
    if (outcome.status === "done") return Number(outcome.results[0] ?? 0);
    const message = outcome.status === "failed" ? outcome.failure.message : outcome.status;
    this.broke(message);
    const kind = outcome.status === "failed" ? outcome.failure.kind : "trap";
    if (kind === "stack" || kind === "memory-limit")
      throw new BootLimitError(kind, `MicroPython cannot start: ${message}`);
    throw new SandboxUsageError(`MicroPython failed in ${name}: ${message}`);
  }

  async allocate(bytes: number): Promise<number> {
    const address = (await this.call("malloc", bytes)) >>> 0;
    if (address === 0) {
      throw new BootLimitError("memory-limit", `the memory limit leaves no room for ${bytes} bytes`);
    }
    return address;
  }

  async withText<T>(text: string, body: (address: number) => Promise<T>): Promise<T> {
    const bytes = encodeUtf8(text + "\0");
    const address = await this.allocate(bytes.length);
    setGuestBytes(this.guest.memory, address, bytes);
    try {
      return await body(address);
    } finally {
      await this.call("free", address);
    }
  }

  /** Calls an export whose last parameter is `out`; returns the number of a Python object. */
  async reference(name: string, ...args: NumericValue[]): Promise<number> {
    this.clearTriple();
    await this.call(name, ...args, this.out);
    const triple = await this.takeTriple();
    if (triple.exception !== null)
      throw new SandboxUsageError(`MicroPython failed in ${name}: ${triple.exception.traceback}`);
    return triple.payload;
  }

  async execute(source: string): Promise<void> {
    const bytes = encodeUtf8(source);
    await this.withText(source, (address) => this.reference("mp_js_do_exec", address, bytes.length));
  }

  async importModule(name: string): Promise<number> {
    return this.withText(name, (address) => this.reference("mp_js_do_import", address));
  }

  async attribute(object: number, name: string): Promise<number> {
    return this.withText(name, (address) => this.reference("proxy_c_to_js_lookup_attr", object, address));
  }

  /** The guest leaves the words alone that a kind does not need. */
  clearTriple(): void {
    for (let word = 0; word < TRIPLE_SIZE; word += 4) setGuestWord(this.guest.memory, this.out + word, 0);
  }

  /** Reads the triple; notes the Python object in it, if there is one. */
  async takeTriple(): Promise<Triple> {
    const memory = this.guest.memory;
    const kind = guestWord(memory, this.out) | 0;
    const payload = guestWord(memory, this.out + 4);
    let exception: PythonException | null = null;
    if (kind === MP_EXCEPTION) {
      const address = guestWord(memory, this.out + 8);
      const text = guestBytes(memory, address, payload);
      exception = parseException(decodeUtf8Lossy(text.subarray(0, MAX_EXCEPTION_BYTES)));
      await this.call("free", address);
    } else if (kind === MP_CALLABLE || kind === MP_GENERATOR || kind === MP_OBJECT) {
      this.bridge.live.add(payload);
    }
    return { payload, exception };
  }

  async freeObjects(): Promise<void> {
    for (const ref of this.bridge.takeDisposable()) await this.call("proxy_c_free_obj", ref);
  }
}
