/// <reference lib="esnext.disposable" preserve="true" />
// The shapes of the Python sandbox (sandbox.ts): what is asked of it and what it answers.
import type { Receipt } from "../../proof/index.js";
import type { Amount, Clock, FuelScheduleName, Module, Tier } from "../../runtime/index.js";
import type { CPythonArtifact } from "../cpython/artifact.js";
import type { ArtifactBuild } from "../emscripten/artifact-build.js";
import type { ReprText } from "../host-calls/kept-value.js";
import type { HostCallAnswer, HostCallRequest } from "../host-calls/later-calls.js";
import type { PythonError } from "../interpreter/interpreter.js";
import type { EventLoop } from "../interpreter/turns.js";
import type { HostCallable } from "../values/capability.js";
import type { PythonValue } from "../values/python-value.js";
import type { ByteSource } from "./byte-sources.js";
import type { SandboxMount } from "./mounts.js";

/** A function of the host's that the guest can call; it may return a promise. */
export type SandboxFunction = HostCallable;

/** Amounts are numbers, bigints, or text such as `"20_000_000"` and `"64MiB"`. */
export interface SandboxOptions {
  /** Fuel of each run, refreshed; default 20,000,000, on CPython 50,000,000,000. */
  readonly fuel?: Amount | undefined;
  /** Fuel of the whole session; default: no limit. */
  readonly sessionFuel?: Amount | undefined;
  /** Cap on linear memory; default 64 MiB, on CPython 256 MiB. MicroPython starts with 16.2 MiB, a WASI build with its heap. */
  readonly memory?: Amount | undefined;
  readonly schedule?: FuelScheduleName | undefined;
  /**
   * What runs it: EngineOptions.tier; of an artifact that is a Module, its engine says so. By default the interpreter; the
   * package's own MicroPython, in Node, goes on in what was compiled ahead of time when that pays. `ahead-of-time`: it
   * has that from the start.
   */
  readonly tier?: Tier | undefined;
  /** Seed of the guest's random numbers; default 0. */
  readonly seed?: Amount | undefined;
  /** Functions by name, in the guest's global scope and in `js`. */
  readonly functions?: Readonly<Record<string, SandboxFunction>> | undefined;
  /** Modules of functions: `{ db: { query } }` gives `import db`. */
  readonly modules?: Readonly<Record<string, Readonly<Record<string, SandboxFunction>>>> | undefined;
  /** Host calls that one run may make; default 10,000. */
  readonly maxHostCalls?: Amount | undefined;
  /** Fuel charged for each host call, besides what its instructions cost; default 0. */
  readonly hostCallFuel?: Amount | undefined;
  /** Size limit of one call's arguments, and of what it returns, in bytes; default 256 KiB. */
  readonly maxValueBytes?: Amount | undefined;
  /** Read-only files below /input, by their paths there: text, bytes, or a `URL` or `Response` that is read. */
  readonly files?: Readonly<Record<string, ByteSource | string>> | undefined;
  /**
   * Folders of the host by the guest's paths, as in `{ "/input": "./data" }`, which is read-only, or
   * `{ "/out": { path: "./out", access: "read-write" } }`: "read-write" changes the host's folder, "overlay" keeps
   * changes in the session. The guest cannot leave them, through links neither. In Node only.
   */
  readonly mounts?: Readonly<Record<string, SandboxMount>> | undefined;
  /**
   * Most bytes that the guest's own files may have together, and by which it may lengthen those of read-write mounts;
   * default 16 MiB.
   */
  readonly workBytes?: Amount | undefined;
  /** Most bytes of stdout, and of stderr, that a result holds; default 1,000,000 each. */
  readonly outputBytes?: Amount | undefined;
  /** Past that: the result keeps head and tail (default), or the run stops and the session goes back to before it. */
  readonly onOutputLimit?: "truncate" | "stop" | undefined;
  /** Fuel charged for each byte of output; default 0. */
  readonly outputFuel?: number | undefined;
  /** Receives output as it is written; the bytes are the receiver's. */
  readonly onStdout?: ((bytes: Uint8Array) => void) | undefined;
  readonly onStderr?: ((bytes: Uint8Array) => void) | undefined;
  /** What running out of fuel means: the run is given up (default), or it waits for more. */
  readonly onFuelExhausted?: "abandon" | "pause" | undefined;
  /** Wall-clock limit of each run in milliseconds; default: none. */
  readonly timeout?: Amount | undefined;
  /** sys.argv; default: empty. */
  readonly argv?: readonly string[] | undefined;
  /**
   * What the guest reads from stdin; default: nothing. An async iterable of bytes, such as Node's `process.stdin`, is
   * asked when the guest reads, which waits for it; of such a stream snapshots keep what has come and is not read.
   */
  readonly stdin?: Uint8Array | string | AsyncIterable<Uint8Array> | undefined;
  /** A real clock in place of the virtual one; runs are then no longer repeatable. */
  readonly clock?: Clock | undefined;
  /** What the virtual clock shows at the start: nanoseconds since 1970; default 2000-01-01. */
  readonly clockStart?: bigint | undefined;
  /** Bounds the depth of Python calls, at some 210 bytes each; default 192 KiB. Not for a WASI build. */
  readonly pythonStackBytes?: Amount | undefined;
  /**
   * Size of Python's heap on a WASI build, where it never grows; default 8 MiB, less if `memory` is
   * near that. The default artifact's grows by itself, up to `memory`.
   */
  readonly heapBytes?: Amount | undefined;
  /**
   * The artifact, if it is not the one that this package depends on (a build of MicroPython for
   * JavaScript or for WASI), or where its file cannot be read, as in browsers. Sandboxes with the
   * same array of bytes (which must not change) or the same module share what they have in common. Text is a path, in
   * browsers a URL; what is read there again and has not changed is the same array.
   */
  readonly artifact?: ByteSource | string | Module | undefined;
  /** Python modules of the embedder's by name: `{ "tools.text": source }` gives `from tools import text`. Rewritten as programs are. */
  readonly libraries?: Readonly<Record<string, string>> | undefined;
  /**
   * Whether programs are rewritten to what MicroPython takes: slices with a step, `{**a}`, `[*a]`, methods of str that
   * it lacks, match, stable sorting, and so on (the guide, Python that runs). Default: true. Not on a WASI build.
   */
  readonly compat?: boolean | undefined;
  /**
   * A build of the artifact that this package depends on; default "standard". "ulab" has arrays in the manner of
   * numpy, "settrace" sys.settrace (calls cost some forty times more), "settrace-ulab" both. Those three boot when a
   * process first asks for them. Not together with `artifact`.
   */
  readonly build?: ArtifactBuild | undefined;
  /**
   * A booted interpreter, which prebootedImage() made of the same artifact with the same options: the session begins
   * with it, and boots nothing. For this package's own artifact there is one in the package. Its bytes must not change.
   */
  readonly image?: ByteSource | string | undefined;
  /**
   * Which Python: MicroPython, which is in the package (default), or CPython 3.15 with numpy, pandas and forty more
   * packages, which `escapement artifacts add cpython` puts into the user's cache. Elsewhere than in Node its parts are
   * handed over. Defaults are others there: `memory` 256 MiB.
   */
  readonly python?: "micropython" | "cpython" | CPythonArtifact | undefined;
  /** CPython: modules that are imported before the first run, such as `["numpy"]`. The image that has them is made once. */
  readonly preload?: readonly string[] | undefined;
  /** Timers and turns; default: those of the JavaScript host. */
  readonly eventLoop?: EventLoop | undefined;
}

