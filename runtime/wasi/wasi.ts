// The world of one WASI guest: its state, and the imports made of it.

import { encodeUtf8 } from "../../decoder/index.js";
import { SeededRandom } from "../deterministic.js";
import type { Linker } from "../embedding/linker.js";
import { UsageError } from "../errors.js";
import type { Caller } from "../interpreter/caller.js";
import { ALL_RIGHTS, WASI_MODULE } from "./abi.js";
import { WasiCall } from "./call.js";
import {
  DEFAULT_MAX_DESCRIPTORS,
  type Descriptor,
  Descriptors,
  directoryDescriptor,
  streamDescriptor,
} from "./descriptors.js";
import type { FileHandle, FileSystem, Stream } from "./file-system.js";
import { WASI_FUNCTIONS } from "./functions.js";
import { GuestTime, type WasiClock } from "./time.js";

/** A directory that the guest finds open at the start, and through which alone it reaches files. */
export interface Preopen {
  /** What the guest calls it, as in `/input`. */
  readonly name: string;
  /** An open directory of the file system. */
  readonly directory: FileHandle;
  /** The file system; default: that of the options. */
  readonly files?: FileSystem | undefined;
  /** Refuses every change below it. Default false. */
  readonly readOnly?: boolean | undefined;
}

export interface WasiOptions {
  /** The program's name, then its arguments; default none. */
  readonly args?: readonly string[] | undefined;
  /** Environment variables; default none. */
  readonly environ?: Readonly<Record<string, string>> | undefined;
  /** What descriptors 0, 1 and 2 are connected to; by default stdin is empty and output is lost. */
  readonly stdin?: Stream | undefined;
  readonly stdout?: Stream | undefined;
  readonly stderr?: Stream | undefined;
  /** Where the preopens are that name no file system of their own. */
  readonly files?: FileSystem | undefined;
  /** From descriptor 3 on, in this order. */
  readonly preopens?: readonly Preopen[] | undefined;
  /** Further descriptors, behind the preopens. */
  readonly streams?: readonly Stream[] | undefined;
  /** A clock in place of the virtual one; the run is then no longer repeatable. */
  readonly clock?: WasiClock | undefined;
  /** What the virtual clock shows at the start: nanoseconds since 1970; default 2000-01-01. */
  readonly clockStart?: bigint | undefined;
  /**
   * What a sleep costs. "virtual" (default): nothing; time is set forward, or the clock's own `sleep` waits.
   * "charged": as much fuel as computing for that long, by which the virtual clock goes on: then no guest
   * outlives its budget by sleeping.
   */
  readonly sleep?: "virtual" | "charged" | undefined;
  /** Seed of random_get; default 0. */
  readonly seed?: number | bigint | undefined;
  /** Fills `target` for random_get in place of the seeded generator; the run is then no longer repeatable. */
  readonly random?: ((target: Uint8Array) => void) | undefined;
  /** Most descriptors open at once; default 128. */
  readonly maxDescriptors?: number | undefined;
  /**
   * Whether calls cost fuel for what they do, beside the call instruction; default true.
   * Without it totals are those of engines that charge for instructions only.
   */
  readonly charges?: boolean | undefined;
}

/** The state as plain data. The file system's, the streams' and an injected clock's are their own. */
export interface WasiState {
  readonly descriptors: readonly (readonly [fd: number, descriptor: Descriptor])[];
  readonly random: readonly number[];
  readonly time: { readonly origin: bigint; readonly elapsed: bigint };
  readonly fuelBefore: number;
}

const NOTHING: Stream = { read: () => 0 };
const LOST: Stream = { write: () => {} };

/** What one instance imports from `wasi_snapshot_preview1`. */
export class Wasi {
  readonly args: readonly Uint8Array[];
  readonly environ: readonly Uint8Array[];
  /** Standard input, output and error, then the others. */
  readonly streams: readonly Stream[];
  /** The file systems of the preopens, each once. */
  readonly fileSystems: readonly FileSystem[];
  readonly descriptors: Descriptors;
  readonly time: GuestTime;
  readonly random: SeededRandom;
  /** What random_get gives. */
  readonly fillRandom: (target: Uint8Array) => void;
  readonly charges: boolean;
  /** Fuel of the guest's executions that are over: whoever makes more than one adds it up, so that time goes on. */
  fuelBefore = 0;

  /** @throws UsageError if a string contains NUL, a preopen has no files, or there are more than descriptors */
  constructor(options: WasiOptions = {}) {
    this.args = (options.args ?? []).map((arg) => cString(arg));
    this.environ = Object.entries(options.environ ?? {}).map(([name, value]) => {
      if (name === "" || name.includes("=")) throw new UsageError(`not a name of an environment variable: ${name}`);
      return cString(`${name}=${value}`);
    });
    this.streams = [
      options.stdin ?? NOTHING,
      options.stdout ?? LOST,
      options.stderr ?? LOST,
      ...(options.streams ?? []),
    ];
    this.time = new GuestTime(options);
    this.random = new SeededRandom(options.seed ?? 0);
    this.fillRandom = options.random ?? ((target) => this.random.fill(target));
    this.charges = options.charges ?? true;
    const preopens = options.preopens ?? [];
    const limit = options.maxDescriptors ?? DEFAULT_MAX_DESCRIPTORS;
    if (limit < this.streams.length + preopens.length)
      throw new UsageError("maxDescriptors is less than what is open at the start");
    this.descriptors = new Descriptors(limit);
    const streams = this.streams.map((stream, i) =>
      streamDescriptor(i, stream.read !== undefined, stream.write !== undefined),
    );
    const fileSystems: FileSystem[] = [];
    const directories = preopens.map(({ name, directory: handle, readOnly = false, files = options.files }) => {
      if (files === undefined) throw new UsageError(`the directory ${name} has no file system`);
      if (!fileSystems.includes(files)) fileSystems.push(files);
      const opening = { files: fileSystems.indexOf(files), handle, readOnly, flags: 0 };
      return directoryDescriptor({ ...opening, rights: ALL_RIGHTS, inheriting: ALL_RIGHTS }, cString(name));
    });
    this.fileSystems = fileSystems;
    for (const descriptor of [...streams.slice(0, 3), ...directories, ...streams.slice(3)])
      this.descriptors.add(descriptor);
  }

  /** Defines all functions. The linker is then for one instance. */
  define(linker: Linker): void {
    for (const [name, { params, results, invoke }] of Object.entries(WASI_FUNCTIONS)) {
      linker.defineFunc(WASI_MODULE, name, { params, results }, (caller: Caller, ...args: (number | bigint)[]) =>
        invoke(new WasiCall(this, caller), args),
      );
    }
  }

  saveState(): WasiState {
    return {
      descriptors: this.descriptors.save(),
      random: this.random.save(),
      time: this.time.save(),
      fuelBefore: this.fuelBefore,
    };
  }

  /** Replaces the state. What the options gave stays. */
  restoreState(state: WasiState): void {
    this.descriptors.restore(state.descriptors);
    this.random.restore(state.random);
    this.time.restore(state.time);
    this.fuelBefore = state.fuelBefore;
  }
}

function cString(text: string): Uint8Array {
  if (text.includes("\0")) throw new UsageError("an argument, a variable or a directory's name contains NUL");
  return encodeUtf8(text);
}
