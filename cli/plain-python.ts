// Lines of the command that are done by one script, python-*.cjs (python-script.ts; tools/bundle-script.mjs).
import nodeModule from "node:module";
import type { CodeCache } from "./code-cache.js";

const require = nodeModule.createRequire(import.meta.url);

/** Set by the bundler: the script's name, which has a hash of it. From source there is none. */
declare const ESCAPEMENT_PYTHON_SCRIPT: string | undefined;

/** Flags of `python` that need nothing which the script leaves out. */
const PLAIN = /^(?:-c|--(?:build|fuel|input|json|memory|output|schedule|seed|stack|stats|tier|timeout)(?:=.*)?)$/s;

/** Whether the script does all of a line: it begins with `python`, and has plain flags alone. */
export function isPlainPython([command, ...rest]: readonly string[]): boolean {
  // A value, or the program's argument, that looks like another flag has the whole command do it: that is slower, and right.
  return command === "python" && rest.every((text) => !text.startsWith("-") || text === "-" || PLAIN.test(text));
}

/** What the script evaluates to. */
type Script = (
  require: NodeRequire,
  load: (specifier: string) => Promise<unknown>,
  scriptUrl: string,
  resolveUrl: (specifier: string) => string,
  module: { exports: { start?: (line: readonly string[]) => Promise<void> } },
) => void;

/**
 * Does a plain line.
 * @param whole does the whole line, and is called when the script finds that it has not what that takes
 * @returns false if there is no script
 */
export async function runPythonScript(
  line: readonly string[],
  cache: CodeCache | null,
  whole: () => Promise<void>,
): Promise<boolean> {
  if (typeof ESCAPEMENT_PYTHON_SCRIPT === "undefined") return false;
  const url = new URL(ESCAPEMENT_PYTHON_SCRIPT, import.meta.url);
  const script = scriptAt(url, ESCAPEMENT_PYTHON_SCRIPT, cache);
  const { pathToFileURL } = require("node:url") as typeof import("node:url");
  const module: Parameters<Script>[4] = { exports: {} };
  // Resolves when the whole command has been done in the script's place, which then waits forever.
  await new Promise<void>((resolve, reject) => {
    const load = (specifier: string) => {
      if (specifier !== "./repl.js") return import(specifier);
      whole().then(resolve, reject);
      return new Promise(() => {});
    };
    script(require, load, url.href, (specifier) => pathToFileURL(require.resolve(specifier)).href, module);
    module.exports.start!(line).then(resolve, reject);
  });
  return true;
}

/** A script of this package's, by what V8 has kept of it. */
function scriptAt(url: URL, name: string, cache: CodeCache | null): Script {
  const { readFileSync } = require("node:fs") as typeof import("node:fs");
  const { Script: VmScript } = require("node:vm") as typeof import("node:vm");
  const { fileURLToPath } = require("node:url") as typeof import("node:url");
  const cachedData = cache?.read(name);
  // It has no other characters: tools/bundle-script.mjs.
  const text = readFileSync(url, "latin1");
  const compiled = new VmScript(text, { filename: fileURLToPath(url), cachedData });
  if (cache !== null && (cachedData === undefined || compiled.cachedDataRejected))
    process.once("exit", () => cache.write(name, compiled.createCachedData()));
  return compiled.runInThisContext() as Script;
}
