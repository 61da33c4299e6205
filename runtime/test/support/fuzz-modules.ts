// Random valid modules from binaryen's fuzzer. The same seed and options give the same bytes.
//
// wasm-opt is a command; starting a process for each module would take a second. So its script is
// loaded once as a function, its WebAssembly compiled once, and a module takes about 50 ms.

import fs, { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Random } from "./random.js";

export interface FuzzOptions {
  /** Bytes of randomness, which bound the size of the module: 3,000 give about 2,500 bytes of code. */
  readonly entropy?: number;
  /** Names of binaryen's --enable-… flags; by default {@link NODE_20_FEATURES}. */
  readonly features?: readonly string[];
  /** Code that replaces every NaN by 0, for comparisons with engines that leave a NaN's bits open. */
  readonly denan?: boolean;
  /** Random optimisation passes, which make code more like a compiler's. */
  readonly passes?: boolean;
}

/** What Node 20 runs without flags. */
export const NODE_20_FEATURES: readonly string[] = [
  "bulk-memory",
  "bulk-memory-opt",
  "multivalue",
  "mutable-globals",
  "nontrapping-float-to-int",
  "reference-types",
  "sign-ext",
  "tail-call",
];

const cache = new Map<string, Promise<Uint8Array>>();

/** One random module. Cached for the life of the process; do not write into the bytes. */
export function fuzzModule(seed: number, options: FuzzOptions = {}): Promise<Uint8Array> {
  const key = JSON.stringify([seed, options]);
  let module = cache.get(key);
  if (module === undefined) {
    module = generate(seed, options);
    cache.set(key, module);
  }
  return module;
}

/** The modules of `count` seeds from `firstSeed` on, one after another. */
export async function* fuzzModules(
  firstSeed: number,
  count: number,
  options: FuzzOptions = {},
): AsyncGenerator<{ readonly seed: number; readonly bytes: Uint8Array }> {
  for (let seed = firstSeed; seed < firstSeed + count; seed++) yield { seed, bytes: await fuzzModule(seed, options) };
}

async function generate(seed: number, options: FuzzOptions): Promise<Uint8Array> {
  const folder = mkdtempSync(join(tmpdir(), "fuzz-module-"));
  try {
    const input = join(folder, "entropy");
    const output = join(folder, "module.wasm");
    writeFileSync(input, new Random(seed).bytes(options.entropy ?? 3000));
    await wasmOpt([
      input,
      "-ttf",
      "-q",
      "-o",
      output,
      "-mvp",
      ...(options.features ?? NODE_20_FEATURES).map((feature) => `--enable-${feature}`),
      ...(options.denan ? ["--denan"] : []),
      // The fuzzer writes legacy exceptions; this turns them into try_table and throw_ref.
      ...(options.features?.includes("exception-handling") ? ["--emit-exnref"] : []),
      ...(options.passes ? ["-fp"] : []),
    ]);
    return new Uint8Array(readFileSync(output));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Script = (
  Module: object,
  process: object,
  require: unknown,
  dirname: string,
  filename: string,
  WebAssembly: object,
  console: object,
) => void;

let script: Script | undefined;
let compiled: WebAssembly.Module | undefined;
// The script writes to shared state of the process (exit code): one run at a time.
let running: Promise<unknown> = Promise.resolve();

function wasmOpt(args: readonly string[]): Promise<void> {
  const run = running.then(() => runWasmOpt(args));
  running = run.catch(() => {});
  return run;
}

/** As fs.writeSync, but for standard error. */
function write(print: (message: string) => void, args: Parameters<typeof fs.writeSync>): number {
  const [descriptor, buffer, offset = 0, length = 0] = args as unknown as [number, Uint8Array, number?, number?];
  if (descriptor !== 2) return fs.writeSync(...args);
  print(Buffer.from(buffer.buffer, buffer.byteOffset + offset, length).toString());
  return length;
}

function runWasmOpt(args: readonly string[]): Promise<void> {
  const require = createRequire(import.meta.url);
  const folder = join(dirname(require.resolve("binaryen")), "bin");
  const file = join(folder, "wasm-opt");
  script ??= new Function(
    ...["Module", "process", "require", "__dirname", "__filename", "WebAssembly", "console"],
    readFileSync(file, "utf8").replace(/^#!.*/, ""),
  ) as Script;
  return new Promise((resolve, reject) => {
    const messages: unknown[] = [];
    const print = (...message: unknown[]) => messages.push(...message);
    // It writes its warnings to the file descriptor.
    const files = { ...fs, writeSync: (...args: Parameters<typeof fs.writeSync>) => write(print, args) };
    const requireForIt = (name: string): unknown => (/^(node:)?fs$/.test(name) ? files : require(name));
    const start = (module: WebAssembly.Module, imports: WebAssembly.Imports) =>
      new WebAssembly.Instance(module, imports);
    const program = {
      ...(compiled && {
        instantiateWasm: (imports: WebAssembly.Imports, done: (instance: WebAssembly.Instance) => void) =>
          done(start(compiled!, imports)),
      }),
      postRun: () => resolve(),
      onAbort: (reason: unknown) => reject(new Error(`wasm-opt ${args.join(" ")}: ${reason}\n${messages.join("\n")}`)),
      onExit: (status: number) => {
        if (status === 0) resolve();
        else reject(new Error(`wasm-opt ${args.join(" ")} ended with ${status}\n${messages.join("\n")}`));
      },
    };
    const host = Object.create(process, {
      argv: { value: ["node", file, ...args] },
      exitCode: { value: 0, writable: true },
    }) as object;
    const engine = Object.create(WebAssembly, {
      instantiate: {
        value: async (bytes: Uint8Array<ArrayBuffer>, imports: WebAssembly.Imports) => {
          compiled = new WebAssembly.Module(bytes);
          return { module: compiled, instance: start(compiled, imports) };
        },
      },
    }) as object;
    script!(program, host, requireForIt, folder, file, engine, { log: print, warn: print, error: print });
  });
}
