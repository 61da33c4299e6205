// Everything that the guest can see of the world, in one place: files, streams, clock,
// randomness, host functions. Its state is plain data.

import { type Clock, SeededRandom } from "../../runtime/index.js";
import type { Device } from "../guest/device.js";
import { HOST_DEVICE_PATH } from "../host-calls/guest-library.py.js";
import { HostCalls, type HostCallsState } from "../host-calls/host-calls.js";
import { type ClockState, GuestClock } from "./guest-clock.js";
import { type InputStream, StandardInput } from "./input.js";
import { CapturedOutput, type OutputOptions, type OutputState } from "./output.js";
import { O_RDONLY, O_WRONLY } from "./posix-calls.js";
import { PosixFiles } from "./posix-files.js";
import type { PosixFilesLimits, PosixFilesState } from "./posix-files-state.js";

export interface EnvironmentOptions {
  /** Seed of the guest's random numbers; default 0. */
  readonly seed?: number | bigint | undefined;
  /** What the virtual clock shows at the start: nanoseconds since 1970; default 2000-01-01. */
  readonly clockStart?: bigint | undefined;
  /** A clock in place of the virtual one; the run is then no longer repeatable. */
  readonly clock?: Clock | undefined;
  /** What the guest reads from stdin, whole or as it comes; default: nothing. */
  readonly stdin?: Uint8Array | InputStream | undefined;
  readonly stdout?: OutputOptions | undefined;
  readonly stderr?: OutputOptions | undefined;
  readonly files?: PosixFilesLimits | undefined;
  /** Size limit of host calls' arguments and results, and of a program's value, in bytes. */
  readonly maxValueBytes?: number | undefined;
}

/** Format of {@link EnvironmentState}; changes when the meaning of a field does. */
export const ENVIRONMENT_STATE_VERSION = 6;

/** The environment's state as plain data: structured-clonable, without functions. */
export interface EnvironmentState {
  readonly version: typeof ENVIRONMENT_STATE_VERSION;
  readonly files: PosixFilesState;
  readonly stdin: Uint8Array;
  readonly stdout: OutputState;
  readonly stderr: OutputState;
  readonly clock: ClockState;
  /** The generator's four words. */
  readonly random: readonly number[];
  readonly hostCalls: HostCallsState;
  readonly refusedGrowth: number;
}

/** Where the guest starts: the place for its own files. */
export const WORKING_DIRECTORY = "/work";

export class Environment {
  readonly files: PosixFiles;
  readonly clock: GuestClock;
  readonly random: SeededRandom;
  readonly stdout: CapturedOutput;
  readonly stderr: CapturedOutput;
  readonly hostCalls: HostCalls;
  /** How often a request for more memory was refused. */
  refusedGrowth = 0;
  /** Names of Python files that are part of this project. */
  readonly ownPrograms = new Set<string>();
  readonly stdin: StandardInput;

  constructor(options: EnvironmentOptions = {}) {
    this.clock = new GuestClock(options.clock, options.clockStart);
    this.random = new SeededRandom(options.seed ?? 0);
    this.stdin = new StandardInput(options.stdin);
    this.stdout = new CapturedOutput("stdout", options.stdout);
    this.stderr = new CapturedOutput("stderr", options.stderr);
    this.hostCalls = new HostCalls(options.maxValueBytes);
    this.files = new PosixFiles(
      options.files,
      new Map<string, Device>([
        ["stdin", this.stdin],
        ["stdout", this.stdout],
        ["stderr", this.stderr],
        ["null", {}],
        ["random", { read: (target: Uint8Array) => this.readRandom(target) }],
        ["host", this.hostCalls],
      ]),
    );
    this.files.nowMs = this.clock.timeMs(0);
    for (const path of ["/dev", "/lib", "/tmp", WORKING_DIRECTORY]) this.files.mkdirs(path);
    for (const name of ["stdin", "stdout", "stderr", "null"]) this.files.addDevice(`/dev/${name}`, name);
    this.files.addDevice(HOST_DEVICE_PATH, "host");
    this.files.chdir(WORKING_DIRECTORY);
    // Descriptors 0, 1, 2, in this order.
    this.files.open("/dev/stdin", O_RDONLY);
    this.files.open("/dev/stdout", O_WRONLY);
    this.files.open("/dev/stderr", O_WRONLY);
    this.files.setReadOnly("/dev", true);
    for (const name of ["stdout", "stderr", "null", "host"]) this.files.setReadOnly(`/dev/${name}`, false);
  }

  /** Whether there are Python files that the embedder or the guest made. */
  holdsPrograms(): boolean {
    return (
      this.files.memory.mountPaths.length > 0 ||
      this.files.names().some((name) => /\.m?py$/.test(name) && !this.ownPrograms.has(name))
    );
  }

  /** Starts clock, randomness and stdin as a new environment has them. */
  restart(options: EnvironmentOptions): void {
    this.clock.restoreState(new GuestClock(options.clock, options.clockStart).saveState());
    this.random.restore(new SeededRandom(options.seed ?? 0).save());
    this.stdin.set(options.stdin);
  }

  /** Replaces what the guest will read from stdin. */
  setStdin(bytes: Uint8Array): void {
    this.stdin.set(bytes);
  }

  private readRandom(target: Uint8Array): number {
    this.random.fill(target);
    return target.length;
  }

  saveState(): EnvironmentState {
    return {
      version: ENVIRONMENT_STATE_VERSION,
      files: this.files.saveState(),
      stdin: this.stdin.saveState(),
      stdout: this.stdout.saveState(),
      stderr: this.stderr.saveState(),
      clock: this.clock.saveState(),
      random: this.random.save(),
      hostCalls: this.hostCalls.saveState(),
      refusedGrowth: this.refusedGrowth,
    };
  }

  /** Replaces the state. Options that are not state (limits, callbacks, functions) stay. */
  restoreState(state: EnvironmentState): void {
    this.files.restoreState(state.files);
    this.stdin.restoreState(state.stdin);
    this.stdout.restoreState(state.stdout);
    this.stderr.restoreState(state.stderr);
    this.clock.restoreState(state.clock);
    this.random.restore(state.random);
    this.hostCalls.restoreState(state.hostCalls);
    this.refusedGrowth = state.refusedGrowth;
  }
}
