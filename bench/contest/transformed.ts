// What binaryen makes of a module before an engine gets it: a metered module for V8, or JavaScript (wasm2js). Made once,
// and kept in bench/build/ by the module's hash.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { micropythonBytes } from "../decode.js";
import { bootWithGlue, type Engine, IMPORTS, type Kernel, ROOT } from "../engines.js";

type Imports = Readonly<Record<string, object>>;

/** Counted up when what is made of a module changes. */
const TRANSFORMS = "2";

/** A file of bench/build/ that `make` writes if it is not there. */
async function kept(
  bytes: Uint8Array,
  suffix: string,
  make: (target: string) => void | Promise<void>,
): Promise<string> {
  const hash = createHash("sha256").update(bytes).update(TRANSFORMS).digest("hex").slice(0, 16);
  const file = `${ROOT}bench/build/${hash}.${suffix}`;
  if (!existsSync(file)) {
    mkdirSync(`${ROOT}bench/build`, { recursive: true });
    // Renamed when it is whole: several contestants may begin at once.
    await make(`${file}.${process.pid}`);
    renameSync(`${file}.${process.pid}`, file);
  }
  return file;
}

const meteredFile = (bytes: Uint8Array) =>
  kept(bytes, "metered.wasm", async (target) => {
    const { metered } = await import("./metered.js");
    writeFileSync(target, metered(bytes));
  });

const BINARYEN = `${ROOT}node_modules/binaryen/bin/`;
const FEATURES = ["bulk-memory", "bulk-memory-opt", "sign-ext", "nontrapping-float-to-int", "mutable-globals"];
/** wasm2js leaves these to wasm-opt. */
const LOWERING = ["--signext-lowering", "--llvm-nontrapping-fptoint-lowering", "--llvm-memory-copy-fill-lowering"];

const javaScriptFile = (bytes: Uint8Array) =>
  kept(bytes, "wasm2js.js", (target) => {
    const [input, lowered] = [`${target}.wasm`, `${target}.lowered.wasm`];
    writeFileSync(input, bytes);
    const features = [...FEATURES, "reference-types", "multivalue"].map((feature) => `--enable-${feature}`);
    const run = (tool: string, args: readonly string[]): void => {
      const { status, stderr } = spawnSync(process.execPath, [BINARYEN + tool, ...args], { encoding: "utf8" });
      if (status !== 0) throw new Error(`${tool} refuses it: ${stderr.split("\n")[0]?.slice(0, 120)}`);
    };
    run("wasm-opt", [input, ...features, ...LOWERING, "-o", lowered]);
    run("wasm2js", [lowered, ...features, "-O", "-o", target]);
    for (const file of [input, lowered]) rmSync(file);
  });

/** Makes what the contestants need of a module, so that none of them pays for it; what fails is theirs to say. */
export async function prepareTransformed(bytes: Uint8Array): Promise<void> {
  await Promise.allSettled([meteredFile(bytes), javaScriptFile(bytes)]);
}

const host = globalThis.WebAssembly;

/** The host's WebAssembly object, to which every module goes metered. */
const meteredHost = (): object =>
  Object.create(host, {
    instantiate: {
      value: async (bytes: Uint8Array, imports: WebAssembly.Imports) =>
        host.instantiate(readFileSync(await meteredFile(new Uint8Array(bytes))), imports),
    },
  });

export const v8Metered: Engine = {
  name: "v8-metered",
  async instantiate(bytes) {
    const { instance } = await host.instantiate(readFileSync(await meteredFile(bytes)), IMPORTS);
    return instance.exports as Record<string, Kernel>;
  },
  async bootPython() {
    // Before the glue's WebAssembly object takes the place of the one by which binaryen is loaded.
    await meteredFile(micropythonBytes());
    return bootWithGlue(meteredHost());
  },
};

/** The module that wasm2js wrote, as a function: its imports and exports are an ES module's. */
async function instantiateJavaScript(bytes: Uint8Array, imports: Imports): Promise<Record<string, Kernel>> {
  const text = readFileSync(await javaScriptFile(bytes), "utf8")
    .replace(/^import \* as (\w+) from '([^']+)';$/gm, "const $1 = imports['$2'];")
    .replace(/^export var .*$/gm, "");
  return new Function("imports", `${text}\nreturn retasmFunc;`)(imports) as Record<string, Kernel>;
}

export const wasm2js: Engine = {
  name: "wasm2js",
  instantiate: (bytes) => instantiateJavaScript(bytes, IMPORTS),
  bootPython: () =>
    bootWithGlue({
      instantiate: async (bytes: Uint8Array, imports: Imports) => ({
        instance: { exports: await instantiateJavaScript(new Uint8Array(bytes), imports) },
      }),
      RuntimeError: Error,
    }),
};
