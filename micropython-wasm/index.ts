// The public face: Python in a sandbox, on this project's own WebAssembly engine.

import type { StoreLimits } from "../runtime/index.js";
import type { PythonInterpreter, PythonResult, RunOptions } from "./interpreter.js";
import type { OutputOptions } from "./output.js";
import { checkPythonOptions, checkRunPythonOptions, type PythonOptions } from "./python-options.js";
import { bootInterpreter, sandboxModule } from "./sandbox-boot.js";
import { encodeUtf8 } from "./utf8.js";

export { SnapshotError, type SnapshotProblem } from "../runtime/index.js";
export { type ArtifactKind, artifactKind } from "./artifact-kind.js";
export { type Capability, capability, type HostCallable, type PythonCallable } from "./capability.js";
export { DEFAULT_MEMORY_LIMIT_BYTES, engineFactory } from "./engine-guest.js";
export type { EnvironmentOptions, EnvironmentState } from "./environment.js";
export { FileSystemError } from "./errno.js";
export { BootLimitError, GuestAborted, GuestFault, OutputLimitExceeded, SandboxUsageError } from "./errors.js";
export type { DirectoryEntry, FileStatus, FileSystem, FileSystemLimits, FileSystemState } from "./filesystem.js";
export { PythonCallError } from "./host-calls.js";
export type { GuestFactory } from "./host-environment.js";
export type {
  Pacing,
  PythonError,
  PythonInterpreter,
  PythonResult,
  PythonState,
  RunOptions,
} from "./interpreter.js";
export { MicroPython, type MicroPythonOptions } from "./micropython.js";
export type { OutputOptions } from "./output.js";
export { type JsonValue, toJson } from "./python-json.js";
export type { PythonOptions } from "./python-options.js";
export { PythonObject, type PythonValue } from "./python-value.js";
export { DEFAULT_RUN_FUEL, Sandbox } from "./sandbox.js";
export { prebootedImage } from "./sandbox-boot.js";
export type {
  SandboxFunction,
  SandboxOptions,
  SandboxResult,
  SandboxRunOptions,
  SandboxSession,
  SandboxStatus,
} from "./sandbox-types.js";
export {
  createPythonTool,
  type PythonTool,
  type PythonToolContext,
  type PythonToolInput,
  type PythonToolOptions,
} from "./tool.js";
export type { EventLoop } from "./turns.js";
export {
  WasiGuest,
  type WasiGuestOptions,
  type WasiGuestState,
  type WasiMount,
  type WasiOutcome,
} from "./wasi-guest.js";
export { WasiPython, type WasiPythonOptions, type WasiPythonState } from "./wasi-python.js";

/** Fuel of a run that is given none. */
export const DEFAULT_PYTHON_FUEL = 20_000_000;

/**
 * Boots an interpreter for the artifact that the options name. Booting is not charged to any run.
 * @throws SandboxUsageError for options that make no sense, or that this artifact has nothing for; BootLimitError;
 *   MalformedError, InvalidError if the artifact is no module
 */
export async function createPython(options: PythonOptions = {}): Promise<PythonInterpreter> {
  checkPythonOptions(options);
  const { artifact, schedule, memoryLimitBytes, stackSlots, frames, ...rest } = options;
  const { stdin, onStdout, onStderr, outputLimitBytes, outputOverflow, ...world } = rest;
  const output = (onData: ((bytes: Uint8Array) => void) | undefined): OutputOptions => ({
    limitBytes: outputLimitBytes,
    overflow: outputOverflow,
    onData,
  });
  const limits: Partial<StoreLimits> = {
    ...(stackSlots === undefined ? {} : { stackSlots }),
    ...(frames === undefined ? {} : { frames }),
  };
  return bootInterpreter(
    await sandboxModule({ artifact, schedule }),
    {
      ...world,
      stdin: typeof stdin === "string" ? encodeUtf8(stdin) : stdin,
      stdout: output(onStdout),
      stderr: output(onStderr),
    },
    { memoryLimitBytes, limits },
  );
}

/** Runs one program in a fresh interpreter. `fuel` is the program's budget, {@link DEFAULT_PYTHON_FUEL} by default. */
export async function runPython(
  code: string | Uint8Array,
  options: PythonOptions & RunOptions = {},
): Promise<PythonResult> {
  checkRunPythonOptions(options);
  const { fuel = DEFAULT_PYTHON_FUEL, value, pacing, ...rest } = options;
  const python = await createPython(rest);
  return python.run(code, { fuel, value, pacing });
}
