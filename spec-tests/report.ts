// What came out of a run, counted and put in words.
//
// The counting rule: an assertion is a command whose keyword begins with `assert_`. Modules,
// registrations and bare actions are not counted, but one that fails makes the run fail.

import type { ExpectedFailure } from "./expected-failures.js";
import type { CommandResult, FileResult } from "./runner.js";
import { groupOf } from "./suite.js";

/** A whole run. */
export interface RunResult {
  readonly engine: string;
  readonly tier: string | undefined;
  readonly files: readonly FileResult[];
  /** All of it, and the assembler's part. */
  readonly milliseconds: number;
  readonly assemblingMilliseconds: number;
}

export interface Counts {
  files: number;
  assertions: number;
  passed: number;
  expectedFailures: number;
  /** Assertions that failed and should not have, or passed and should not have. */
  failed: number;
  /** Other commands that failed, files that could not be read, stale rows. */
  otherFailures: number;
}

export interface Summary {
  /** In the order in which groups first occur. */
  readonly groups: ReadonlyMap<string, Counts>;
  /** All groups of core/ together, undefined if none ran. */
  readonly core: Counts | undefined;
  readonly total: Counts;
  readonly ok: boolean;
}

export function summarize(result: RunResult): Summary {
  const groups = new Map<string, Counts>();
  for (const file of result.files) {
    const group = groupOf(file.file);
    groups.set(group, add(groups.get(group) ?? noCounts(), countFile(file)));
  }
  const total = [...groups.values()].reduce(add, noCounts());
  const coreGroups = [...groups].filter(([group]) => isCore(group));
  const core = coreGroups.length === 0 ? undefined : coreGroups.map(([, counts]) => counts).reduce(add, noCounts());
  return { groups, core, total, ok: total.failed === 0 && total.otherFailures === 0 };
}

function isCore(group: string): boolean {
  return group === "core" || group.startsWith("core/");
}

function noCounts(): Counts {
  return { files: 0, assertions: 0, passed: 0, expectedFailures: 0, failed: 0, otherFailures: 0 };
}

function add(a: Counts, b: Counts): Counts {
  return {
    files: a.files + b.files,
    assertions: a.assertions + b.assertions,
    passed: a.passed + b.passed,
    expectedFailures: a.expectedFailures + b.expectedFailures,
    failed: a.failed + b.failed,
    otherFailures: a.otherFailures + b.otherFailures,
  };
}

/** Counts of one file. */
export function countFile(file: FileResult): Counts {
  const counts = noCounts();
  counts.files = 1;
  counts.otherFailures = file.staleRows.length + (file.error === undefined ? 0 : 1);
  for (const command of file.commands) {
    const isWrong = command.outcome === "failed" || command.outcome === "unexpected-pass";
    if (!command.isAssertion) {
      if (isWrong) counts.otherFailures++;
      continue;
    }
    counts.assertions++;
    if (command.outcome === "passed") counts.passed++;
    else if (command.outcome === "expected-failure") counts.expectedFailures++;
    else counts.failed++;
  }
  return counts;
}

/** Something that makes the run fail. */
export interface Problem {
  readonly file: string;
  /** 0 if the whole file is meant. */
  readonly line: number;
  readonly kind: CommandResult["kind"] | "script" | "expected-failures";
  readonly outcome: "failed" | "unexpected-pass";
  readonly message: string;
}

export function problemsOf(result: RunResult): Problem[] {
  return result.files.flatMap((file) => [
    ...(file.error === undefined
      ? []
      : [{ file: file.file, line: 0, kind: "script", outcome: "failed", message: file.error } as const]),
    ...file.commands.flatMap(({ line, kind, outcome, message }) =>
      outcome === "failed" || outcome === "unexpected-pass"
        ? [{ file: file.file, line, kind, outcome, message: message ?? "" }]
        : [],
    ),
    ...file.staleRows.map((row) => staleRow(row)),
  ]);
}

function staleRow({ file, line, reason }: ExpectedFailure): Problem {
  const message = `the table of expected failures has a row here, but no command begins on this line: ${reason}`;
  return { file, line, kind: "expected-failures", outcome: "failed", message };
}

/** Assertions that the harness decided in the assembler's place: `file:line` and its reason. */
export function harnessChecksOf(result: RunResult): { file: string; line: number; reason: string }[] {
  return result.files.flatMap(({ file, commands }) =>
    commands.flatMap(({ line, harnessCheck }) =>
      harnessCheck === undefined ? [] : [{ file, line, reason: harnessCheck }],
    ),
  );
}

/** Failures that the human report lists before it refers to `--json`. */
const LISTED = 100;

