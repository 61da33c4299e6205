// Our interpreter as a contestant, in this build or in one that leaves the fuel accounting out.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { type Engine, type Kernel, PYTHON_HEAP, type Python, ROOT } from "./engines.js";

type MicroPythonFace = typeof import("../micropython-wasm/index.js");
type Runtime = typeof import("../runtime/index.js");

/** Enough for any contest: fuel is counted, and never runs out. */
const FUEL = Number.MAX_SAFE_INTEGER;

/** The interpreter as built in `directory`, which has what dist/ has. */
export function interpreterIn(directory: string): Engine {
  const load = async (path: string): Promise<unknown> => import(pathToFileURL(`${directory}/${path}`).href);
  return {
    name: "interpreter",
    async instantiate(bytes) {
      const { Engine, Execution, Linker, Store } = (await load("runtime/index.js")) as Runtime;
      const engine = new Engine();
      const store = new Store(engine);
      const module = engine.compile(bytes);
      const instance = new Linker(engine).instantiate(store, module);
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
      const python = await createPython({ heapBytes: PYTHON_HEAP });
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

/** This build. */
export const interpreter: Engine = interpreterIn(`${ROOT}dist`);

/** A copy of this build, unbundled, in bench/build/. */
function copyBuild(name: string): string {
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
