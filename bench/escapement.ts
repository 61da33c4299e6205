// Our interpreter as a contestant, in this build or in one that leaves the fuel accounting out.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { type Engine, type Kernel, PYTHON_HEAP, type Python, ROOT } from "./engines.js";

type MicroPythonFace = typeof import("../micropython-wasm/index.js");
type Runtime = typeof import("../runtime/index.js");
type AheadModule = import("../runtime/index.js").AheadModule;

/** Enough for any contest: fuel is counted, and never runs out. */
const FUEL = Number.MAX_SAFE_INTEGER;

/** Ours as built in `directory`, which has what dist/ has. @param tier of `engine.tiers`; the engine's own choice if undefined */
export function interpreterIn(directory: string, tier?: string): Engine {
  const load = async (path: string): Promise<unknown> => import(pathToFileURL(`${directory}/${path}`).href);
  const makeEngine = async () => {
    return engineOfTier((await load("runtime/index.js")) as Runtime, tier);
  };
  return {
    name: tier ?? "interpreter",
    async instantiate(bytes) {
      const { Execution, Linker, Store } = (await load("runtime/index.js")) as Runtime;
      const engine = await makeEngine();
      const store = new Store(engine);
      const module = engine.compile(bytes);
      const linker = new Linker(engine);
      linker.defineFunc("bench", "add", { params: ["i32"], results: ["i32"] }, (_, value) => (value as number) + 1);
      linker.defineFunc("env", "abort", { params: ["i32", "i32", "i32", "i32"], results: [] }, () => {});
      const instance = linker.instantiate(store, module);
      const kernel = (name: string): Kernel => {
        const func = instance.getFunc(name);
        return (...args) => {
          const result = new Execution(store).start(func, args).run(FUEL);
          if (result.status !== "done") throw new Error(`${name}: ${result.status}`);
          return result.results[0] as number;
        };
      };
      const functions = module.exports().filter(({ kind }) => kind === "func");
      return Object.fromEntries(functions.map(({ name }) => [name, kernel(name)]));
    },
    async bootPython(): Promise<Python> {
      // As the package's users load it, where that was built.
      const bundled = existsSync(`${directory}/bundle/micropython.js`);
      const face = await load(bundled ? "bundle/micropython.js" : "micropython-wasm/index.js");
      const { createPython } = face as MicroPythonFace;
      // Engines are compared: others run the programs as they are, not as `compat` rewrites them.
      const options = { heapBytes: PYTHON_HEAP, compat: false, ...(tier === undefined ? {} : { tier }) };
      const python = await createPython(options as Parameters<typeof createPython>[0]);
      return {
        async run(source) {
          const { ok, stdout, error } = await python.run(source, { fuel: FUEL, value: false });
          if (!ok) throw new Error(error?.message);
          return stdout;
        },
      };
    },
  };
}

/** CPython as a guest, where this build and machine have it. */
async function bootCPython(tier: string | undefined): Promise<Python> {
  const { Sandbox } = await import("../micropython-wasm/index.js");
  const options = { python: "cpython", fuel: FUEL, ...(tier === undefined ? {} : { tier }) };
  const sandbox = await Sandbox.create(options as Parameters<typeof Sandbox.create>[0]);
  return {
    async run(source) {
      const result = await sandbox.run(source);
      if (result.status !== "ok") throw new Error(result.error?.message ?? result.status);
      return result.stdout;
    },
  };
}

/** @throws Error if this build or this host has no such tier */
function engineOfTier({ Engine, compileAhead }: Runtime, tier: string | undefined): InstanceType<Runtime["Engine"]> {
  if (tier === undefined) return new Engine();
  // Without a profile: all functions are compiled, when the module is.
  if (tier === "ahead-of-time") {
    return new Engine({
      ahead(bytes, schedule) {
        const script = compileAhead(bytes, { schedule }).text.replaceAll(/^export /gm, "");
        return new Function(`${script}\nreturn { about, functions, make };`)() as AheadModule;
      },
    });
  }
  let engine: InstanceType<Runtime["Engine"]> & { readonly tiers: readonly string[] };
  try {
    engine = new Engine({ tier } as ConstructorParameters<Runtime["Engine"]>[0]);
  } catch (error) {
    throw new Error(`this build has no tier ${tier}`, { cause: error });
  }
  if (!engine.tiers.includes(tier)) throw new Error(`this host leaves out the tier ${tier}`);
  return engine;
}

/** One tier of this build. */
export const escapement = (
  tier: "interpreter" | "compiler" | "ahead-of-time",
): Engine & { check(): Promise<void> } => ({
  ...interpreterIn(`${ROOT}dist`, tier),
  bootCPython: () => bootCPython(tier),
  async check() {
    engineOfTier(await import("../runtime/index.js"), tier);
  },
});

/** This build. */
export const interpreter: Engine = interpreterIn(`${ROOT}dist`);

/** A copy of this build, unbundled, in bench/build/. */
export function copyBuild(name: string): string {
  const target = `${ROOT}bench/build/${name}`;
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  for (const folder of ["decoder", "runtime", "micropython-wasm"]) {
    cpSync(`${ROOT}dist/${folder}`, `${target}/${folder}`, { recursive: true });
  }
  return target;
}

/** The interpreter as it is, loaded as the one that {@link buildWithoutFuel} makes. */
export const buildWithFuel = (): Engine => interpreterIn(copyBuild("fuel"));

/** The interpreter with a dispatch loop that leaves the fuel accounting out. */
export function buildWithoutFuel(): Engine {
  const target = copyBuild("no-fuel");
  const generator = `${ROOT}tools/generate-dispatch.ts`;
  const script = `import { generateDispatch } from ${JSON.stringify(generator)}; process.stdout.write(generateDispatch({ fuel: false }));`;
  const source = execFileSync(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], {
    cwd: ROOT,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  const path = `${target}/runtime/interpreter/generated/dispatch.generated`;
  writeFileSync(`${path}.ts`, source);
  const tsc = `${ROOT}node_modules/typescript/bin/tsc`;
  const options = ["--noCheck", "--noResolve", "--target", "es2022", "--module", "nodenext", "--ignoreConfig"];
  execFileSync(process.execPath, [tsc, ...options, `${path}.ts`], { cwd: ROOT, stdio: "inherit" });
  return interpreterIn(target);
}
