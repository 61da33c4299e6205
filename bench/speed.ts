// Kernels and MicroPython programs, all contestants in one process: two builds of the same engine.
import type { Engine, Python } from "./engines.js";
import { buildKernels, KERNELS } from "./kernels.js";
import { compare, type Effort, type Timing } from "./measure.js";
import { PROGRAMS } from "./programs.js";

type Timings = Readonly<Record<string, Timing>>;

/** Runs every kernel on every engine; throws if their results differ. */
export async function kernelTimings(engines: readonly Engine[], effort: Effort): Promise<[string, Timings][]> {
  const bytes = buildKernels();
  const exports = await Promise.all(
    engines.map(async (engine) => [engine.name, await engine.instantiate(bytes)] as const),
  );
  const measured: [string, Timings][] = [];
  for (const [kernel, size] of Object.entries(KERNELS)) {
    const results = exports.map(([, functions]) => functions[kernel]!(1));
    if (results.some((result) => result !== results[0])) throw new Error(`${kernel}: engines differ: ${results}`);
    const runs = Object.fromEntries(exports.map(([name, functions]) => [name, () => functions[kernel]!(size)]));
    measured.push([kernel, await compare(runs, effort)]);
  }
  return measured;
}

/** Runs every program on every engine; throws if one prints anything other than CPython does. */
export async function programTimings(engines: readonly Engine[], effort: Effort): Promise<[string, Timings][]> {
  const pythons: [string, Python][] = [];
  for (const engine of engines) pythons.push([engine.name, await engine.bootPython()]);
  const measured: [string, Timings][] = [];
  for (const program of PROGRAMS) {
    const runs = Object.fromEntries(
      pythons.map(([name, python]) => [
        name,
        async () => {
          const printed = await python.run(program.source);
          if (printed !== program.prints) throw new Error(`${program.name}: ${name} prints ${JSON.stringify(printed)}`);
        },
      ]),
    );
    measured.push([program.name, await compare(runs, effort)]);
  }
  return measured;
}
