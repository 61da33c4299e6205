// The options of createPython and runPython.

import type { FuelScheduleName, Module } from "../../runtime/index.js";
import type { ArtifactBuild } from "../emscripten/artifact-build.js";
import type { WorldOptions } from "../interpreter/artifact-support.js";
import type { RunOptions } from "../interpreter/interpreter.js";
import { CHECKS, type Check, COUNT, check, checkAll, isRecord } from "./sandbox-options.js";

export interface PythonOptions extends Omit<WorldOptions, "stdout" | "stderr" | "stdin"> {
  /** Prices of instructions; default escapement-1. */
  readonly schedule?: FuelScheduleName | undefined;
  /** Cap on linear memory in bytes; default 64 MiB. MicroPython starts with 16.2 MiB, a WASI build with its heap. */
  readonly memoryLimitBytes?: number | undefined;
  /** Cap on the engine's call stack, in register slots of 8 bytes. */
  readonly stackSlots?: number | undefined;
  /** Cap on the engine's call stack, in frames. */
  readonly frames?: number | undefined;
  readonly stdin?: Uint8Array | string | undefined;
  /** Receives output as it is written; the bytes are the receiver's. */
  readonly onStdout?: ((bytes: Uint8Array) => void) | undefined;
  readonly onStderr?: ((bytes: Uint8Array) => void) | undefined;
  /** Most bytes of stdout, and of stderr, that a result holds; default 1,000,000 each. */
  readonly outputLimitBytes?: number | undefined;
  /** What happens past that: the result keeps head and tail (default), or the run stops. */
  readonly outputOverflow?: "truncate" | "stop" | undefined;
  /** The artifact, if it is not the one that this package depends on: a build for JavaScript or for WASI. */
  readonly artifact?: Uint8Array | Module | undefined;
  /** A build of the artifact that this package depends on; default "standard". Not together with `artifact`. */
  readonly build?: ArtifactBuild | undefined;
}

const PYTHON_CHECKS = {
  schedule: CHECKS.schedule,
  memoryLimitBytes: COUNT,
  stackSlots: COUNT,
  frames: COUNT,
  stdin: CHECKS.stdin,
  onStdout: CHECKS.onStdout,
  onStderr: CHECKS.onStderr,
  outputLimitBytes: COUNT,
  outputOverflow: CHECKS.onOutputLimit,
  artifact: CHECKS.artifact,
  build: CHECKS.build,
  seed: check("an integer from 0", (value) => COUNT(value) === undefined || (typeof value === "bigint" && value >= 0n)),
  clock: CHECKS.clock,
  clockStart: CHECKS.clockStart,
  files: check("an object of limits", isRecord),
  maxValueBytes: COUNT,
  heapBytes: COUNT,
  pythonStackBytes: COUNT,
  argv: CHECKS.argv,
  functions: CHECKS.functions,
  modules: CHECKS.modules,
} satisfies Record<keyof PythonOptions, Check>;

const RUN_CHECKS = {
  ...PYTHON_CHECKS,
  fuel: COUNT,
  value: check("a boolean", (value) => typeof value === "boolean"),
  pacing: check("an object", isRecord),
} satisfies Record<keyof PythonOptions | keyof RunOptions, Check>;

/** @throws SandboxUsageError */
export function checkPythonOptions(options: PythonOptions): void {
  checkAll(options, PYTHON_CHECKS);
}

/** @throws SandboxUsageError */
export function checkRunPythonOptions(options: PythonOptions & RunOptions): void {
  checkAll(options, RUN_CHECKS);
}
