// The face of receipts of Python programs, for the command: it is loaded when there is one to write or to check.

export { artifactKind } from "./guest/artifact-kind.js";
export { SandboxUsageError } from "./guest/errors.js";
export type { PythonInterpreter, PythonResult } from "./interpreter/interpreter.js";
export { tracebackFrames } from "./interpreter/python-error.js";
export {
  digestOf,
  type PythonInputs,
  pythonReceipt,
  type RecordedOptions,
  recordGlobals,
  recordOptions,
} from "./receipts/python-receipt.js";
export { PythonRecording } from "./receipts/recording.js";
export type { PythonOptions } from "./session/python-options.js";
export { isPythonReceipt, PythonReplay, type ReplayGiven, verifyPythonReceipt } from "./session/python-replay.js";
export { sandboxModule } from "./session/sandbox-boot.js";
