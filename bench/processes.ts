// The section on peak memory, and fresh processes for others.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { ROOT } from "./engines.js";
import { type Effort, median } from "./measure.js";
import type { Section } from "./report.js";

const CLI = `${ROOT}dist/bundle/cli.cjs`;
const ONE_LINER = [CLI, "python", "-c", "print(sum(range(10)))"];

/** What a Node of its own prints. @param binary another Node than this one */
export function node(args: readonly string[], binary = process.execPath): string {
  return execFileSync(binary, args, { encoding: "utf8", cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] });
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
