// The public face: Python in a sandbox, on this project's own WebAssembly engine.

import type { Receipt } from "../proof/index.js";
import type { PythonResult } from "./interpreter/interpreter.js";
import { createPython } from "./session/create-python.js";
import { type RunPythonOptions, runPythonSettings } from "./session/python-options.js";
import type { PythonReplay, ReplayGiven } from "./session/python-replay.js";

export { type Amount, SnapshotError, type SnapshotProblem } from "../runtime/index.js";
export {
  createPythonTool,
  type PythonTool,
  type PythonToolContext,
  type PythonToolInput,
  type PythonToolOptions,
} from "./agents/tool.js";
export { type CPythonArtifact, hasCPythonImage } from "./cpython/artifact.js";
export type { CPythonLibrary } from "./cpython/library.js";
export { CPYTHON_MEMORY_BYTES } from "./cpython/python.js";
export { ARTIFACT_BUILDS, type ArtifactBuild } from "./emscripten/artifact-build.js";
export { engineFactory } from "./emscripten/guest.js";
export { mendArtifact } from "./emscripten/mend-artifact.js";
export { EmscriptenPython } from "./emscripten/python.js";
export { type ArtifactKind, artifactKind } from "./guest/artifact-kind.js";
export { DEFAULT_MEMORY_LIMIT_BYTES } from "./guest/engine.js";
export type { GuestFactory } from "./guest/engine-port.js";
export { FileSystemError } from "./guest/errno.js";
export { BootLimitError, GuestAborted, GuestFault, OutputLimitExceeded, SandboxUsageError } from "./guest/errors.js";
export type { ReprText } from "./host-calls/kept-value.js";
export type { HostCallAnswer, HostCallRequest } from "./host-calls/later-calls.js";
export { PythonCallError } from "./host-calls/pending-call.js";
export type { WorldOptions } from "./interpreter/artifact-support.js";
export type {
  Pacing,
  PythonError,
  PythonInterpreter,
  PythonResult,
  PythonState,
  RunMeter,
  RunObserver,
  RunOptions,
} from "./interpreter/interpreter.js";
export type { PythonFrame } from "./interpreter/python-error.js";
export type { EventLoop } from "./interpreter/turns.js";
export type { ByteResponse, ByteSource, ByteUrl } from "./session/byte-sources.js";
export { createPython } from "./session/create-python.js";
export type { SandboxMount } from "./session/mounts.js";
export type { PythonOptions, RunPythonOptions } from "./session/python-options.js";
export type { PythonReplay, ReplayGiven } from "./session/python-replay.js";
export { DEFAULT_CPYTHON_RUN_FUEL, DEFAULT_RUN_FUEL, Sandbox } from "./session/sandbox.js";
export { type ImageOptions, prebootedImage } from "./session/sandbox-boot.js";
export type {
  Abort,
  RunProgress,
  RunReport,
  RunStatus,
  SandboxAnswer,
  SandboxCheckpoint,
  SandboxFileStatus,
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
export type { OutputOptions } from "./world/output.js";
export type { DirectoryEntry, FileStatus } from "./world/posix-calls.js";
export type { PosixFiles } from "./world/posix-files.js";
export type { PosixFilesLimits, PosixFilesState } from "./world/posix-files-state.js";

/** Fuel of a run that is given none. */
export const DEFAULT_PYTHON_FUEL = 20_000_000;

/** Runs one program in a fresh interpreter. `fuel` is the program's budget, {@link DEFAULT_PYTHON_FUEL} by default. */
export async function runPython(code: string | Uint8Array, options: RunPythonOptions = {}): Promise<PythonResult> {
  const { fuel = DEFAULT_PYTHON_FUEL, value, pacing, inputs, ...rest } = runPythonSettings(options);
  const python = await createPython(rest);
  if (inputs !== undefined) await python.setGlobals(inputs);
  return python.run(code, { fuel, value, pacing });
}

/**
 * Runs the program of a receipt again, with the host's results from there, and compares every state.
 * @returns what does not fit, in one line; null if the receipt is true
 * @throws SandboxUsageError if what is given is not what the receipt names
 */
export async function verifyPythonReceipt(receipt: Receipt, given: ReplayGiven): Promise<string | null> {
  const { verifyPythonReceipt: verify } = await import("./session/python-replay.js");
  return verify(receipt, given);
}

/** A receipt's run at its beginning, to be stopped at any fuel. @throws as {@link verifyPythonReceipt} */
export async function replayPythonReceipt(receipt: Receipt, given: ReplayGiven): Promise<PythonReplay> {
  const { PythonReplay } = await import("./session/python-replay.js");
  return PythonReplay.begin(receipt, given, { checkpoints: false });
}
