// What a worker thread does: one run at a time, each in a fresh sandbox.
import { workerData } from "node:worker_threads";
import { EISDIR, FileSystemError } from "../guest/errno.js";
import { SandboxUsageError } from "../guest/errors.js";
import { Sandbox } from "../session/sandbox.js";
import type { SandboxResult } from "../session/sandbox-types.js";
import { type PoolReply, type PoolSetup, type PoolTask, type PoolWorkerData, packError, packResult } from "./task.js";

const { artifact } = workerData as PoolWorkerData;

export default async function runTask(task: PoolTask): Promise<PoolReply> {
  const { code, tenant, options, outputs, setup, pausesAtCalls, continuation, abort } = task;
  const controller = new AbortController();
  abort.once("message", () => controller.abort());
  try {
    const { functions, modules } = setup === undefined ? {} : await (await setupOf(setup))(tenant);
    const given = { ...options, artifact, functions, modules };
    using sandbox = await (continuation === undefined
      ? Sandbox.create(given)
      : Sandbox.restore(continuation.snapshot, given));
    abort.postMessage("begun");
    const { signal } = controller;
    const result =
      continuation === undefined
        ? await sandbox.run(code, { signal, onHostCall: pausesAtCalls ? "pause" : "call" })
        : await sandbox.resume(pausedOf(sandbox), continuation.answers, { signal });
    const files: Record<string, Uint8Array> = Object.create(null);
    for (const path of outputs) collect(sandbox, path, files);
    const snapshot = result.calls === undefined ? {} : { snapshot: sandbox.snapshot() };
    return packResult({ ...result, files, ...snapshot });
  } catch (error) {
    return packError(error);
  } finally {
    abort.close();
  }
}

/** @throws SandboxUsageError */
function pausedOf({ paused }: Sandbox): SandboxResult {
  if (paused === undefined) throw new SandboxUsageError("the snapshot is of no run that waits for host calls");
  return paused;
}

async function setupOf(module: string): Promise<PoolSetup> {
  const { default: setup } = (await import(module)) as { default?: unknown };
  if (typeof setup !== "function") throw new TypeError(`the default export of ${module} is not a function`);
  return setup as PoolSetup;
}

/** Adds a file, or all below a directory; nothing if there is neither. */
function collect(sandbox: Sandbox, path: string, files: Record<string, Uint8Array>): void {
  try {
    files[path] = sandbox.readFile(path);
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error;
    if (error.errno !== EISDIR) return;
    for (const name of sandbox.listFiles(path)) collect(sandbox, `${path}/${name}`, files);
  }
}