/** The report for people. */
export function humanReport(result: RunResult): string {
  const summary = summarize(result);
  const problems = problemsOf(result);
  const lines: string[] = [];
  for (const { file, line, kind, outcome, message } of problems.slice(0, LISTED)) {
    lines.push(`${outcome === "failed" ? "FAIL" : "UNEXPECTED PASS"} ${file}${line === 0 ? "" : `:${line}`} ${kind}`);
    lines.push(`     ${message}`);
  }
  if (problems.length > LISTED) lines.push(`… and ${number(problems.length - LISTED)} more; --json lists all`);
  if (problems.length > 0) lines.push("");

  const checks = harnessChecksOf(result);
  if (checks.length > 0) {
    lines.push("Text that the assembler accepts and the harness itself refused as malformed:");
    for (const { file, line, reason } of checks) lines.push(`     ${file}:${line} ${reason}`);
    lines.push("");
  }

  const incomplete = incompleteFiles(result);
  if (incomplete.length > 0) lines.push(...incomplete, "");
  lines.push(...table(summary), "");
  const tier = result.tier === undefined ? "" : `, tier ${result.tier}`;
  const seconds = `${(result.milliseconds / 1000).toFixed(1)} s`;
  const assembling = `${(result.assemblingMilliseconds / 1000).toFixed(1)} s`;
  lines.push(`engine ${result.engine}${tier}: ${seconds}, of which ${assembling} assembling`);
  for (const [group, counts] of headlines(summary)) {
    const expected = counts.expectedFailures === 0 ? "" : `, ${number(counts.expectedFailures)} expected failures`;
    lines.push(
      `${number(counts.passed)} of ${number(counts.assertions)} assertions of ${group} (${files(counts)})${expected}`,
    );
  }
  const { failed, otherFailures } = summary.total;
  const others = otherFailures === 0 ? "" : `, and ${number(otherFailures)} other failures`;
  lines.push(summary.ok ? "all as expected" : `${number(failed)} assertions not as expected${others}`);
  return `${lines.join("\n")}\n`;
}

/** Groups with a sentence of their own: core/ as a whole, then the rest. */
function headlines({ groups, core }: Summary): [string, Counts][] {
  const rest = [...groups].filter(([group]) => !isCore(group));
  const named = rest.map(([group, counts]): [string, Counts] => [`${group}/`, counts]);
  return core === undefined ? named : [["core/", core], ...named];
}

const COLUMNS = ["assertions", "passed", "expected failures", "failed", "other failures"];

function columnsOf({ assertions, passed, expectedFailures, failed, otherFailures }: Counts): string[] {
  return [assertions, passed, expectedFailures, failed, otherFailures].map(number);
}

/** A line for each file of which something did not pass; the other reports have all files. */
function incompleteFiles(result: RunResult): string[] {
  const rows = result.files.flatMap((file) => {
    const counts = countFile(file);
    const isComplete = counts.passed === counts.assertions && counts.otherFailures === 0;
    return isComplete ? [] : [[file.file, ...columnsOf(counts)]];
  });
  return rows.length === 0 ? [] : align([["file", ...COLUMNS], ...rows]);
}

function table({ groups, core }: Summary): string[] {
  const rows = [["group", "files", ...COLUMNS]];
  const push = (name: string, counts: Counts) => rows.push([name, number(counts.files), ...columnsOf(counts)]);
  const inCore = [...groups].filter(([group]) => isCore(group));
  for (const [group, counts] of inCore) push(group === "core" ? "core (root)" : group, counts);
  if (core !== undefined) push("core/ in all", core);
  for (const [group, counts] of groups) if (!isCore(group)) push(group, counts);
  return align(rows);
}

/** Columns under each other: the first to the left, numbers to the right. */
function align(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join("  "),
  );
}

function files({ files: count }: Counts): string {
  return count === 1 ? "1 file" : `${number(count)} files`;
}

/** With commas between thousands; not toLocaleString, which depends on the machine. */
function number(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** The same as one object for programs. */
export function jsonReport(result: RunResult): object {
  const summary = summarize(result);
  return {
    engine: result.engine,
    tier: result.tier ?? null,
    ok: summary.ok,
    total: summary.total,
    core: summary.core ?? null,
    groups: Object.fromEntries(summary.groups),
    problems: problemsOf(result),
    harnessChecks: harnessChecksOf(result),
    files: result.files.map((file) => {
      const { files: _, ...counts } = countFile(file);
      return { file: file.file, group: groupOf(file.file), ...counts, elapsedMs: Math.round(file.milliseconds) };
    }),
    elapsedMs: Math.round(result.milliseconds),
    assemblingMs: Math.round(result.assemblingMilliseconds),
  };
}
