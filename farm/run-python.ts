// A Python program's run in a thread.
import {
  Sandbox,
  type SandboxCheckpoint,
  type SandboxOptions,
  type SandboxResult,
  toJson,
} from "../micropython-wasm/index.js";
import type { FuelScheduleName } from "../runtime/index.js";
import type { Outcome, OutcomeStatus } from "./outcome.js";
import type { Content, PythonData } from "./run.js";
import type { RunPort } from "./run-thread.js";
import type { Blobs, RunTask } from "./tasks.js";

export function contentOf(content: Content, blobs: Blobs): Uint8Array | string {
  return "text" in content ? content.text : blobs.get(content.blob)!;
}

export function contentsOf(contents: Readonly<Record<string, Content>>, blobs: Blobs) {
  return Object.fromEntries(Object.entries(contents).map(([name, content]) => [name, contentOf(content, blobs)]));
}

/** The options of the run's session: what a receipt of it names, too. */
function sandboxOptions(run: PythonData, blobs: Blobs): SandboxOptions {
  const { fuel, memory, timeout, seed, schedule, outputBytes, argv, stdin, files } = run;
  return {
    ...{ fuel, memory, timeout, seed, outputBytes },
    // Setting none takes some fuel, too: a run is to cost what it does in a sandbox that was given nothing.
    ...(argv.length === 0 ? {} : { argv }),
    schedule: schedule as FuelScheduleName,
    stdin: contentOf(stdin, blobs),
    files: contentsOf(files, blobs),
  };
}

export async function runPython(
  run: PythonData,
  { blobs, kept, checkpointFuel }: RunTask,
  port: RunPort,
): Promise<Outcome | "handed over"> {
  const options = sandboxOptions(run, blobs);
  const over = new AbortController();
  let handedOver = false;
  const onCheckpoint = async (at: SandboxCheckpoint): Promise<void> => {
    await port.checkpoint(at.fuelUsed, at.snapshot());
    handedOver = port.handsOver;
    if (handedOver) over.abort();
  };
  const onProgress = ({ fuelUsed }: { readonly fuelUsed: number }) => port.progress(fuelUsed);
  const watching = { onCheckpoint, checkpointFuel, onProgress, signal: over.signal };
  using sandbox = kept === undefined ? await Sandbox.create(options) : await Sandbox.restore(kept, options);
  const { paused } = sandbox;
  port.begun(paused?.fuel.used ?? 0);
  const result =
    paused === undefined
      ? await sandbox.run(run.code, { inputs: run.inputs, receipt: run.receipt, ...watching })
      : await sandbox.resume(paused, 0, watching);
  if (handedOver && result.status === "aborted") return "handed over";
  return outcomeOf(result, filesOf(sandbox, run.outputs));
}

function outcomeOf(result: SandboxResult, files: Outcome["files"]): Outcome {
  const { status, value, error, stdout, stderr, stdoutTruncated, stderrTruncated, fuel, receipt = null } = result;
  return {
    status: status as OutcomeStatus,
    value: toJson(value),
    error: error && { kind: error.kind, type: error.type, message: error.message, traceback: error.traceback },
    ...{ stdout, stderr, stdoutTruncated, stderrTruncated, files, receipt },
    fuel: { schedule: fuel.schedule, limit: fuel.limit, used: fuel.used },
  };
}

function filesOf(sandbox: Sandbox, paths: readonly string[]): Outcome["files"] {
  const files: Record<string, string> = {};
  const collect = (path: string): void => {
    let status: ReturnType<Sandbox["fileStatus"]>;
    try {
      status = sandbox.fileStatus(path);
    } catch {
      // It is not there.
      return;
    }
    if (status.kind === "directory") for (const name of sandbox.listFiles(path)) collect(`${path}/${name}`);
    else if (status.kind === "file") files[path] = Buffer.from(sandbox.readFile(path)).toString("base64");
  };
  for (const path of paths) collect(path);
  return files;
}
