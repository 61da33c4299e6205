// Code that was compiled ahead of time, read beside everything else: V8 takes 60 ms of processor time for its 1.6 MB, in
// one step. Another thread does that, and gives what V8 made of it (its code cache, 0.7 MB), which takes 3 ms here.
import type { AheadModule } from "../../runtime/index.js";

interface Read {
  readonly source: string;
  readonly cachedData: Uint8Array;
}

/**
 * The code's module as a script, which evaluates to a function that gives what the module exports. All that it takes is in
 * here: its own text is run on the other thread. The command has one of its own (cli/plain-python.ts), for its cache.
 */
function scriptOf(text: string): string {
  const names: string[] = [];
  const body = text.replaceAll(/\bexport (?=(?:const|function) (about|functions|make)\b)/g, (_, name: string) => {
    names.push(name);
    return "";
  });
  return `(function(){${body}\nreturn{${names.join()}}})`;
}

/**
 * What the other thread runs, CommonJS. The cache has the functions that were called: so `make` is, with something in the
 * place of all that it takes. What it gives or throws is nobody's.
 */
const READER = `
const { parentPort, workerData } = require("node:worker_threads");
const { Script } = require("node:vm");
const text = require("node:fs").readFileSync(workerData.filename, "latin1");
const source = (${scriptOf})(text);
const script = new Script(source, { filename: workerData.filename });
const { make } = script.runInThisContext()();
const anything = new Proxy(function () {}, {
  get: (_, name) => (name === Symbol.toPrimitive ? () => 0 : anything),
  apply: () => anything,
});
try {
  make(anything);
} catch {}
parentPort.postMessage({ source, cachedData: script.createCachedData() });
`;

/** Node, with its V8: not Bun, whose V8 is none, and not Deno. */
function isNode(): boolean {
  const { versions } = process as { versions: Readonly<Record<string, string | undefined>> };
  return versions["v8"] !== undefined && versions["bun"] === undefined && versions["deno"] === undefined;
}

/** @returns undefined where that cannot be, or is of no use: then the module is to be imported */
export async function loadOffThread(place: URL): Promise<AheadModule | undefined> {
  if (!isNode() || place.protocol !== "file:") return undefined;
  try {
    const { isMainThread, Worker } = await import("node:worker_threads");
    // A thread of a pool's has one run at a time: nobody else waits there.
    if (!isMainThread) return undefined;
    const { Script } = await import("node:vm");
    const { fileURLToPath } = await import("node:url");
    const filename = fileURLToPath(place);
    // What the process was started with is not for that thread: loaders, profiles, --require.
    const worker = new Worker(READER, { eval: true, execArgv: [], env: {}, workerData: { filename } });
    // A process that is done does not wait for it.
    worker.unref();
    const read = await new Promise<Read | undefined>((resolve) => {
      worker.once("message", resolve);
      worker.once("error", () => resolve(undefined));
      worker.once("exit", () => resolve(undefined));
    });
    if (read === undefined) return undefined;
    const { source, cachedData } = read;
    const script = new Script(source, { filename, cachedData });
    return (script.runInThisContext() as () => AheadModule)();
  } catch {
    // Where no threads are to be had, for example.
    return undefined;
  }
}
