// The builds of this package's artifact, each compiled once per process and fuel schedule.

import { Engine, type FuelScheduleName, type Module, SnapshotError, type Tier } from "../../runtime/index.js";
import { engineOptions } from "../guest/engine-options.js";
import { SandboxUsageError } from "../guest/errors.js";
import { hostTurn } from "../interpreter/turns.js";
import { type ArtifactBuild, DEFAULT_BUILD } from "./artifact-build.js";
import { type Image, openImage } from "./image.js";

/** Booted interpreters of this package's artifact. */
const images = new WeakMap<Module, Image>();

/** The image that was built with this package, if `module` is a build of its artifact that has one. */
export function imageOfDefault(module: Module): Image | undefined {
  return images.get(module);
}

const modules = new Map<string, Promise<Module>>();

/**
 * The artifact that this package depends on, compiled. Node only: elsewhere the embedder has the bytes.
 * @throws SandboxUsageError if it cannot be read; UsageError for an unknown schedule
 */
export async function defaultModule(
  schedule: FuelScheduleName | undefined,
  build: ArtifactBuild = DEFAULT_BUILD,
  tier?: Tier,
): Promise<Module> {
  const engine = new Engine(engineOptions(schedule, tier));
  const key = `${engine.schedule.name} ${build} ${engine.tiers.join()}`;
  let module = modules.get(key);
  if (module === undefined) {
    module = compileDefault(engine, build);
    modules.set(key, module);
    // A failure to read the file is not remembered.
    module.catch(() => modules.delete(key));
  }
  return module;
}

async function compileDefault(engine: Engine, build: ArtifactBuild): Promise<Module> {
  let bytes: Uint8Array;
  let file: Uint8Array | undefined;
  try {
    const { loadArtifact, loadImage } = await import("./artifact-node.js");
    bytes = await loadArtifact(build);
    file = await loadImage(bytes);
  } catch (cause) {
    throw new SandboxUsageError(
      `MicroPython's file cannot be read here, so hand over its bytes as the option artifact (${cause})`,
      { cause },
    );
  }
  const image = file && openedImage(file);
  await hostTurn();
  // The pinned artifact is known to be valid: checking all of it would be a third of the boot.
  const module = engine.compileLazily(bytes, image?.code);
  if (image !== undefined) images.set(module, image);
  await hostTurn();
  return module;
}

/** Undefined where the file is damaged: then sessions boot. */
function openedImage(file: Uint8Array): Image | undefined {
  try {
    return openImage(file);
  } catch (error) {
    if (error instanceof SnapshotError) return undefined;
    throw error;
  }
}
