// The artifact of this package, compiled once per process and fuel schedule.

import { Engine, type FuelScheduleName, type Module } from "../runtime/index.js";

const modules = new Map<FuelScheduleName | undefined, Promise<Module>>();

/** The artifact that this package depends on, compiled. Node only: elsewhere the embedder has the bytes. */
export function defaultModule(schedule: FuelScheduleName | undefined): Promise<Module> {
  let module = modules.get(schedule);
  if (module === undefined) {
    module = compileDefault(schedule);
    modules.set(schedule, module);
    // A failure to read the file is not remembered.
    module.catch(() => modules.delete(schedule));
  }
  return module;
}

async function compileDefault(schedule: FuelScheduleName | undefined): Promise<Module> {
  // The pinned artifact is known to be valid: checking all of it would be a third of the boot.
  const { loadArtifact } = await import("./artifact-node.js");
  return new Engine(schedule === undefined ? {} : { schedule }).compileLazily(await loadArtifact());
}
