import { describe, expect, it } from "vitest";
import { junitReport } from "../junit.js";
import { humanReport, jsonReport, problemsOf, type RunResult, summarize } from "../report.js";
import type { CommandResult, FileResult } from "../runner.js";

const command = (
  line: number,
  outcome: CommandResult["outcome"],
  more: Partial<CommandResult> = {},
): CommandResult => ({
  line,
  kind: "assert_return",
  isAssertion: true,
  outcome,
  ...(outcome === "passed" ? {} : { message: `message ${line}` }),
  ...more,
});
const module = (line: number, outcome: CommandResult["outcome"]) =>
  command(line, outcome, { kind: "module", isAssertion: false });
const file = (name: string, commands: CommandResult[], more: Partial<FileResult> = {}): FileResult => ({
  file: name,
  commands,
  staleRows: [],
  milliseconds: 12,
  ...more,
});
const run = (...files: FileResult[]): RunResult => ({
  engine: "fake",
  tier: "slow",
  files,
  milliseconds: 2345,
  assemblingMilliseconds: 1000,
});

const MIXED = run(
  file("core/a.wast", [module(1, "passed"), command(2, "passed"), command(3, "failed")]),
  file("core/simd/b.wast", [
    module(1, "failed"),
    command(2, "expected-failure"),
    command(3, "unexpected-pass"),
    command(4, "passed", { harnessCheck: "two starts" }),
  ]),
  file("custom/name/c.wast", [command(1, "passed")]),
  file("proposals/threads/d.wast", [], {
    error: "line 1: nonsense",
    staleRows: [{ engine: "fake", file: "proposals/threads/d.wast", line: 9, reason: "old" }],
  }),
);
const FINE = run(file("core/a.wast", [module(1, "passed"), command(2, "passed"), command(3, "expected-failure")]));

describe("the summary", () => {
  it("counts assertions by group, and core/ in all", () => {
    const { groups, core, total, ok } = summarize(MIXED);
    expect([...groups.keys()]).toEqual(["core", "core/simd", "custom", "proposals/threads"]);
    expect(groups.get("core")).toEqual({
      files: 1,
      assertions: 2,
      passed: 1,
      expectedFailures: 0,
      failed: 1,
      otherFailures: 0,
    });
    expect(groups.get("core/simd")).toEqual({
      files: 1,
      assertions: 3,
      passed: 1,
      expectedFailures: 1,
      failed: 1,
      otherFailures: 1,
    });
    expect(groups.get("proposals/threads")).toMatchObject({ assertions: 0, otherFailures: 2 });
    expect(core).toMatchObject({ files: 2, assertions: 5, passed: 2, failed: 2, otherFailures: 1 });
    expect(total).toMatchObject({
      files: 4,
      assertions: 6,
      passed: 3,
      expectedFailures: 1,
      failed: 2,
      otherFailures: 3,
    });
    expect(ok).toBe(false);
  });

  it.each([
    ["a failed assertion", file("core/a.wast", [command(1, "failed")]), false],
    ["an unexpected pass", file("core/a.wast", [command(1, "unexpected-pass")]), false],
    ["a failed module", file("core/a.wast", [module(1, "failed")]), false],
    ["an unreadable file", file("core/a.wast", [], { error: "x" }), false],
    ["a stale row", file("core/a.wast", [], { staleRows: [{ engine: "e", file: "f", line: 1, reason: "r" }] }), false],
    ["an expected failure", file("core/a.wast", [command(1, "expected-failure")]), true],
    ["nothing", file("core/a.wast", []), true],
  ])("with %s alone", (_, one, ok) => expect(summarize(run(one)).ok).toBe(ok));
});

describe("problems", () => {
  it("are all that is not as expected, with file and line", () => {
    expect(problemsOf(MIXED).map(({ file: name, line, outcome }) => `${name}:${line} ${outcome}`)).toEqual([
      "core/a.wast:3 failed",
      "core/simd/b.wast:1 failed",
      "core/simd/b.wast:3 unexpected-pass",
      "proposals/threads/d.wast:0 failed",
      "proposals/threads/d.wast:9 failed",
    ]);
  });
});

