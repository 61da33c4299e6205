// The two engines that the host is tested on. Behaviour must be the same; only our own meters.

import { Engine, type Module } from "../../runtime/index.js";
import { loadArtifact } from "../emscripten/artifact-node.js";
import { type EmscriptenGuestOptions, engineFactory } from "../emscripten/guest.js";
import { EmscriptenPython } from "../emscripten/python.js";
import type { GuestFactory } from "../guest/engine-port.js";
import type { WorldOptions } from "../interpreter/artifact-support.js";
import type { PythonResult } from "../interpreter/interpreter.js";
import { v8Factory } from "./v8-shim.js";

const artifact = await loadArtifact();
let compiled: Module | undefined;

/** The artifact, compiled by our engine once per test file. */
export function compiledArtifact(): Module {
  compiled ??= new Engine().compile(artifact);
  return compiled;
}

/** A factory of instances on our interpreter. */
export function interpreterFactory(options: EmscriptenGuestOptions = {}): GuestFactory {
  return engineFactory(compiledArtifact(), options);
}

/** Both engines, for `describe.each`. */
export const ENGINES: readonly (readonly [string, (options?: EmscriptenGuestOptions) => GuestFactory])[] = [
  ["interpreter", interpreterFactory],
  ["v8", (options = {}) => v8Factory({ memoryLimitBytes: options.memoryLimitBytes ?? 64 * 1024 * 1024 })],
];

/** Boots on our interpreter. */
export function boot(options: WorldOptions = {}, engine: EmscriptenGuestOptions = {}): Promise<EmscriptenPython> {
  return EmscriptenPython.boot(interpreterFactory(engine), options);
}

/** Runs one program in a fresh interpreter of ours. */
export async function runOnce(
  code: string | Uint8Array,
  options: WorldOptions & EmscriptenGuestOptions & { fuel?: number; value?: boolean } = {},
): Promise<PythonResult> {
  const python = await boot(options, options);
  return python.run(code, { fuel: options.fuel ?? 1_000_000_000, value: options.value });
}
