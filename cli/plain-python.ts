// Lines of the command that are done by one script (python-script.ts; tools/bundle-script.mjs): python-*.cjs, without
// CPython, or cpython-*.cjs.
import nodeModule from "node:module";
import type { AheadModule } from "../runtime/index.js";
import { type CodeCache, checksum } from "./code-cache.js";
import { YoungProcess } from "./young-process.js";

const require = nodeModule.createRequire(import.meta.url);

/** What a script has for Python. */
export type ScriptedPython = "micropython" | "cpython";

/** Set by the bundler: the scripts' names, which have hashes of them. From source there are none. */
declare const ESCAPEMENT_PYTHON_SCRIPTS: Readonly<Record<ScriptedPython, string>> | undefined;

/** Flags of `python` that need nothing which the script leaves out. */
const PLAIN = /^(?:-c|--(?:build|fuel|input|json|memory|output|schedule|seed|stack|stats|tier|timeout)(?:=.*)?)$/s;
/** Those that CPython's script knows as well. */
const PLAIN_CPYTHON = /^--preload(?:=.*)?$/s;
const CPYTHON = "--python=cpython";

/** Which script does all of a line: it begins with `python`, and has plain flags alone. Null: none does. */
export function scriptFor([command, ...rest]: readonly string[]): ScriptedPython | null {
  if (command !== "python") return null;
  // A value, or the program's argument, that looks like another flag has the whole command do it: that is slower, and right.
  const at = rest.indexOf("--python");
  const flags = at >= 0 && rest[at + 1] === "cpython" ? [...rest.slice(0, at), CPYTHON, ...rest.slice(at + 2)] : rest;
  const isCPython = flags.includes(CPYTHON);
  const isPlain = (text: string) => PLAIN.test(text) || (isCPython && (text === CPYTHON || PLAIN_CPYTHON.test(text)));
  if (!flags.every((text) => !text.startsWith("-") || text === "-" || isPlain(text))) return null;
  return isCPython ? "cpython" : "micropython";
}

/** What the script evaluates to. */
type PythonScript = (
  require: NodeRequire,
  load: (specifier: string) => Promise<unknown>,
  scriptUrl: string,
  resolveUrl: (specifier: string) => string,
  module: { exports: { start?: (line: readonly string[], onLongRun: () => void) => Promise<void> } },
) => void;

/**
 * Does a plain line.
 * @param python whose script does it
 * @param whole does the whole line, and is called when the script finds that it has not what that takes
 * @returns false if there is no script
 */
export async function runPythonScript(
  python: ScriptedPython,
  line: readonly string[],
  cache: CodeCache | null,
  whole: () => Promise<void>,
): Promise<boolean> {
  if (typeof ESCAPEMENT_PYTHON_SCRIPTS === "undefined") return false;
  const young = YoungProcess.ofThis();
  const scripts = new Scripts(cache, young);
  const url = new URL(ESCAPEMENT_PYTHON_SCRIPTS[python], import.meta.url);
  const script = scripts.value(url) as PythonScript;
  young?.begin();
  const { pathToFileURL } = require("node:url") as typeof import("node:url");
  const module: Parameters<PythonScript>[4] = { exports: {} };
  // Resolves when the whole command has been done in the script's place, which then waits forever.
  await new Promise<void>((resolve, reject) => {
    const load = async (specifier: string) => {
      if (specifier.endsWith(".ahead.js"))
        return (scripts.value(new URL(specifier), scriptOfAhead) as () => AheadModule)();
      if (specifier !== "./repl.js") return import(specifier);
      young?.end();
      whole().then(resolve, reject);
      return new Promise(() => {});
    };
    script(require, load, url.href, (specifier) => pathToFileURL(require.resolve(specifier)).href, module);
    module.exports.start!(line, () => young?.end()).then(resolve, reject);
  });
  return true;
}

/** Declarations of what code that was compiled ahead of time exports (runtime/compiler/ahead-text.ts). */
const EXPORTS = /\bexport (?=(?:const|function) (about|functions|make)\b)/g;

/** Code that was compiled ahead of time, a module, as a script: a function that gives what it exports. */
export function scriptOfAhead(text: string): string {
  const names: string[] = [];
  const body = text.replaceAll(EXPORTS, (_, name: string) => {
    names.push(name);
    return "";
  });
  return `(function(){${body}\nreturn{${names.join()}}})`;
}

/** This package's scripts, by what V8 has kept of them. */
class Scripts {
  constructor(
    private readonly cache: CodeCache | null,
    private readonly young: YoungProcess | null,
  ) {}

  /**
   * What a file's text, as a script, evaluates to. It is of ASCII alone, as esbuild writes them.
   * @param scriptOf makes a script of it; without, it is one, and its name has a hash of it
   */
  value(url: URL, scriptOf?: (text: string) => string): unknown {
    const { readFileSync } = require("node:fs") as typeof import("node:fs");
    const { Script } = require("node:vm") as typeof import("node:vm");
    const { fileURLToPath } = require("node:url") as typeof import("node:url");
    const { cache, young } = this;
    const filename = fileURLToPath(url);
    const file = readFileSync(filename);
    const text = file.toString("latin1");
    const own = url.pathname.slice(url.pathname.lastIndexOf("/") + 1);
    // V8 itself compares nothing but lengths.
    const name = scriptOf === undefined ? own : `${own}-${checksum(file).toString("hex")}`;
    const make = () => {
      const cachedData = cache?.read(name);
      const script = new Script(scriptOf?.(text) ?? text, { filename, cachedData });
      return { script, isNew: cachedData === undefined || script.cachedDataRejected === true };
    };
    const { script, isNew } = young === null ? make() : young.pause(make);
    if (cache !== null && isNew)
      process.once("exit", () => {
        young?.end();
        cache.write(name, script.createCachedData());
      });
    return script.runInThisContext();
  }
}
