// The public face: Python in a sandbox, on this project's own WebAssembly engine.

import type { StoreLimits } from "../runtime/index.js";
import { encodeUtf8 } from "./guest/utf8.js";
import type { PythonInterpreter, PythonResult, RunOptions } from "./interpreter/interpreter.js";
import { checkPythonOptions, checkRunPythonOptions, type PythonOptions } from "./session/python-options.js";
import { bootInterpreter, sandboxModule } from "./session/sandbox-boot.js";
import type { OutputOptions } from "./world/output.js";

export { SnapshotError, type SnapshotProblem } from "../runtime/index.js";
export {
  createPythonTool,
  type PythonTool,
  type PythonToolContext,
  type PythonToolInput,
  type PythonToolOptions,
} from "./agents/tool.js";
export { ARTIFACT_BUILDS, type ArtifactBuild } from "./emscripten/artifact-build.js";
export { engineFactory } from "./emscripten/guest.js";
export { mendArtifact } from "./emscripten/mend-artifact.js";
export { EmscriptenPython } from "./emscripten/python.js";
export { type ArtifactKind, artifactKind } from "./guest/artifact-kind.js";
export { DEFAULT_MEMORY_LIMIT_BYTES } from "./guest/engine.js";
export type { GuestFactory } from "./guest/engine-port.js";
export { FileSystemError } from "./guest/errno.js";
export { BootLimitError, GuestAborted, GuestFault, OutputLimitExceeded, SandboxUsageError } from "./guest/errors.js";
export { PythonCallError } from "./host-calls/host-calls.js";
export type { WorldOptions } from "./interpreter/artifact-support.js";
export type {
  Pacing,
  PythonError,
  PythonInterpreter,
  PythonResult,
  PythonState,
  RunOptions,
} from "./interpreter/interpreter.js";
export type { EventLoop } from "./interpreter/turns.js";
export type { PythonOptions } from "./session/python-options.js";
export { DEFAULT_RUN_FUEL, Sandbox } from "./session/sandbox.js";
export { prebootedImage } from "./session/sandbox-boot.js";
export type {
  SandboxFunction,
  SandboxOptions,
  SandboxResult,
  SandboxRunOptions,
  SandboxSession,
  SandboxStatus,
} from "./session/sandbox-types.js";
export { type Capability, capability, type HostCallable, type PythonCallable } from "./values/capability.js";
export { type JsonValue, toJson } from "./values/python-json.js";
export { PythonObject, type PythonValue } from "./values/python-value.js";
export {
  WasiGuest,
  type WasiGuestOptions,
  type WasiGuestState,
  type WasiMount,
  type WasiOutcome,
} from "./wasi/guest.js";
export { WasiPython, type WasiPythonOptions, type WasiPythonState } from "./wasi/python.js";
export type { EnvironmentOptions, EnvironmentState } from "./world/environment.js";
export type { DirectoryEntry, FileStatus, FileSystem, FileSystemLimits, FileSystemState } from "./world/filesystem.js";
export type { OutputOptions } from "./world/output.js";

/** Fuel of a run that is given none. */
export const DEFAULT_PYTHON_FUEL = 20_000_000;

/**
 * Boots an interpreter for the artifact that the options name. Booting is not charged to any run.
 * @throws SandboxUsageError for options that make no sense, or that this artifact has nothing for; BootLimitError;
 *   MalformedError, InvalidError if the artifact is no module
 */
export async function createPython(options: PythonOptions = {}): Promise<PythonInterpreter> {
  checkPythonOptions(options);
  const { artifact, build, schedule, memoryLimitBytes, stackSlots, frames, ...rest } = options;
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
    await sandboxModule({ artifact, build, schedule }),
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
