// Sessions on MicroPython's build for JavaScript. One interpreter is booted per process and artifact, or comes
// booted; every session begins as a copy of its state, and shares the memory blocks that it does not change.

import {
  type AheadModule,
  Crash,
  DEFAULT_FUEL_SCHEDULE,
  Engine,
  type Module,
  SnapshotError,
} from "../../runtime/index.js";
import { SandboxUsageError } from "../guest/errors.js";
import { OncePerModule } from "../guest/once-per-module.js";
import { type ArtifactSupport, type BootOptions, enterWorld } from "../interpreter/artifact-support.js";
import { hostTurn } from "../interpreter/turns.js";
import { COMMON_PROGRAM } from "./common-program.py.js";
import { imageOfDefault } from "./default-artifact.js";
import { type EmscriptenGuest, engineFactory } from "./guest.js";
import { type Booted, bootKey, decodeBooted, encodeBooted, openImage } from "./image.js";
import { EmscriptenPython } from "./python.js";
import { readEmscriptenState } from "./state.js";

/** Booted interpreters, by the options that booting depends on. */
const booted = new OncePerModule<Booted>();
/** The same, of images that embedders gave. */
const fromImages = new WeakMap<Module, WeakMap<Uint8Array, { readonly key: string; readonly booted: Booted }>>();

function bootedOf(module: Module, options: BootOptions): Promise<Booted> | Booted {
  const { pythonStackBytes, maxValueBytes, image } = options;
  if (image !== undefined) return bootedFrom(image, module, options);
  return booted.get(module, bootKey(options), () => bootOnce(module, { pythonStackBytes, maxValueBytes }));
}

function bootedFrom(image: Uint8Array, module: Module, options: BootOptions): Booted {
  const key = bootKey(options);
  const known = fromImages.get(module) ?? new WeakMap();
  fromImages.set(module, known);
  let read = known.get(image);
  if (read?.key !== key) {
    read = { key, booted: decodeBooted(openImage(image), options, module, false) };
    known.set(image, read);
  }
  return read.booted;
}

async function bootOnce(module: Module, options: BootOptions): Promise<Booted> {
  const image = imageOfDefault(module);
  if (image !== undefined) {
    try {
      const decoded = decodeBooted(image, options, module, true);
      await hostTurn();
      return decoded;
    } catch (error) {
      // Of another version, or for other options or prices.
      if (!(error instanceof SnapshotError)) throw error;
    }
  }
  return boot(module, options);
}

async function boot(module: Module, options: BootOptions): Promise<Booted> {
  const { python, guest } = await bootPython(module, options);
  return { state: python.checkpoint(), base: guest.shareableBase() };
}

async function bootPython(module: Module, { pythonStackBytes, maxValueBytes }: BootOptions) {
  let guest: EmscriptenGuest | undefined;
  const factory = engineFactory(module);
  const options = { pythonStackBytes, maxValueBytes };
  const python = await EmscriptenPython.boot((imports) => (guest = factory(imports)), options);
  await python.prepare();
  return { python, guest: guest! };
}

/** The bytes of a freshly booted interpreter. */
export async function bootedImage(module: Module, options: BootOptions): Promise<Uint8Array> {
  return encodeBooted((await boot(module, options)).state, options);
}

/**
 * The same with the code of functions that most programs use, for readers that can trust the bytes.
 * @param ahead what will be given to modules that have the image: their loops can go on in it
 */
export async function bootedImageWithCode(artifact: Uint8Array, ahead?: AheadModule): Promise<Uint8Array> {
  const module = new Engine().compile(artifact);
  if (ahead !== undefined) module.lowerFor(ahead);
  const { python } = await bootPython(module, {});
  const state = python.checkpoint();
  await python.setArguments(["program"]);
  await python.registerFunctions({ functions: { host: (...args) => args }, modules: { host_module: { f: () => 1 } } });
  const { error } = await python.run(COMMON_PROGRAM);
  if (error !== null) throw new Crash(`the program that images are made with failed: ${error.message}`);
  return encodeBooted(state, {}, module.saveCode());
}

export const EMSCRIPTEN: ArtifactSupport = {
  readState: readEmscriptenState,
  async boot(module, world, limits) {
    // What there is an image for begins with it, also where there happens to be none: an interpreter's memory does
    // not depend on where it runs.
    const { schedule } = module.engine;
    const usual = world.heapBytes === undefined && bootKey(world) === bootKey({}) && schedule === DEFAULT_FUEL_SCHEDULE;
    if (!usual) return EmscriptenPython.boot(engineFactory(module, limits), world);
    const { state, base } = await bootedOf(module, {});
    const python = await EmscriptenPython.restore(engineFactory(module, { ...limits, base }), world, state);
    await enterWorld(python, world);
    return python;
  },
  async booted({ module, options }) {
    if (options.heapBytes !== undefined)
      throw new SandboxUsageError("heapBytes is for WASI builds: this artifact's heap grows by itself");
    return (await bootedOf(module, options)).state;
  },
  async restore({ module, options, world, memoryLimitBytes }, state, check) {
    const { base } = await bootedOf(module, options);
    return EmscriptenPython.restore(engineFactory(module, { memoryLimitBytes, base }), world, state, check);
  },
};
