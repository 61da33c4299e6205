// Sessions on CPython. One interpreter is booted for each module and set of options that booting depends on; every
// session begins as a copy of its state, and shares the memory that it does not change.

import { type Module, SnapshotBase, SnapshotError } from "../../runtime/index.js";
import { SandboxUsageError } from "../guest/errors.js";
import { OncePerModule } from "../guest/once-per-module.js";
import { type ArtifactSupport, type BootOptions, enterWorld } from "../interpreter/artifact-support.js";
import { channelPythonReader } from "../wasi/state.js";
import { bootsFor, keepImage, takeImage } from "./artifact.js";
import { type Booted, bootKey, decodeBooted, onModule } from "./image.js";
import { CPYTHON_MEMORY_BYTES, CPython } from "./python.js";

const booted = new OncePerModule<Booted>();

function bootedOf(module: Module, options: BootOptions): Promise<Booted> {
  return booted.get(module, bootKey(options), () => bootOnce(module, options));
}

async function bootOnce(module: Module, options: BootOptions): Promise<Booted> {
  const image = takeImage(module, bootKey(options));
  if (image !== undefined) {
    try {
      return decodeBooted(image, module);
    } catch (error) {
      // It is not what this build makes: then it is made anew.
      if (!(error instanceof SnapshotError)) throw error;
    }
  }
  const other = await bootsFor(module);
  if (other !== undefined) return onModule((await bootedOf(other, options)).state, module);
  const made = await boot(module, options);
  keepImage(module, bootKey(options), made);
  return made;
}

async function boot(module: Module, { preload, maxValueBytes }: BootOptions): Promise<Booted> {
  const memoryLimitBytes = 4 * CPYTHON_MEMORY_BYTES;
  const python = await CPython.boot(module, { preload, maxValueBytes, memoryLimitBytes });
  const state = python.checkpoint();
  // The very picture: sandboxes begin with it, and lend each other buffers that hold it.
  return { state, base: SnapshotBase.of(state.guest.picture) };
}

/** @throws SandboxUsageError for options that CPython has nothing for */
function refuse({ pythonStackBytes, heapBytes }: Pick<BootOptions, "pythonStackBytes" | "heapBytes">): void {
  if (pythonStackBytes !== undefined) throw new SandboxUsageError("pythonStackBytes is for MicroPython");
  if (heapBytes !== undefined) throw new SandboxUsageError("heapBytes is for WASI builds of MicroPython");
}

export const CPYTHON: ArtifactSupport = {
  readState: channelPythonReader("cpython", 1),
  async boot(module, { pythonStackBytes, heapBytes, ...world }, { memoryLimitBytes, limits }) {
    refuse({ pythonStackBytes, heapBytes });
    // As sessions begin: what a program finds does not depend on who asks for the interpreter.
    const { state, base } = await bootedOf(module, world);
    const python = CPython.restore(module, { ...world, memoryLimitBytes, limits, base }, state);
    await enterWorld(python, world);
    return python;
  },
  async booted({ module, options }) {
    refuse(options);
    return (await bootedOf(module, options)).state;
  },
  async restore({ module, options, world, memoryLimitBytes }, state, check) {
    const { base } = await bootedOf(module, options);
    return CPython.restore(module, { ...world, memoryLimitBytes, base }, state, check);
  },
};
