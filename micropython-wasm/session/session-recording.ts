// A receipt of a session's run.

import { decodeUtf8Strict, encodeUtf8 } from "../../decoder/index.js";
import type { Hash, Receipt } from "../../proof/index.js";
import { type Module, SnapshotError } from "../../runtime/index.js";
import { artifactKind } from "../guest/artifact-kind.js";
import { SandboxUsageError } from "../guest/errors.js";
import type { PythonInterpreter, PythonResult, PythonState } from "../interpreter/interpreter.js";
import {
  digestOf,
  type PythonInputs,
  pythonReceipt,
  recordGlobals,
  recordOptions,
} from "../receipts/python-receipt.js";
import { isSavedPython, PythonRecording, type SavedPython } from "../receipts/recording.js";
import type { Resolved } from "./checks.js";
import type { SandboxSettings } from "./sandbox-options.js";
import type { SandboxRunOptions } from "./sandbox-types.js";

/** A recording as it lies in the snapshot of its run. */
interface SavedSession {
  readonly code: Hash;
  readonly inputs: Omit<PythonInputs, "start">;
  readonly python: SavedPython;
}

export class SessionRecording {
  receipt: Receipt | undefined;

  private constructor(
    private readonly module: Module,
    readonly observer: PythonRecording,
    private readonly code: Hash,
    private readonly inputs: Omit<PythonInputs, "start">,
  ) {}

  /** @throws SandboxUsageError for a run that nobody could make again */
  static begin(
    module: Module,
    python: PythonInterpreter,
    options: SandboxSettings,
    code: string | Uint8Array,
    run: Pick<Resolved<SandboxRunOptions>, "inputs" | "repr" | "onHostCall">,
  ): SessionRecording {
    if (run.onHostCall === "pause")
      throw new SandboxUsageError("a receipt has the results of host calls: not together with onHostCall");
    const inputs = {
      ...{ python: artifactKind(module)!, session: true, options: recordOptions({ ...options }) },
      ...{ globals: recordGlobals(run.inputs), run: { value: true, repr: run.repr ?? 0 } },
    };
    return new SessionRecording(module, new PythonRecording({}, python), digestOf(code), inputs);
  }

  /**
   * Goes on recording a run that was restored.
   * @param bytes of {@link save}
   * @param state that of the run
   * @throws SnapshotError if it is none, or of another state
   */
  static goOn(module: Module, python: PythonInterpreter, bytes: Uint8Array, state: PythonState): SessionRecording {
    const saved = parse(bytes);
    const recording = saved && new PythonRecording({ saved: saved.python }, python);
    if (saved === undefined || !recording!.goesOn(state))
      throw new SnapshotError("damaged", "the snapshot is damaged: what its run has recorded is not of its state");
    return new SessionRecording(module, recording!, saved.code, saved.inputs);
  }

  /** The recording so far, for {@link goOn}; undefined where the run cannot be taken up. */
  save(): Uint8Array | undefined {
    const { observer, code, inputs } = this;
    const python = observer.saved();
    return python && encodeUtf8(JSON.stringify({ code, inputs, python } satisfies SavedSession));
  }

  finish(result: PythonResult): void {
    this.observer.release();
    const { module, code, inputs } = this;
    this.receipt = pythonReceipt(this.observer, result, { module, code, inputs });
  }
}

function parse(bytes: Uint8Array): SavedSession | undefined {
  try {
    const saved = JSON.parse(String(decodeUtf8Strict(bytes))) as SavedSession;
    const { code, inputs, python } = saved;
    const isWhole = typeof code === "string" && typeof inputs === "object" && inputs !== null;
    return isWhole && isSavedPython(python) ? saved : undefined;
  } catch {
    return undefined;
  }
}
