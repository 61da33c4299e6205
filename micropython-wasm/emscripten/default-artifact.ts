// The builds of this package's artifact, each compiled once per process and fuel schedule.

import {
  DEFAULT_FUEL_SCHEDULE,
  Engine,
  type FuelScheduleName,
  type Module,
  SnapshotError,
  type Tier,
} from "../../runtime/index.js";
import { engineOptions } from "../guest/engine-options.js";
import { SandboxUsageError } from "../guest/errors.js";
import { hostTurn } from "../interpreter/turns.js";
import { bytesOfHex, loadAheadLater } from "./ahead-loading.js";
import { type ArtifactBuild, DEFAULT_BUILD } from "./artifact-build.js";
import { type Image, openImage } from "./image.js";

/** Booted interpreters of this package's artifact. */
const images = new WeakMap<Module, Image>();

/** The image that was built with this package, if `module` is a build of its artifact that has one. */
export function imageOfDefault(module: Module): Image | undefined {
  return images.get(module);
}

/** The same module on another engine, with the image if it has one. */
export function recompiled(module: Module, engine: Engine): Module {
  const { bytes } = module.decoded;
  const image = images.get(module);
  const other = image === undefined ? engine.compile(bytes) : engine.compileLazily(bytes);
  if (image !== undefined) images.set(other, image);
  return other;
}

const modules = new Map<string, Promise<Module>>();

/**
 * The artifact that this package depends on, compiled. Where there are no files its standard build comes by address, if
 * the page's bundle has taken that along; otherwise the embedder has the bytes.
 * @param tier `ahead-of-time`: its code is there at once; undefined: it comes when programs have run for a while, if the
 *   build was compiled ahead of time under the schedule
 * @throws SandboxUsageError if it cannot be read; UsageError for an unknown schedule
 */
export async function defaultModule(
  schedule: FuelScheduleName | undefined,
  build: ArtifactBuild = DEFAULT_BUILD,
  tier?: Tier,
): Promise<Module> {
  // Of code that is there at once the engine is made when that has been read.
  const engine = tier === AHEAD ? null : new Engine(engineOptions(schedule, tier));
  const key = `${engine?.schedule.name ?? schedule} ${build} ${engine?.tiers.join()} ${tier}`;
  let module = modules.get(key);
  if (module === undefined) {
    module = engine === null ? compileWithCode(schedule, build) : compileDefault(engine, build, tier === undefined);
    modules.set(key, module);
    // A failure to read the file is not remembered.
    module.catch(() => modules.delete(key));
  }
  return module;
}

const AHEAD = "ahead-of-time" satisfies Tier;

/** @param takesCode whether it may get code that was compiled ahead of time, if the engine has nothing but the interpreter */
async function compileDefault(engine: Engine, build: ArtifactBuild, takesCode: boolean): Promise<Module> {
  const { bytes, image, node } = await readDefault(build);
  const { schedule } = engine;
  const isPlain = takesCode && engine.tiers.length === 1 && schedule === DEFAULT_FUEL_SCHEDULE;
  if (!isPlain || !(await node.hasAhead(bytes))) return compileRead(engine, bytes, image);
  const module = await compileRead(new Engine({ ...engineOptions(schedule.name), ahead: "later" }), bytes, image);
  loadAheadLater(module, () => node.loadAhead(bytes, true), node.warnOfAhead);
  return module;
}

async function compileWithCode(schedule: FuelScheduleName | undefined, build: ArtifactBuild): Promise<Module> {
  const { bytes, image, node } = await readDefault(build);
  const ahead = await node.loadAhead(bytes);
  if (ahead === undefined) {
    throw new SandboxUsageError(
      `the build ${build} of MicroPython was not compiled ahead of time with this package: the build standard is, where the package was built`,
    );
  }
  const engine = new Engine({ ...engineOptions(schedule), ahead });
  // It was found by the same fingerprint as the image.
  return compileRead(engine, bytes, image, bytesOfHex(ahead.about.module));
}

async function readDefault(build: ArtifactBuild) {
  let cause: unknown;
  for (const load of PLACES) {
    try {
      const node = await load();
      const bytes = await node.loadArtifact(build);
      const file = await node.loadImage(bytes);
      return { bytes, image: file && openedImage(file), node };
    } catch (error) {
      cause ??= error;
    }
  }
  throw new SandboxUsageError(
    `MicroPython's file cannot be read here, so hand over its bytes as the option artifact (${cause})`,
    { cause },
  );
}

type Place = () => Promise<
  Pick<typeof import("./artifact-node.js"), "loadArtifact" | "loadImage" | "hasAhead" | "loadAhead" | "warnOfAhead">
>;

const isNode = (globalThis as { process?: { versions?: { node?: string } } }).process?.versions?.node !== undefined;
/** What reads the artifact. Bundles for browsers are without the first one, wherever they are run. */
const PLACES: readonly Place[] = [
  ...(isNode ? [() => import("./artifact-node.js")] : []),
  () => import("./artifact-url.js"),
];

async function compileRead(
  engine: Engine,
  bytes: Uint8Array,
  image: Image | undefined,
  sha256?: Uint8Array,
): Promise<Module> {
  await hostTurn();
  // The pinned artifact is known to be valid: checking all of it would be a third of the boot.
  const module = engine.compileLazily(bytes, image?.code, sha256 && { sha256 });
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
