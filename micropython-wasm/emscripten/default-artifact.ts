// The builds of this package's artifact, each compiled once per process and fuel schedule.

import {
  type AheadModule,
  Engine,
  type FuelScheduleName,
  type Module,
  SnapshotError,
  type Tier,
} from "../../runtime/index.js";
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
  // Of code that was compiled ahead of time the engine is made when that has been read.
  const engine = tier === AHEAD ? null : new Engine(engineOptions(schedule, tier));
  const key = `${engine?.schedule.name ?? schedule} ${build} ${engine?.tiers.join() ?? tier}`;
  let module = modules.get(key);
  if (module === undefined) {
    module = compileDefault(engine, schedule, build);
    modules.set(key, module);
    // A failure to read the file is not remembered.
    module.catch(() => modules.delete(key));
  }
  return module;
}

const AHEAD = "ahead-of-time" satisfies Tier;

/** @param given undefined for one that runs code which was compiled ahead of time */
async function compileDefault(
  given: Engine | null,
  schedule: FuelScheduleName | undefined,
  build: ArtifactBuild,
): Promise<Module> {
  let bytes: Uint8Array;
  let file: Uint8Array | undefined;
  let ahead: AheadModule | undefined;
  try {
    const { loadAhead, loadArtifact, loadImage } = await import("./artifact-node.js");
    bytes = await loadArtifact(build);
    file = await loadImage(bytes);
    if (given === null) ahead = await loadAhead(bytes);
  } catch (cause) {
    throw new SandboxUsageError(
      `MicroPython's file cannot be read here, so hand over its bytes as the option artifact (${cause})`,
      { cause },
    );
  }
  if (given === null && ahead === undefined) {
    throw new SandboxUsageError(
      `the build ${build} of MicroPython was not compiled ahead of time with this package: the build standard is, where the package was built`,
    );
  }
  const engine = given ?? new Engine({ ...engineOptions(schedule), ahead: ahead! });
  const image = file && openedImage(file);
  await hostTurn();
  // The pinned artifact is known to be valid: checking all of it would be a third of the boot.
  // So is the code to be its own: it was found by the same fingerprint as the image.
  const module = engine.compileLazily(bytes, image?.code, ahead && { sha256: bytesOfHex(ahead.about.module) });
  if (image !== undefined) images.set(module, image);
  await hostTurn();
  return module;
}

function bytesOfHex(text: string): Uint8Array {
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16));
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
