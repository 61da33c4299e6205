// Sessions on a WASI build of MicroPython.

import type { Module, SnapshotBase } from "../runtime/index.js";
import type { ArtifactSupport, InterpreterRequest } from "./artifact-support.js";
import { SandboxUsageError } from "./errors.js";
import type { InterruptPlaces } from "./wasi-interrupts.js";
import { heapBytesOf, WasiPython, type WasiPythonOptions, type WasiPythonState } from "./wasi-python.js";

interface Booted {
  readonly state: WasiPythonState;
  readonly base: SnapshotBase;
}

/** Booted interpreters, by the options that booting depends on. */
const booted = new WeakMap<Module, Map<string, Promise<Booted>>>();

function bootedOf({ module, options, memoryLimitBytes }: InterpreterRequest): Promise<Booted> {
  const { maxValueBytes } = options;
  const heapBytes = heapBytesOf({ heapBytes: options.heapBytes, memoryLimitBytes });
  const states = booted.get(module) ?? new Map<string, Promise<Booted>>();
  booted.set(module, states);
  const key = `${heapBytes} ${maxValueBytes}`;
  let state = states.get(key);
  if (state === undefined) {
    // The heap decides how much memory there is: no other limit is needed.
    state = bootOnce(module, { heapBytes, maxValueBytes, argv: [], memoryLimitBytes: 2 * heapBytes + 2 ** 20 });
    states.set(key, state);
    state.catch(() => states.delete(key));
  }
  return state;
}

async function bootOnce(module: Module, options: WasiPythonOptions): Promise<Booted> {
  const python = await WasiPython.boot(module, options);
  return { state: python.checkpoint(), base: python.shareableBase() };
}

const interrupts = new WeakMap<Module, Promise<InterruptPlaces | undefined>>();

/** What interrupting needs: looked for when it is first needed, in an interpreter of its own. */
function interruptsOf(module: Module, { state, base }: Booted): Promise<InterruptPlaces | undefined> {
  let found = interrupts.get(module);
  if (found === undefined) {
    const memoryLimitBytes = state.guest.image.limits.memoryBytes;
    found = WasiPython.restore(module, { memoryLimitBytes, base }, state).findInterrupts();
    interrupts.set(module, found);
  }
  return found;
}

export const WASI: ArtifactSupport = {
  async booted(request) {
    if (request.options.pythonStackBytes !== undefined)
      throw new SandboxUsageError("pythonStackBytes has no effect on a WASI build: its stack is compiled in");
    return (await bootedOf(request)).state;
  },
  async restore(request, state, check) {
    const booted = await bootedOf(request);
    const { module, world, memoryLimitBytes } = request;
    const python = WasiPython.restore(module, { ...world, memoryLimitBytes, base: booted.base }, state, check);
    python.interrupts = () => interruptsOf(module, booted);
    return python;
  },
};
