// Sessions on a WASI build of MicroPython.

import type { Module, SnapshotBase } from "../../runtime/index.js";
import { SandboxUsageError } from "../guest/errors.js";
import { OncePerModule } from "../guest/once-per-module.js";
import type { ArtifactSupport, InterpreterRequest } from "../interpreter/artifact-support.js";
import { heapBytesOf, WasiPython, type WasiPythonOptions, type WasiPythonState } from "./python.js";
import { channelPythonReader } from "./state.js";

interface Booted {
  readonly state: WasiPythonState;
  readonly base: SnapshotBase;
}

/** Booted interpreters, by the options that booting depends on. */
const booted = new OncePerModule<Booted>();

function bootedOf({ module, options, memoryLimitBytes }: InterpreterRequest): Promise<Booted> {
  const { maxValueBytes } = options;
  const heapBytes = heapBytesOf({ heapBytes: options.heapBytes, memoryLimitBytes });
  return booted.get(module, `${heapBytes} ${maxValueBytes}`, () =>
    // The heap decides how much memory there is: no other limit is needed.
    bootOnce(module, { heapBytes, maxValueBytes, argv: [], memoryLimitBytes: 2 * heapBytes + 2 ** 20 }),
  );
}

async function bootOnce(module: Module, options: WasiPythonOptions): Promise<Booted> {
  const python = await WasiPython.boot(module, options);
  return { state: python.checkpoint(), base: python.shareableBase() };
}

function refuseStack(pythonStackBytes: number | undefined): void {
  if (pythonStackBytes === undefined) return;
  throw new SandboxUsageError("pythonStackBytes has no effect on a WASI build: its stack is compiled in");
}

export const WASI: ArtifactSupport = {
  readState: channelPythonReader("wasi", 0),
  async boot(module, { pythonStackBytes, argv = [], ...world }, { memoryLimitBytes, limits }) {
    refuseStack(pythonStackBytes);
    return WasiPython.boot(module, { ...world, argv, memoryLimitBytes, limits });
  },
  async booted(request) {
    const { pythonStackBytes, image } = request.options;
    refuseStack(pythonStackBytes);
    if (image !== undefined) throw new SandboxUsageError("image is for MicroPython's build for JavaScript");
    return (await bootedOf(request)).state;
  },
  async restore(request, state, check) {
    const { base } = await bootedOf(request);
    const { module, world, memoryLimitBytes } = request;
    return WasiPython.restore(module, { ...world, memoryLimitBytes, base }, state, check);
  },
};
