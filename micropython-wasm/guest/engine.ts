// What both kinds of guests take from the engine: an instance within a memory limit, its memory, and why it ended.

import {
  HostError,
  type Instance,
  type Linker,
  type Memory,
  MemoryLimitExceeded,
  type Module,
  StackExhausted,
  type Store,
  type StoreLimits,
  Trap,
} from "../../runtime/index.js";
import type { GuestFailure, GuestMemory } from "./engine-port.js";
import { BootLimitError, GuestAborted, GuestFault } from "./errors.js";

/** What bounds an instance. */
export interface EngineLimits {
  /** Cap on linear memory in bytes; default 64 MiB. */
  readonly memoryLimitBytes?: number | undefined;
  /** Further caps of the store. */
  readonly limits?: Readonly<Partial<StoreLimits>> | undefined;
}

/** Cap on linear memory of guests that are given none. */
export const DEFAULT_MEMORY_LIMIT_BYTES = 64 * 1024 * 1024;
/** The budget of a run without a limit: more than any run can use. */
export const UNLIMITED_FUEL = 2 ** 52;

/**
 * @param begins whether it begins as the module says; otherwise it is to be given a state
 * @throws BootLimitError if the memory limit is below what the artifact starts with
 */
export function instantiate(linker: Linker, store: Store, module: Module, begins = true): Instance {
  try {
    return begins ? linker.instantiate(store, module) : linker.allocate(store, module);
  } catch (error) {
    if (!(error instanceof MemoryLimitExceeded)) throw error;
    throw new BootLimitError(
      "memory-limit",
      `a memory limit of ${error.limit} bytes is too low: MicroPython starts with ${error.requested} bytes`,
    );
  }
}

export class EngineMemory implements GuestMemory {
  constructor(private readonly memory: Memory) {}
  get byteLength(): number {
    return this.memory.byteLength;
  }
  range(address: number, length: number): Uint8Array {
    return this.memory.range(address, length);
  }
  touched(): Uint8Array {
    return this.memory.touched();
  }
  touchedView(): DataView {
    return this.memory.touchedView();
  }
  word(address: number): number {
    return this.memory.readU32(address);
  }
  setWord(address: number, word: number): void {
    this.memory.writeU32(address, word);
  }
  grow(pages: number): boolean {
    return this.memory.grow(pages) >= 0;
  }
}

/** What ended an execution, in the terms of guest/engine-port.ts. */
export function describeFailure(error: Error): GuestFailure {
  if (error instanceof HostError) {
    const { cause } = error;
    const kind = cause instanceof GuestFault || cause instanceof GuestAborted ? "trap" : "host";
    return { kind, message: cause instanceof Error ? cause.message : error.message, cause };
  }
  const kind = error instanceof StackExhausted ? "stack" : error instanceof Trap ? trapKind(error) : "host";
  return { kind, message: error.message, cause: error };
}

function trapKind(error: Trap): "trap" | "stack" | "memory-limit" {
  return error.kind === "fuel" ? "trap" : error.kind;
}
