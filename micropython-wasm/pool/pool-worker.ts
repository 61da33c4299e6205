// What a worker thread does: one run at a time, each in a fresh sandbox.
import { workerData } from "node:worker_threads";
import { EISDIR, FileSystemError } from "../guest/errno.js";
import { Sandbox } from "../session/sandbox.js";
import { type PoolReply, type PoolSetup, type PoolTask, type PoolWorkerData, packError, packResult } from "./task.js";

const { artifact } = workerData as PoolWorkerData;

export default async function runTask(task: PoolTask): Promise<PoolReply> {
  const { code, tenant, options, outputs, setup, abort } = task;
  const controller = new AbortController();
  abort.once("message", () => controller.abort());
  try {
    const { functions, modules } = setup === undefined ? {} : await (await setupOf(setup))(tenant);
    using sandbox = await Sandbox.create({ ...options, artifact, functions, modules });
    abort.postMessage("begun");
    const result = await sandbox.run(code, { signal: controller.signal });
    const files: Record<string, Uint8Array> = Object.create(null);
    for (const path of outputs) collect(sandbox, path, files);
    return packResult({ ...result, files });
  } catch (error) {
    return packError(error);
  } finally {
    abort.close();
  }
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
