// `python --receipt`, and the receipts of Python programs for `verify` and `dispute`.
import {
  artifactKind,
  digestOf,
  type PythonInterpreter,
  type PythonOptions,
  PythonRecording,
  type PythonResult,
  pythonReceipt,
  type RecordedOptions,
  type ReplayGiven,
  recordGlobals,
  recordOptions,
  SandboxUsageError,
  sandboxModule,
} from "../micropython-wasm/receipts.js";
import type { Receipt } from "../proof/index.js";
import type { FuelScheduleName } from "../runtime/index.js";
import { decodeSource, readBytes, writeOutput } from "./files.js";
import { artifactOf } from "./guest.js";
import { asUsage, UsageFailure } from "./report.js";

/** A program's run, of which a receipt is written. */
export class RecordedPython {
  private constructor(
    private readonly path: string,
    readonly observer: PythonRecording,
    private readonly options: PythonOptions,
    private readonly recorded: RecordedOptions,
    private readonly globals: Readonly<Record<string, unknown>>,
  ) {}

  /** @throws UsageFailure for a run that nobody could make again */
  static async of(
    path: string,
    python: PythonInterpreter,
    options: PythonOptions,
    input: readonly (readonly [name: string, value: unknown])[] = [],
  ): Promise<RecordedPython> {
    const recorded = await asUsage(SandboxUsageError, async () => recordOptions({ ...options }));
    return new RecordedPython(path, new PythonRecording({}, python), options, recorded, Object.fromEntries(input));
  }

  /** @throws UsageFailure if it cannot be written, or the run was stopped where nobody can stop it again */
  async write(result: PythonResult, code: string): Promise<void> {
    this.observer.release();
    const module = await sandboxModule(this.options as Parameters<typeof sandboxModule>[0]);
    const inputs = {
      ...{ python: artifactKind(module)!, session: false, options: this.recorded },
      ...{ globals: recordGlobals(this.globals), run: { value: true, repr: 0 } },
    };
    const receipt = pythonReceipt(this.observer, result, { module, code: digestOf(code), inputs });
    if (receipt === undefined) throw new UsageFailure("no receipt: the run was stopped from outside");
    writeOutput(this.path, `${JSON.stringify(receipt)}\n`);
  }
}

/** What the flags give for a receipt's run. @throws UsageFailure */
export async function givenOf(
  receipt: Receipt,
  { code, wasm }: { readonly code: string; readonly wasm?: string },
  stdin: Uint8Array,
): Promise<ReplayGiven> {
  const schedule = receipt.schedule as FuelScheduleName;
  const artifact = await artifactOf({ ...(wasm === undefined ? {} : { wasm }), schedule });
  if (typeof artifact === "number") throw new UsageFailure(`${wasm} is no module that can be run`);
  return {
    code: decodeSource(readBytes(code), code),
    stdin,
    ...(artifact === undefined ? {} : { artifact: artifact.module }),
  };
}
