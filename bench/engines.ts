// One interface for all contestants, and the two that are not ours: V8's own WebAssembly and npm `polywasm`.
import { fileURLToPath } from "node:url";
import * as assemblyScript from "@assemblyscript/loader";

/** A numeric export of the kernels module. */
export type Kernel = (...args: number[]) => number;

export interface Python {
  /** Runs a program at top level and returns what it printed. */
  run(source: string): string | Promise<string>;
}

export interface Engine {
  readonly name: string;
  /** Instantiates a module that imports at most `env.abort` and `bench.add` (i32 -> i32, one more). */
  instantiate(bytes: Uint8Array): Promise<Record<string, Kernel>>;
  bootPython(): Promise<Python>;
  /** @throws Error if this build or machine has no CPython */
  bootCPython?(): Promise<Python>;
}

/** The project's root, from dist/bench/. */
export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Bytes of Python heap that every engine gets. */
export const PYTHON_HEAP = 1 << 20;

/** What kernels import. */
export const IMPORTS = { bench: { add: (value: number) => value + 1 }, env: { abort() {} } };

const hostWebAssembly = globalThis.WebAssembly;

export const v8: Engine = {
  name: "V8",
  async instantiate(bytes) {
    // AssemblyScript's own loader, as its users load such a module; exports of other modules come out as they are.
    const { exports } = await assemblyScript.instantiate(new Uint8Array(bytes), IMPORTS);
    return exports as unknown as Record<string, Kernel>;
  },
  bootPython: () => bootWithGlue(hostWebAssembly),
};

export const polywasm: Engine = {
  name: "polywasm",
  async instantiate(bytes) {
    const { WebAssembly } = await import("polywasm");
    const { instance } = await WebAssembly.instantiate(new Uint8Array(bytes), IMPORTS);
    return instance.exports;
  },
  async bootPython() {
    const { WebAssembly } = await import("polywasm");
    return bootWithGlue(WebAssembly);
  },
};

/** Where the package's glue keeps an interpreter's state; swapped, so that several live in one process. */
const GLUE_GLOBALS = [
  "Module",
  "proxy_js_ref",
  "proxy_js_ref_next",
  "proxy_js_ref_map",
  "proxy_js_map",
  "proxy_js_existing",
  "pyProxyFinalizationRegistry",
] as const;

/** MicroPython with its package's own glue, which finds its engine as the global `WebAssembly`. */
export async function bootWithGlue(engine: object): Promise<Python> {
  const { loadMicroPython } = await import("@micropython/micropython-webassembly-pyscript/micropython.mjs");
  const globals = globalThis as unknown as Record<string, unknown>;
  let printed = "";
  globals["WebAssembly"] = engine;
  const python = await loadMicroPython({
    heapsize: PYTHON_HEAP,
    linebuffer: true,
    stdout: (line) => {
      printed += `${line}\n`;
    },
  });
  globals["WebAssembly"] = hostWebAssembly;
  const state = GLUE_GLOBALS.map((name) => globals[name]);
  return {
    run(source) {
      printed = "";
      GLUE_GLOBALS.forEach((name, at) => {
        globals[name] = state[at];
      });
      python.runPython(source);
      GLUE_GLOBALS.forEach((name, at) => {
        state[at] = globals[name];
      });
      return printed;
    },
  };
}