/** What is used of an AbortSignal, whichever host's it is. */
export interface Abort {
  readonly aborted: boolean;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

export interface SandboxRunOptions {
  /**
   * Globals that the run begins with, by name: numbers, texts, arrays, objects and bytes, as host functions return
   * them. They cost no fuel, and each has at most `maxValueBytes`.
   */
  readonly inputs?: Readonly<Record<string, unknown>> | undefined;
  /**
   * What a call of a host function does: the function is called (default), or the run pauses before it, with the call
   * in {@link RunReport.call}, until `resume` is given its value or error. Such a run can be snapshot, and answered in
   * another process. Methods of capabilities are called as ever.
   */
  readonly onHostCall?: "call" | "pause" | undefined;
  /** In place of the session's. */
  readonly fuel?: Amount | undefined;
  readonly signal?: Abort | undefined;
  /** Wall-clock limit in milliseconds, from the start of the run, in place of the session's. */
  readonly timeout?: Amount | undefined;
  /**
   * Most characters of the value's repr, which the result then has beside the value. The guest makes it, as part of the
   * run. Default: 0, none. As many as an eighth of `maxValueBytes` at the most.
   */
  readonly repr?: Amount | undefined;
  /**
   * Whether the result has a receipt: hashes of what the run was given, of its host calls and of its states on the way,
   * by which others can check it. Not with a clock, stdin that streams, or onHostCall.
   */
  readonly receipt?: boolean | undefined;
  /**
   * Is shown the run's states on the way, every `checkpointFuel`: the run waits for what is done with one. From a
   * snapshot of one, {@link Sandbox.restore} makes a session whose run is paused there; `resume(paused, 0)` goes on, with
   * the same receipt in the end. Left out where the run waits for a host function, or holds objects of the host's.
   */
  readonly onCheckpoint?: ((checkpoint: SandboxCheckpoint) => void | Promise<void>) | undefined;
  /** Least fuel between two states that are shown; default 100,000,000. With `receipt` they are among its checkpoints. */
  readonly checkpointFuel?: Amount | undefined;
  /** Is told between slices, some hundred times a second, what the run has used: it must not throw. */
  readonly onProgress?: ((progress: RunProgress) => void) | undefined;
}

/** A state of a run that is under way. */
export interface SandboxCheckpoint {
  readonly fuelUsed: number;
  /** The session there, its run paused. To be called before the run goes on. @throws SandboxUsageError afterwards */
  snapshot(): Uint8Array;
}

export interface RunProgress {
  readonly fuelUsed: number;
  readonly elapsedMs: number;
}

/** What `resume` gives a run that waits for host functions. */
export type SandboxAnswer = HostCallAnswer & {
  /** Which of {@link RunReport.calls}; needed where there is more than one. */
  readonly id?: number | undefined;
};

/**
 * ok: the program ran to its end, or left with exit status 0; error: an exception, or a limit
 * that has no status of its own (error.kind tells); paused: out of fuel or before a host call, and can go on.
 *
 * After all but "paused" the session is idle, and usable. After "paused" it takes a resume(), an
 * abandon() or a rewind() and no other run; it can be snapshot and forked.
 */
export type SandboxStatus = "ok" | "error" | "paused" | "out-of-fuel" | "out-of-memory" | "aborted" | "timeout";

/** What a run has given. `status` tells whether there is an error: with "ok" it is null, otherwise it is not. */
export type SandboxResult = RunReport & RunStatus;

export type RunStatus =
  | { readonly status: "ok"; readonly error: null }
  | { readonly status: Exclude<SandboxStatus, "ok">; readonly error: PythonError };

/** What is known of every run, however it ended. */
export interface RunReport {
  readonly stdout: string;
  readonly stderr: string;
  readonly stdoutTruncated: boolean;
  readonly stderrTruncated: boolean;
  /** Value of the last expression; undefined if there is none. */
  readonly value: PythonValue | undefined;
  /** How Python prints that, and how many characters it has in all; undefined unless {@link SandboxRunOptions.repr} asks for it. */
  readonly repr?: ReprText | undefined;
  /** Of this run; what giving it up took is not counted. `left` is what remains of the limit. */
  readonly fuel: { readonly schedule: string; readonly limit: number; readonly used: number; readonly left: number };
  readonly memory: { readonly bytes: number; readonly peakBytes: number; readonly limitBytes: number };
  readonly hostCalls: number;
  readonly elapsedMs: number;
  /**
   * Whether the run's effects are lost: the session is as it was before it, its variables and files
   * (those that the host has written meanwhile, too). Calls of host functions have happened all the same.
   *
   * A run that has ended, with or without an exception, keeps its effects. One that is given up
   * (out-of-fuel, aborted, timeout) is interrupted by KeyboardInterrupt, so that `finally` clauses
   * run, and keeps its effects if it lets go soon; one that catches everything or is deep in C does
   * not. What has broken the interpreter (output past a limit that stops it, a trap) is always
   * lost. False while a run is paused: abandon() may find that it has to rewind.
   */
  readonly rewound: boolean;
  /** The host call for which the run has paused, or the first of several that wait; absent if it has not. */
  readonly call?: HostCallRequest;
  /** What others can check the run by; absent unless it was asked for, and of a run that was aborted or timed out. */
  readonly receipt?: Receipt;
  /** All of them, in the order in which they were made: several if the guest has futures of them. */
  readonly calls?: readonly HostCallRequest[];
}

export interface SandboxFileStatus {
  readonly kind: "file" | "directory" | "link" | "device";
  /** Bytes; 0 of what is no file. */
  readonly size: number;
  /** Whether the guest may not change it. */
  readonly readOnly: boolean;
}

/** What sandbox.ts offers; its class has `Sandbox.create` and `Sandbox.restore` as well. */
export interface SandboxSession extends Disposable {
  /** The result of the run that is paused, and can be resumed. */
  readonly paused: SandboxResult | undefined;
  run(code: string | Uint8Array, options?: SandboxRunOptions): Promise<SandboxResult>;
  /** Gives the guest one more function of the host's. */
  register(name: string, callable: SandboxFunction): Promise<void>;
  /** Goes on with a run whose result was "paused". */
  resume(
    result: SandboxResult,
    more: Amount | SandboxAnswer | readonly SandboxAnswer[],
    options?: SandboxRunOptions,
  ): Promise<SandboxResult>;
  /** The idle or paused session as bytes. */
  snapshot(): Uint8Array;
  /** An independent copy. */
  fork(): Promise<SandboxSession>;
  /** Back to the state before the last run. */
  rewind(): Promise<void>;
  readFile(path: string): Uint8Array;
  /** Names in a directory; default /work. */
  listFiles(path?: string): string[];
  /** What is at a path. */
  fileStatus(path: string): SandboxFileStatus;
  /** Makes or replaces a file, and the directories that it is in. */
  writeFile(path: string, content: Uint8Array | ArrayBuffer | string): void;
  /** Makes a directory, and those that it is in; it may be there. */
  mkdir(path: string): void;
  close(): void;
}
