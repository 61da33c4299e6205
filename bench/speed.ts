// The sections that time running code: kernels and MicroPython programs, all engines in one process.
import type { Engine, Python } from "./engines.js";
import { buildKernels, KERNELS } from "./kernels.js";
import { compare, type Effort, geometricMean, type Timing } from "./measure.js";
import { PROGRAMS } from "./programs.js";
import type { Mark, Section } from "./report.js";

type Timings = Readonly<Record<string, Timing>>;

/** Columns per engine, then the ratio of each to the first engine. */
export function comparisonTable(
  names: readonly string[],
  measured: readonly (readonly [string, Timings])[],
): Pick<Section, "columns" | "rows" | "detail"> & { readonly means: Readonly<Record<string, number>> } {
  const [reference, ...others] = names;
  const ratiosTo = (name: string) => measured.map(([, timings]) => timings[name]!.min / timings[reference!]!.min);
  const means = Object.fromEntries(others.map((name) => [name, geometricMean(ratiosTo(name))]));
  const withBenchmark = measured.some(([, timings]) => timings[reference!]!.mean !== undefined);
  const columns = [
    "minimum, ms",
    ...names,
    ...others.map((name) => `${name}/${reference}`),
    ...names.map((name) => `${name} first`),
    ...(withBenchmark ? names.map((name) => `${name} benchmark`) : []),
  ];
  const rows = measured.map(([row, timings]) => [
    row,
    ...names.map((name) => timings[name]!.min),
    ...others.map((name) => timings[name]!.min / timings[reference!]!.min),
    ...names.map((name) => timings[name]!.first),
    ...(withBenchmark ? names.map((name) => timings[name]!.mean!) : []),
  ]);
  const blank = names.map(() => null);
  const meanRow = ["geometric mean", ...blank, ...others.map((name) => means[name]!), ...blank];
  const detail = Object.fromEntries(measured);
  return { columns, rows: [...rows, withBenchmark ? [...meanRow, ...blank] : meanRow], means, detail };
}

function marks(what: string, limit: number, means: Readonly<Record<string, number>>): Mark[] {
  const measured = means["interpreter"];
  return measured === undefined ? [] : [{ what, limit, measured, unit: "x" }];
}

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

export async function kernelSection(engines: readonly Engine[], effort: Effort): Promise<Section> {
  const { means, ...table } = comparisonTable(
    engines.map((engine) => engine.name),
    await kernelTimings(engines, effort),
  );
  return {
    name: "kernels",
    title: "AssemblyScript kernels",
    ...table,
    marks: marks("interpreter/V8, kernels, geometric mean, at most", 14, means),
  };
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

export async function programSection(engines: readonly Engine[], effort: Effort): Promise<Section> {
  const { means, ...table } = comparisonTable(
    engines.map((engine) => engine.name),
    await programTimings(engines, effort),
  );
  return {
    name: "micropython",
    title: "MicroPython programs",
    ...table,
    marks: marks("interpreter/V8, MicroPython, geometric mean, at most", 10, means),
  };
}
