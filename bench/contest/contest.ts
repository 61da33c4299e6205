// A suite from its start to its files.
import { execFileSync } from "node:child_process";
import { cpus, loadavg, totalmem } from "node:os";
import { ROOT } from "../engines.js";
import { formatMark, type Mark } from "../report.js";
import { formatSuite, writeResults } from "./results.js";
import { CONTEST_FULL, CONTEST_QUICK, type Played, type Progress, play } from "./run.js";
import { STARTUP_REFERENCE, startupRows } from "./startup.js";
import { MEAN, type Stamp, type SuiteResult } from "./suite.js";
import { SUITES, type SuiteOptions } from "./suites.js";

/** What the compiler is to reach: on the mean of a suite, and on its worst case. */
const LIMITS: Readonly<Record<string, { readonly mean?: number; readonly worst: number }>> = {
  micropython: { mean: 0.9, worst: 1.5 },
  kernels: { mean: 1.8, worst: 4 },
  simd: { worst: 12 },
  gc: { worst: 4 },
};

export interface ContestOptions extends SuiteOptions {
  readonly quick: boolean;
  /** Where results are written. */
  readonly results: string;
}

export const SUITE_NAMES: readonly string[] = [...Object.keys(SUITES), "startup"];

function commit(): string {
  try {
    return execFileSync("git", ["rev-parse", "--short=10", "HEAD"], { encoding: "utf8", cwd: ROOT }).trim();
  } catch {
    return "unknown";
  }
}

const stamp = (quick: boolean): Stamp => ({
  date: new Date().toISOString(),
  commit: commit(),
  machine: `${cpus().length} x ${cpus()[0]?.model ?? "unknown"}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform}`,
  node: `${process.version} (V8 ${process.versions.v8})`,
  load: loadavg()[0]!,
  effort: quick ? "quick" : "full",
});

/** On a terminal, what is being measured: a line that the next one replaces. */
const progress: Progress = (what) => {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${what}`);
};

function marks({ suite, rows }: SuiteResult): Mark[] {
  const limits = LIMITS[suite];
  if (limits === undefined) return [];
  const own = rows.filter(({ engine }) => engine === "compiler");
  const mean = own.find((row) => row.case === MEAN)?.ratio?.ratio ?? null;
  const ratios = own.filter((row) => row.case !== MEAN && row.ratio !== null).map((row) => row.ratio!.ratio);
  const worst = ratios.length === 0 ? null : Math.max(...ratios);
  const what = `${suite}: compiler / V8`;
  return [
    ...(limits.mean === undefined
      ? []
      : [{ what: `${what}, geometric mean, at most`, limit: limits.mean, measured: mean, unit: "x" } as const]),
    { what: `${what}, the worst, at most`, limit: limits.worst, measured: worst, unit: "x" },
  ];
}

/** Runs a suite, prints it and writes its files. */
export async function runSuite(name: string, options: ContestOptions): Promise<void> {
  const effort = options.quick ? CONTEST_QUICK : CONTEST_FULL;
  const began = stamp(options.quick);
  let played: Played;
  let about: Pick<SuiteResult, "title" | "reference" | "notes">;
  if (name === "startup") {
    played = startupRows(effort, options.peers, progress);
    about = { title: "Commands, from start to exit", reference: STARTUP_REFERENCE, notes: [] };
  } else {
    const suite = await SUITES[name]!(options);
    played = await play(suite, effort, progress);
    about = { title: suite.title, reference: suite.reference, notes: suite.notes ?? [] };
  }
  progress("");
  const result: SuiteResult = { suite: name, ...about, stamp: began, ...played };
  console.log(formatSuite(result));
  for (const mark of marks(result)) console.log(formatMark(mark));
  console.log();
  await writeResults(options.results, result);
}
