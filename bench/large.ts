// Modules of the size of CPython's: what a program pays for functions that it never calls.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { listArtifacts } from "../micropython-wasm/node.js";
import { newerNode } from "./contest/roster.js";
import { ROOT } from "./engines.js";
import { largeModule } from "./large-module.js";
import { type Effort, median } from "./measure.js";
import { node } from "./processes.js";
import type { Section } from "./report.js";

const FUNCTIONS = 89_060;
const MIB = 2 ** 20;

export async function largeSection(effort: Effort): Promise<Section> {
  const folder = mkdtempSync(path.join(tmpdir(), "escapement-"));
  const file = path.join(folder, "large.wasm");
  const bytes = largeModule(FUNCTIONS);
  writeFileSync(file, bytes);
  const inTable = Math.floor(FUNCTIONS / 10);
  const samples: Record<string, number>[] = [];
  // In turns, so that a slow moment of the machine falls on every contestant.
  for (let i = 0; i < Math.max(3, effort.processes >> 1); i++) {
    const sample: Record<string, number> = {};
    for (const task of ["V8", "validate", "lazy"]) {
      const printed = node(["--expose-gc", `${ROOT}dist/bench/large-child.js`, file, task]);
      for (const [name, value] of Object.entries(JSON.parse(printed) as Record<string, number>))
        sample[`${task} ${name}`] = value;
    }
    samples.push(sample);
  }
  rmSync(folder, { recursive: true });
  const of = (name: string) => samples.map((sample) => sample[name]!);
  const least = (name: string) => Math.min(...of(name));
  const row = (what: string, name: string, unit = 1, reference: number | null = null): Section["rows"][number] => [
    what,
    least(name) / unit,
    median(of(name)) / unit,
    reference === null ? null : least(name) / reference,
  ];
  const validate = least("validate validate") / least("V8 validate");
  const cpython = await validatesCPython(samples.length);
  const perFunction = least("lazy held") / FUNCTIONS;
  return {
    name: "large",
    title: `A module of ${FUNCTIONS} functions, ${bytes.length} bytes, fresh processes`,
    columns: ["", "minimum", "median", "minimum/V8"],
    rows: [
      row("V8, WebAssembly.validate, ms", "V8 validate", 1, least("V8 validate")),
      row("Engine.validate, ms", "validate validate", 1, least("V8 validate")),
      row("Engine.compileLazily, ms", "lazy compile"),
      row(`instantiate, with a table of ${inTable} of them, ms`, "lazy instantiate"),
      row("first call, ms", "lazy firstCall"),
      row("V8, peak memory, MiB", "V8 peak", MIB, least("V8 peak")),
      row("validate, peak memory, MiB", "validate peak", MIB, least("V8 peak")),
      row("lazily compiled and called, peak memory, MiB", "lazy peak", MIB, least("V8 peak")),
      row("kept by module, code and one instance, bytes a function", "lazy held", FUNCTIONS),
      row("kept by each further instance, bytes a function", "lazy instance", FUNCTIONS),
      ...(cpython?.rows ?? []),
    ],
    marks: [
      { what: "Engine.validate / V8's, cold, at most", limit: 4, measured: validate, unit: "x" },
      { what: "the same of CPython's module, at most", limit: 4, measured: cpython?.ratio ?? null, unit: "x" },
      { what: "kept for a function never called, at most", limit: 60, measured: perFunction, unit: " bytes" },
    ],
    notes:
      cpython === null
        ? ["CPython's module: escapement artifacts add cpython, and bench/peers/install.sh node, whose V8 knows it"]
        : [],
  };
}

/** CPython's module of 99 MB, in processor time: V8 may use several threads. null where it, or a V8 that knows it, is missing. */
async function validatesCPython(times: number): Promise<(Pick<Section, "rows"> & { readonly ratio: number }) | null> {
  const [installed] = await listArtifacts();
  const file = path.join(installed?.folder ?? "", "python-snapshot.wasm");
  const newer = newerNode(undefined);
  if (newer === undefined || !existsSync(file)) return null;
  const samples: Record<"V8" | "validate", number[]> = { V8: [], validate: [] };
  for (let i = 0; i < times; i++) {
    for (const task of ["V8", "validate"] as const) {
      const binary = task === "V8" ? newer : process.execPath;
      const printed = node(["--expose-gc", `${ROOT}dist/bench/large-child.js`, file, task], binary);
      samples[task].push((JSON.parse(printed) as { processor: number }).processor);
    }
  }
  const [theirs, ours] = [Math.min(...samples.V8), Math.min(...samples.validate)];
  return {
    ratio: ours / theirs,
    rows: [
      ["CPython's module, Node 26's V8, ms of processor time", theirs, median(samples.V8), 1],
      ["CPython's module, Engine.validate, ms of processor time", ours, median(samples.validate), ours / theirs],
    ],
  };
}
