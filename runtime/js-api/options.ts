// What a WebAssembly object of ours can be told beyond the standard, and what it takes of its host.
import type { Amount } from "../amount.js";
import type { FuelScheduleName } from "../fuel-schedule.js";
import type { GivenLimits } from "../limits.js";
import type { EngineName } from "./trap-texts.js";

/** What a host has of shared buffers, which are not in every page. */
export interface SharedBuffers {
  /** A buffer of zeros that grows as far as `max`, or one that does not grow. @throws RangeError */
  readonly create: (length: number, max: number) => SharedBytes;
  /** Another object for the same bytes, as `structuredClone` makes one. */
  readonly another: (buffer: SharedBytes) => SharedBytes;
}

/** As much of the host's class as is used here, ECMAScript 2024. */
export type SharedBytes = ArrayBufferLike & {
  readonly growable?: boolean;
  grow?(length: number): void;
};

/** What the face uses of its host where the host has it: it looks for nothing by itself. */
export interface HostFacilities {
  /**
   * Gives the bytes of `buffer` to a new ArrayBuffer and detaches it, as `structuredClone` does with a transfer list.
   * Without it, and without ArrayBuffer.prototype.transfer, a buffer from before growth stays as it was.
   */
  readonly transfer?: (buffer: ArrayBuffer) => ArrayBuffer;
  /**
   * Makes a WeakRef. Without it, what tables, globals and instances of heap types hold is kept as long as the object
   * WebAssembly is: the core itself does not look at what the host collects.
   */
  readonly weakRef?: <T extends object>(object: T) => { deref(): T | undefined };
  /** Buffers that agents share; without them the buffer of a shared memory is a RangeError. */
  readonly sharedBuffers?: SharedBuffers;
  /** Whether a value is a Response; without it there is no compileStreaming and no instantiateStreaming. */
  readonly isResponse?: (value: unknown) => boolean;
}

export interface WebAssemblyOptions {
  /**
   * Fuel of everything that is run, in units of `schedule`; without it none is counted against. A call that needs
   * more ends with a RuntimeError, "all fuel consumed", which no guest catches.
   */
  readonly fuel?: Amount;
  /**
   * What runs functions: "compiler" makes JavaScript of those that run often, where the host lets code be made of text.
   * Nothing but time depends on it. "interpreter" by default.
   */
  readonly tier?: "interpreter" | "compiler";
  /** What instructions cost. */
  readonly schedule?: FuelScheduleName;
  /** Caps on all that the modules have together; the default is as much as the specification allows. */
  readonly limits?: GivenLimits;
  /**
   * How many calls of exported functions may lie above each other through JavaScript. Each takes about 2 KiB of the
   * host's stack beside what the JavaScript between them takes. The next one is a RangeError. 200 by default.
   */
  readonly nestedCalls?: number;
  /**
   * The proposal js-types: WebAssembly.Function, `type()` of functions, memories, tables, globals and tags, `type` in
   * what Module.exports and Module.imports list, `minimum` beside `initial`. No part of the specification 3.0, and off
   * in other engines: programs work otherwise where WebAssembly.Function is there. False by default.
   */
  readonly typeReflection?: boolean;
  /**
   * Whose words traps and a full stack speak, for programs that test for them: docs/engines.md has what each engine
   * says. Classes of errors are the specification's whatever is said. "V8" by default.
   */
  readonly messages?: EngineName;
  readonly host?: HostFacilities;
}
