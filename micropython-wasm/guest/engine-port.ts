// What the MicroPython host needs from an engine, and what it gives it.
//
// The host is written against these interfaces only, so that the same host runs on our
// interpreter (emscripten/guest.ts) and, in tests, on V8's WebAssembly (test/v8-shim.ts).
//
// Two kinds of imports are not host functions: `invoke_*` and `_emscripten_throw_longjmp`
// (see INVOKE_PREFIX, LONGJMP_IMPORT). They unwind guest frames, which only an engine can do.
// No other import ever calls back into the guest: host functions are leaves, so no
// JavaScript frame is on the stack between two guest frames.

import type { PictureManner, StorePicture } from "../../runtime/index.js";

/** The types that occur in the artifact's imports. */
export type NumericType = "i32" | "i64" | "f32" | "f64";
/** i32, f32, f64 as numbers (i32 signed), i64 as a signed bigint. */
export type NumericValue = number | bigint;

/**
 * The guest's linear memory. Arrays go stale when it grows, and when bytes beyond them are asked
 * for: take fresh ones per host call.
 */
export interface GuestMemory {
  readonly byteLength: number;
  /** The bytes `[address, address + length)`, which are within the memory; not a copy. */
  range(address: number, length: number): Uint8Array;
  /** The beginning of the memory, as far as it has a buffer; not a copy. What is behind it, `range` gives a buffer. */
  touched(): Uint8Array;
  /** The same as a DataView. */
  touchedView(): DataView;
  /** The little-endian word at an address, of which four bytes are within the memory; an unsigned one. */
  word(address: number): number;
  setWord(address: number, word: number): void;
  /** Grows by `pages` of 64 KiB; false if the cap or the module's maximum refuses. */
  grow(pages: number): boolean;
}

/** What a host function can do besides computing its result. */
export interface HostContext {
  readonly memory: GuestMemory;
  /** Fuel used by the guest since it was instantiated, exact at this host call. */
  fuelUsed(): number;
  /** Charges fuel on top of the call's own price. */
  chargeFuel(amount: number): void;
  /** What the guest's frames hold outside of its memory, as words; undefined where the engine does not know. */
  liveWords?(): Int32Array | undefined;
}

/** One import. A promise pauses the guest until it settles, where the engine can do that. */
export interface GuestImport {
  readonly params: readonly NumericType[];
  readonly results: readonly NumericType[];
  call(context: HostContext, ...args: NumericValue[]): NumericValue | undefined | Promise<NumericValue | undefined>;
}

/** Import module → import name → function. */
export type GuestImports = Readonly<Record<string, Readonly<Record<string, GuestImport>>>>;

/**
 * Imports `env.invoke_<signature>(index, ...args)`: call entry `index` of the exported
 * `__indirect_function_table`. If the callee is unwound by {@link LONGJMP_IMPORT}, restore
 * the stack pointer to its value before the call, call the export `setThrew(1, 0)`, and
 * return 0. Traps are not caught.
 */
export const INVOKE_PREFIX = "invoke_";
/** Import `env._emscripten_throw_longjmp()`: unwinds to the nearest `invoke_*` frame. */
export const LONGJMP_IMPORT = "_emscripten_throw_longjmp";

/** How a slice of an execution ended. */
export type GuestOutcome =
  | { readonly status: "done"; readonly results: readonly NumericValue[] }
  /** The slice's fuel is used up; `run` goes on. */
  | { readonly status: "out-of-fuel" }
  /** The execution is over and the instance's state is not to be trusted. */
  | { readonly status: "failed"; readonly failure: GuestFailure };

/** Why an execution cannot go on. */
export interface GuestFailure {
  readonly kind: "trap" | "stack" | "memory-limit" | "host";
  readonly message: string;
  /** The thrown object, for callers that know its class. */
  readonly cause: unknown;
}

/** One call of an export. */
export interface GuestExecution {
  /** By this execution, exact between two slices. */
  readonly fuelUsed: number;
  /**
   * Grants `fuel` more units, on top of what earlier runs left over (Infinity: no limit), and runs.
   * @param exact whether it stops at the very instruction; default true (Execution.run)
   */
  run(fuel: number, exact?: boolean): GuestOutcome | Promise<GuestOutcome>;
}

/** The state of an instance between two slices. It shares what has not changed with others. */
export interface GuestCheckpoint {
  /** The engine's picture of everything in the store. */
  readonly picture: StorePicture;
  readonly fuelUsed: number;
}

/** An instance of the artifact. */
export interface GuestInstance {
  readonly memory: GuestMemory;
  /** Fuel used since instantiation. */
  fuelUsed(): number;
  /** Name of the schedule that {@link fuelUsed} counts by. */
  readonly fuelSchedule: string;
  /** Name of the tier that executes. */
  readonly tier: string;
  /** Cap on linear memory in bytes. */
  readonly memoryLimitBytes: number;
  /** Takes as little room as it can until it is used again; nothing is running but, perhaps, a paused execution. */
  hibernate?(paused: GuestExecution | null): void;
  /** The engine's hash of the memory, where it has one. */
  memoryHash?(): string;
  /** Whether there is an export of this name. */
  exports(name: string): boolean;
  /** Begins a call of export `name`; nothing runs before {@link GuestExecution.run}. */
  start(name: string, args: readonly NumericValue[]): GuestExecution;
  /**
   * The state now, with the execution that is paused, if there is one; only engines that can
   * keep states have this and {@link rewind}.
   */
  checkpoint?(paused: GuestExecution | null, manner?: PictureManner): GuestCheckpoint;
  /** Takes the room of a deferred state that nobody is going to look at any more. */
  giveBack?(checkpoint: GuestCheckpoint): void;
  /**
   * Goes back to a state of this instance, or of another one of the same artifact. Earlier
   * executions are void.
   * @returns the execution that was paused, if there was one
   * @throws SnapshotError if it is not such a state; then nothing has changed
   */
  rewind?(checkpoint: GuestCheckpoint): GuestExecution | null;
}

/** Makes an instance of the artifact with these imports. */
export type GuestFactory = (imports: GuestImports) => GuestInstance | Promise<GuestInstance>;
