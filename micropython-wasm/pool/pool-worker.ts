// What a worker thread does: one run at a time, each in a fresh sandbox.
import { Sandbox } from "../sandbox.js";
import { type PoolReply, type PoolSetup, type PoolTask, packError, packResult } from "./task.js";

export default async function runTask({ code, tenant, options, setup, abort }: PoolTask): Promise<PoolReply> {
  const controller = new AbortController();
  abort.once("message", () => controller.abort());
  try {
    const functions = setup === undefined ? {} : await (await setupOf(setup))(tenant);
    using sandbox = await Sandbox.create({ ...options, ...functions });
    return packResult(await sandbox.run(code, { signal: controller.signal }));
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
