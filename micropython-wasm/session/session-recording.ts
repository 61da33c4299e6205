// A receipt of a session's run.

import type { Receipt } from "../../proof/index.js";
import type { Module } from "../../runtime/index.js";
import { artifactKind } from "../guest/artifact-kind.js";
import { SandboxUsageError } from "../guest/errors.js";
import type { PythonInterpreter, PythonResult } from "../interpreter/interpreter.js";
import { pythonReceipt, type RecordedOptions, recordGlobals, recordOptions } from "../receipts/python-receipt.js";
import { PythonRecording } from "../receipts/recording.js";
import type { Resolved } from "./checks.js";
import type { SandboxSettings } from "./sandbox-options.js";
import type { SandboxRunOptions } from "./sandbox-types.js";

export class SessionRecording {
  readonly observer: PythonRecording;
  receipt: Receipt | undefined;
  private readonly options: RecordedOptions;

  /** @throws SandboxUsageError for a run that nobody could make again */
  constructor(
    private readonly module: Module,
    python: PythonInterpreter,
    options: SandboxSettings,
    private readonly run: Pick<Resolved<SandboxRunOptions>, "inputs" | "repr" | "onHostCall">,
  ) {
    if (run.onHostCall === "pause")
      throw new SandboxUsageError("a receipt has the results of host calls: not together with onHostCall");
    this.options = recordOptions({ ...options });
    this.observer = new PythonRecording({}, python);
  }

  finish(result: PythonResult, code: string | Uint8Array): void {
    this.observer.release();
    const { module, options, run } = this;
    const inputs = {
      ...{ python: artifactKind(module)!, session: true, options, globals: recordGlobals(run.inputs) },
      run: { value: true, repr: run.repr ?? 0 },
    };
    this.receipt = pythonReceipt(this.observer, result, { module, code, inputs });
  }
}
