// How a row of the function table is written: its types and what it does.

import type { Caller } from "../interpreter/caller.js";
import { Errno } from "./abi.js";
import type { DirectoryDescriptor, FileDescriptor } from "./descriptors.js";
import { WasiError } from "./errors.js";
import { type FileSystem, priceOfAccess } from "./file-system.js";
import { GuestMemory } from "./guest-memory.js";
import type { Wasi } from "./wasi.js";

/** Fuel of every call: about as long as the host takes to get here and back. */
export const CALL_FUEL = 32;

/** One call of the guest. */
export class WasiCall {
  private memoryView: GuestMemory | undefined;

  constructor(
    readonly wasi: Wasi,
    private readonly caller: Caller,
  ) {}

  /** The calling instance's export `memory`. @throws UsageError if it has none */
  get memory(): GuestMemory {
    this.memoryView ??= new GuestMemory(this.caller.memory("memory"));
    return this.memoryView;
  }

  /** The file system that a descriptor is open in. */
  filesOf(descriptor: FileDescriptor | DirectoryDescriptor): FileSystem {
    return this.wasi.fileSystems[descriptor.files]!;
  }

  /** Fuel that the guest has used in all its executions. */
  get fuelUsed(): number {
    return this.wasi.fuelBefore + this.caller.fuelUsed;
  }

  /** Nanoseconds since 1970. */
  get now(): bigint {
    return this.wasi.time.now(this.fuelUsed);
  }

  /**
   * Charges for what the call is about to do. Where fuel is short the guest pauses and the call
   * is made anew, so this comes before any effect.
   */
  charge(fuel: number): void {
    if (this.wasi.charges) this.caller.chargeFuel(fuel);
  }

  /** Charges for accesses to a file, where they take long. Before any effect. */
  chargeAccess(descriptor: FileDescriptor | DirectoryDescriptor, count = 1): void {
    const fuel = priceOfAccess(this.filesOf(descriptor), descriptor.handle);
    if (fuel > 0) this.charge(fuel * count);
  }

  /** As {@link charge}, for a price that the embedder has set: it holds under every schedule. */
  chargePrice(fuel: number): void {
    if (fuel > 0) this.caller.chargeFuel(fuel);
  }

  /** Charges for moving bytes what memory.copy costs: a unit per started 64. */
  chargeTransfer(buffers: readonly Uint8Array[]): void {
    let fuel = 0;
    for (const buffer of buffers) fuel += Math.ceil(buffer.length / 64);
    this.charge(fuel);
  }
}

type Param = "i32" | "i64";
/** i32 as an unsigned number, i64 as an unsigned bigint. */
type Arguments<P extends readonly Param[]> = { [I in keyof P]: P[I] extends "i64" ? bigint : number };
type Body<P extends readonly Param[]> = (call: WasiCall, ...args: Arguments<P>) => void | Promise<void>;

/** A function of preview 1, as the guest imports it. */
export interface WasiFunction {
  readonly params: readonly Param[];
  readonly results: readonly "i32"[];
  /** Takes i32 and i64 as the engine gives them, and returns the error code, if there is one. */
  readonly invoke: (call: WasiCall, args: readonly (number | bigint)[]) => number | undefined | Promise<number>;
}

/**
 * A function that returns an error code: that of the WasiError which `body` throws, or with
 * which its promise is rejected; otherwise 0.
 * @param fuel what every call is charged at once; 0 if `body` sees to that
 */
export function wasiFunction<const P extends readonly Param[]>(
  params: P,
  body: Body<P>,
  fuel = CALL_FUEL,
): WasiFunction {
  return {
    params,
    results: ["i32"],
    invoke(call, args) {
      call.charge(fuel);
      try {
        const waiting = body(call, ...(unsigned(args) as Arguments<P>));
        return waiting === undefined ? Errno.success : waiting.then(() => Errno.success, errnoOf);
      } catch (error) {
        return errnoOf(error);
      }
    },
  };
}

/** A function without a result. */
export function wasiProcedure<const P extends readonly Param[]>(
  params: P,
  body: (call: WasiCall, ...args: Arguments<P>) => void,
): WasiFunction {
  return {
    params,
    results: [],
    invoke(call, args) {
      body(call, ...(unsigned(args) as Arguments<P>));
      return undefined;
    },
  };
}

function unsigned(args: readonly (number | bigint)[]): (number | bigint)[] {
  return args.map((arg) => (typeof arg === "bigint" ? BigInt.asUintN(64, arg) : arg >>> 0));
}

function errnoOf(error: unknown): number {
  if (error instanceof WasiError) return error.errno;
  throw error;
}
