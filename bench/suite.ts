// The official suite's core/ on our interpreter and on the host's WebAssembly, by the same harness.
import { spawnSync } from "node:child_process";
import { ROOT } from "./engines.js";
import { type Effort, median } from "./measure.js";
import type { Section } from "./report.js";

interface FileReport {
  readonly file: string;
  readonly assertions: number;
  readonly passed: number;
  readonly otherFailures: number;
  readonly elapsedMs: number;
}

/** What the command reports about each file, or why there is no suite. Its exit status tells of failures, which V8 has. */
function run(args: readonly string[]): readonly FileReport[] | string {
  const command = [`${ROOT}dist/bundle/cli.cjs`, "spec", "core", "--json", ...args];
  const { stdout, stderr, status } = spawnSync(process.execPath, command, {
    encoding: "utf8",
    cwd: ROOT,
    maxBuffer: 1 << 28,
  });
  if (status === 2) return stderr.trim();
  if (!stdout.startsWith("{")) throw new Error(stderr);
  return (JSON.parse(stdout) as { files: FileReport[] }).files;
}

const sum = (files: readonly FileReport[]): number => files.reduce((total, { elapsedMs }) => total + elapsedMs, 0);

export function suiteSection(effort: Effort): Section {
  const rounds = Math.ceil(effort.processes / 5);
  const ours: (readonly FileReport[])[] = [];
  const host: (readonly FileReport[])[] = [];
  const section = {
    name: "suite",
    title: "The official test suite's core/",
    columns: ["ms", "minimum", "median", "V8 minimum", "V8 median", "minimum/V8"],
  };
  const mark = {
    what: "core/ on the interpreter / on V8, assembling included, at most",
    limit: 10,
    unit: "x",
  } as const;
  for (let i = 0; i < rounds; i++) {
    for (const [reports, args] of [
      [ours, []],
      [host, ["--engine", "host"]],
    ] as const) {
      const report = run(args);
      if (typeof report === "string")
        return { ...section, rows: [], marks: [{ ...mark, measured: null }], notes: [report] };
      reports.push(report);
    }
  }
  // A module that V8 refuses costs it nothing: the files that it knows all of are the fairer half.
  const known = new Set(
    host[0]!
      .filter(({ assertions, passed, otherFailures }) => passed === assertions && otherFailures === 0)
      .map(({ file }) => file),
  );
  const row = (title: string, counts: (file: FileReport) => boolean) => {
    const own = ours.map((files) => sum(files.filter(counts)));
    const theirs = host.map((files) => sum(files.filter(counts)));
    const ratio = Math.min(...own) / Math.min(...theirs);
    return [title, Math.min(...own), median(own), Math.min(...theirs), median(theirs), ratio] as const;
  };
  const all = row(`all ${ours[0]!.length} files`, () => true);
  const both = row(`${known.size} files that V8 passes whole`, ({ file }) => known.has(file));
  return { ...section, rows: [all, both], marks: [{ ...mark, measured: Math.max(all[5], both[5]) }] };
}