describe("the report for people", () => {
  it("lists failures, harness checks and counts", () => {
    const text = humanReport(MIXED);
    expect(text).toContain("FAIL core/a.wast:3 assert_return\n     message 3\n");
    expect(text).toContain("UNEXPECTED PASS core/simd/b.wast:3 assert_return");
    expect(text).toContain("FAIL proposals/threads/d.wast script\n     line 1: nonsense");
    expect(text).toContain("core/simd/b.wast:4 two starts");
    expect(text).toMatch(/^core\/a\.wast +2 +1 +0 +1 +0$/m);
    expect(text).toMatch(/^proposals\/threads\/d\.wast +0 +0 +0 +0 +2$/m);
    expect(text).not.toMatch(/^custom\/\S+\.wast/m);
    expect(text).toMatch(/^core\/ in all +2 +5 +2 +1 +2 +1$/m);
    expect(text).toContain("engine fake, tier slow: 2.3 s, of which 1.0 s assembling");
    expect(text).toContain("2 of 5 assertions of core/ (2 files), 1 expected failures");
    expect(text).toContain("1 of 1 assertions of custom/ (1 file)\n");
    expect(text.endsWith("2 assertions not as expected, and 3 other failures\n")).toBe(true);
  });

  it("says when all is as expected", () => {
    expect(humanReport(FINE).endsWith("all as expected\n")).toBe(true);
    expect(humanReport(FINE)).not.toContain("FAIL");
  });

  it("stops listing somewhere", () => {
    const many = Array.from({ length: 1250 }, (_, i) => command(i + 1, "failed"));
    const text = humanReport(run(file("core/a.wast", many)));
    expect(text.match(/^FAIL/gm)).toHaveLength(100);
    expect(text).toContain("… and 1,150 more; --json lists all");
  });
});

describe("the report for programs", () => {
  it("has counts, problems and files", () => {
    const report = JSON.parse(JSON.stringify(jsonReport(MIXED)));
    expect(report).toMatchObject({
      engine: "fake",
      tier: "slow",
      ok: false,
      total: { assertions: 6, passed: 3 },
      core: { assertions: 5 },
      groups: { "core/simd": { failed: 1 } },
      harnessChecks: [{ file: "core/simd/b.wast", line: 4, reason: "two starts" }],
      elapsedMs: 2345,
      assemblingMs: 1000,
    });
    expect(report.problems).toHaveLength(5);
    expect(report.files[0]).toEqual({
      file: "core/a.wast",
      group: "core",
      assertions: 2,
      passed: 1,
      expectedFailures: 0,
      failed: 1,
      otherFailures: 0,
      elapsedMs: 12,
    });
  });
});

describe("the JUnit report", () => {
  it("has a case for each assertion and each other failure", () => {
    const xml = junitReport(MIXED);
    expect(xml).toContain(
      '<testsuites name="spec tests on fake (slow)" tests="9" failures="5" skipped="1" time="2.345">',
    );
    expect(xml).toContain('<testsuite name="core/a.wast" tests="2" failures="1" skipped="0" time="0.012">');
    expect(xml).toContain('<testcase classname="core/a.wast" name="line 2 assert_return"/>');
    expect(xml).toContain('name="line 3 assert_return"><failure message="message 3"/></testcase>');
    expect(xml).toContain('name="line 2 assert_return"><skipped message="message 2"/></testcase>');
    expect(xml).toContain('name="line 0 script"><failure message="line 1: nonsense"/></testcase>');
    expect(xml.match(/<testcase /g)).toHaveLength(9);
  });

  it("escapes what XML cannot hold", () => {
    const xml = junitReport(run(file("core/a.wast", [command(1, "failed", { message: '<&>"\n\0\ud800é😀' })])));
    expect(xml).toContain('message="&lt;&amp;&gt;&quot;&#10;\ufffd\ufffdé😀"');
  });
});
