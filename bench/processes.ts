// The sections that need fresh processes: boot, peak memory, and the host without a JIT.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Engine, ROOT } from "./engines.js";
import { type Effort, geometricMean, median, type Timing } from "./measure.js";
import type { Mark, Section } from "./report.js";

const CHILD = `${ROOT}dist/bench/child.js`;
const CLI = `${ROOT}dist/bundle/cli.js`;
const ONE_LINER = [CLI, "python", "-c", "print(sum(range(10)))"];

/** What a Node of its own prints. */
export function node(args: readonly string[]): string {
  return execFileSync(process.execPath, args, { encoding: "utf8", cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] });
}

/** In turns, so that a slow moment of the machine falls on every contestant. */
function rounds<K extends string>(
  contestants: Readonly<Record<K, () => number>>,
  times: number,
): Record<K, { min: number; median: number }> {
  const names = Object.keys(contestants) as K[];
  const samples = names.map((): number[] => []);
  for (let i = 0; i < times; i++) names.forEach((name, at) => void samples[at]!.push(contestants[name]()));
  return Object.fromEntries(
    names.map((name, at) => [name, { min: Math.min(...samples[at]!), median: median(samples[at]!) }]),
  ) as Record<K, { min: number; median: number }>;
}

function wallTime(run: () => unknown): number {
  const start = performance.now();
  run();
  return performance.now() - start;
}

/** From before the engine is loaded until MicroPython's first print has returned. */
export function bootSection(engines: readonly Engine[], effort: Effort): Section {
  const inside = rounds(
    Object.fromEntries(
      engines.map(({ name }) => [name, () => JSON.parse(node([CHILD, "boot", name])) as number]),
    ) as Record<string, () => number>,
    effort.processes,
  );
  const whole = rounds(
    {
      "escapement python": () => wallTime(() => node(ONE_LINER)),
      "node -e 0": () => wallTime(() => node(["-e", "0"])),
    },
    effort.processes,
  );
  const v8 = inside["V8"]!.min;
  const ours = inside["interpreter"]?.min;
  const marks: Mark[] = [];
  if (ours !== undefined) {
    const boot = "interpreter's boot to first print";
    marks.push({ what: `${boot} / V8's with the package's glue, at most`, limit: 6, measured: ours / v8, unit: "x" });
    marks.push({
      what: `${boot} / polywasm's, at most`,
      limit: 1,
      measured: ours / inside["polywasm"]!.min,
      unit: "x",
    });
  }
  return {
    name: "boot",
    title: "Boot of MicroPython to its first print, fresh process",
    columns: ["ms", "minimum", "median", "minimum/V8"],
    rows: [
      ...Object.entries(inside).map(([name, { min, median }]) => [name, min, median, min / v8]),
      ...Object.entries(whole).map(([name, { min, median }]) => [`whole process: ${name}`, min, median, null]),
    ],
    marks,
  };
}

/** Reports the process's peak resident set, in KiB, on file descriptor 2 as its last act. */
const REPORT_PEAK =
  'data:text/javascript,import{writeSync}from"node:fs";process.on("exit",()=>writeSync(2,String(process.resourceUsage().maxRSS)))';

function peakMebibytes(args: readonly string[]): number {
  const command = [
    "-e",
    `const r=require("child_process").spawnSync(process.execPath,${JSON.stringify(["--import", REPORT_PEAK, ...args])},{encoding:"utf8"});` +
      "if(r.status!==0)throw new Error(r.stderr);process.stdout.write(r.stderr)",
  ];
  const kibibytes = Number(node(command));
  if (!Number.isFinite(kibibytes)) throw new Error(`no peak from ${args.join(" ")}`);
  return kibibytes / 1024;
}

/**
 * (module (memory 65536) (func (export "f") (i32.store (i32.const -256) (i32.const 1)))): a byte written near the end of
 * 4 GiB, for four units of fuel.
 */
const FAR_STORE = [
  0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 5, 5, 1, 0, 0x80, 0x80, 4, 7, 5, 1, 1, 0x66, 0,
  0, 10, 12, 1, 10, 0, 0x41, 0x80, 0x7e, 0x41, 1, 0x36, 2, 0, 0x0b,
];

export function memorySection(effort: Effort): Section {
  const folder = mkdtempSync(path.join(tmpdir(), "escapement-"));
  const module = path.join(folder, "far-store.wasm");
  writeFileSync(module, new Uint8Array(FAR_STORE));
  const farStore = [CLI, "run", module, "--invoke", "f", "--memory", "4GiB", "--fuel", "4"];
  const peaks = rounds(
    {
      "node -e 0": () => peakMebibytes(["-e", "0"]),
      "escapement python -c …": () => peakMebibytes(ONE_LINER),
      "escapement run, one store at 4 GiB − 256": () => peakMebibytes(farStore),
    },
    effort.processes,
  );
  rmSync(folder, { recursive: true });
  const bare = peaks["node -e 0"].median;
  const ours = peaks["escapement python -c …"].median;
  const far = peaks["escapement run, one store at 4 GiB − 256"].median;
  return {
    name: "memory",
    title: "Peak resident memory, fresh process",
    columns: ["MiB", "minimum", "median", "median/bare"],
    rows: Object.entries(peaks).map(([name, { min, median }]) => [name, min, median, median / bare]),
    marks: [
      { what: "the one-liner's peak / that of node -e 0, at most", limit: 3, measured: ours / bare, unit: "x" },
      { what: "the far store's peak / that of node -e 0, at most", limit: 2, measured: far / bare, unit: "x" },
    ],
  };
}

/** The host without a JIT, where V8 has no WebAssembly: polywasm and ours, against V8 with its JIT. */
export function jitlessSection(engines: readonly Engine[], effort: Effort): Section {
  const contestants = engines.filter(({ name }) => name !== "V8").map(({ name }) => name);
  // Said by ourselves, V8 does not warn of it.
  const jitlessFlags = ["--jitless", "--no-expose-wasm"];
  const run = (flags: string[], task: string, name: string) =>
    new Map(
      JSON.parse(node([...flags, CHILD, task, name, String(Math.max(3, effort.rounds >> 2))])) as [
        string,
        Record<string, Timing>,
      ][],
    );
  const rows: Section["rows"][number][] = [];
  for (const task of ["kernels", "programs"]) {
    const reference = run([], task, "V8");
    const jitless = contestants.map((name) => [name, run(jitlessFlags, task, name)] as const);
    const ratios = contestants.map((): number[] => []);
    for (const [row, timings] of reference) {
      const v8 = timings["V8"]!.min;
      const mins = jitless.map(([name, timing]) => timing.get(row)![name]!.min);
      mins.forEach((min, at) => void ratios[at]!.push(min / v8));
      rows.push([row, v8, ...mins, ...mins.map((min) => min / v8)]);
    }
    rows.push([`geometric mean, ${task}`, null, ...contestants.map(() => null), ...ratios.map(geometricMean)]);
  }
  return {
    name: "jitless",
    title: "node --jitless, against V8's WebAssembly with its JIT",
    columns: ["minimum, ms", "V8 with JIT", ...contestants, ...contestants.map((name) => `${name}/V8`)],
    rows,
    marks: [],
  };
}
