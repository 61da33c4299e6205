// What a receipt costs: the same run with and without one, in turns, by processor time. Runs are of 100 to 500 million
// units, on what they are run on by default: Python on code compiled ahead of time, modules on the interpreter.
import { recordedRun } from "../cli/wasi/index.js";
import type { Sandbox } from "../micropython-wasm/index.js";
import { Engine, type Module } from "../runtime/index.js";
import { ROOT } from "./engines.js";
import { buildKernels } from "./kernels.js";
import { type Effort, geometricMean } from "./measure.js";
import type { Section } from "./report.js";

/** Most that a run with a receipt may take, of the same run without. */
const MARK = 1.1;

/** Name → source, whose processor time lies in different things. */
const PROGRAMS: Readonly<Record<string, string>> = {
  "integers in a loop": "s = 0\nfor i in range(150000):\n  s = (s * 31 + i) % 1000003\nprint(s)",
  "lists and strings":
    "l = []\nfor i in range(40000):\n  l.append([i, str(i)])\n  if len(l) > 1000: l = l[500:]\nprint(len(l))",
  "a dict of strings": "d = {}\nfor i in range(30000):\n  k = str(i % 5000)\n  d[k] = d.get(k, 0) + i\nprint(len(d))",
  functions: "def fib(n):\n  return n if n < 2 else fib(n - 1) + fib(n - 2)\nprint(fib(23))",
};
/** Kernel → argument. */
const MODULES: Readonly<Record<string, number>> = { mandelbrot: 600, sha256: 20_000, hash64: 2_000_000, fib: 34 };

const FUEL = 2 ** 40;

/** One run, and what its receipt says of checkpoints. */
interface Run {
  readonly fuel: number;
  readonly checkpoints: number | undefined;
}

/** Milliseconds of processor time, of all threads. */
async function processorTime(run: () => Promise<Run>): Promise<{ ms: number; run: Run }> {
  const before = process.cpuUsage();
  const result = await run();
  const { user, system } = process.cpuUsage(before);
  return { ms: (user + system) / 1000, run: result };
}

async function pythonRun(
  source: string,
  receipt: boolean,
  create: () => Promise<Sandbox>,
): Promise<() => Promise<Run>> {
  const sandbox = await create();
  return async () => {
    const result = await sandbox.run(source, { fuel: FUEL, receipt });
    if (result.error !== null) throw new Error(result.error.message);
    sandbox.close();
    return { fuel: result.fuel.used, checkpoints: result.receipt?.checkpoints.states.length };
  };
}

function moduleRun(module: Module, kernel: string, argument: number, receipt: boolean): () => Promise<Run> {
  const inputs = { invoke: kernel, args: [String(argument)], wasi: null };
  const run = recordedRun({ module, args: [argument], inputs, limits: {}, fuel: FUEL, stdin: new Uint8Array(0) });
  return async () => {
    const { result } = await (receipt ? run.run() : run.runTo(FUEL));
    if (result?.status !== "done") throw new Error(`${kernel} ended as ${result?.status}`);
    const written = receipt ? run.receipt({ status: "done", value: null }) : undefined;
    return { fuel: run.fuelUsed, checkpoints: written?.checkpoints.states.length };
  };
}

export async function receiptsSection(effort: Effort): Promise<Section> {
  // As it is shipped, with its image and its code.
  const python = (await import(`${ROOT}dist/bundle/micropython.js`)) as typeof import("../micropython-wasm/index.js");
  const module = new Engine().compile(buildKernels());
  const cases = [
    ...Object.entries(PROGRAMS).map(([name, source]) => ({
      name: `Python: ${name}`,
      make: (receipt: boolean) => pythonRun(source, receipt, () => python.Sandbox.create()),
    })),
    ...Object.entries(MODULES).map(([kernel, argument]) => ({
      name: `module: ${kernel}(${argument})`,
      make: async (receipt: boolean) => moduleRun(module, kernel, argument, receipt),
    })),
  ];
  const rows: (string | number)[][] = [];
  const ratios: number[] = [];
  for (const { name, make } of cases) {
    const least = { plain: Number.POSITIVE_INFINITY, receipt: Number.POSITIVE_INFINITY };
    let run: Run | undefined;
    for (let round = 0; round < effort.rounds + 2; round++) {
      for (const kind of ["plain", "receipt"] as const) {
        const measured = await processorTime(await make(kind === "receipt"));
        least[kind] = Math.min(least[kind], measured.ms);
        if (kind === "receipt") ({ run } = measured);
      }
    }
    const ratio = least.receipt / least.plain;
    ratios.push(ratio);
    rows.push([name, run!.fuel / 1e6, least.plain, least.receipt, ratio, run!.checkpoints!]);
  }
  return {
    name: "receipts",
    title: "Runs with a receipt, against the same without",
    columns: ["", "million units", "without, ms", "with, ms", "ratio", "checkpoints"],
    rows,
    marks: [
      {
        what: "a run with a receipt / without, geometric mean, at most",
        limit: MARK,
        measured: geometricMean(ratios),
        unit: "x",
      },
      { what: "the worst of them, at most", limit: MARK, measured: Math.max(...ratios), unit: "x" },
    ],
    notes: ["Processor time, the least of the rounds."],
  };
}
