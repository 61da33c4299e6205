// The report as JUnit XML: a test suite for each file, a test case for each assertion, and for each
// other command or row that failed. Expected failures are skipped tests with their reason.
// https://github.com/testmoapp/junitxml

import { problemsOf, type RunResult } from "./report.js";
import type { CommandResult, FileResult } from "./runner.js";

export function junitReport(result: RunResult): string {
  const suites = result.files.map((file) => suiteXml(file, result));
  const sum = (name: "tests" | "failures" | "skipped") => suites.reduce((total, suite) => total + suite[name], 0);
  const name = `spec tests on ${result.engine}${result.tier === undefined ? "" : ` (${result.tier})`}`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${escapeXml(name)}" tests="${sum("tests")}" failures="${sum("failures")}" ` +
      `skipped="${sum("skipped")}" time="${seconds(result.milliseconds)}">`,
    ...suites.map(({ xml }) => xml),
    "</testsuites>\n",
  ].join("\n");
}

interface SuiteXml {
  readonly xml: string;
  readonly tests: number;
  readonly failures: number;
  readonly skipped: number;
}

function suiteXml(file: FileResult, result: RunResult): SuiteXml {
  const cases: string[] = [];
  let failures = 0;
  let skipped = 0;
  const push = (name: string, inner: string) => {
    const head = `    <testcase classname="${escapeXml(file.file)}" name="${escapeXml(name)}"`;
    cases.push(inner === "" ? `${head}/>` : `${head}>${inner}</testcase>`);
  };
  const fail = (name: string, message: string) => {
    failures++;
    push(name, `<failure message="${escapeXml(message)}"/>`);
  };
  for (const command of file.commands) {
    const name = `line ${command.line} ${command.kind}`;
    if (isWrong(command)) fail(name, command.message ?? "");
    else if (command.outcome === "expected-failure") {
      skipped++;
      push(name, `<skipped message="${escapeXml(command.message ?? "")}"/>`);
    } else if (command.isAssertion) push(name, "");
  }
  for (const problem of problemsOf({ ...result, files: [{ ...file, commands: [] }] })) {
    fail(`line ${problem.line} ${problem.kind}`, problem.message);
  }
  const attributes =
    `name="${escapeXml(file.file)}" tests="${cases.length}" failures="${failures}" ` +
    `skipped="${skipped}" time="${seconds(file.milliseconds)}"`;
  const xml = [`  <testsuite ${attributes}>`, ...cases, "  </testsuite>"].join("\n");
  return { xml, tests: cases.length, failures, skipped };
}

function isWrong({ outcome }: CommandResult): boolean {
  return outcome === "failed" || outcome === "unexpected-pass";
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3);
}

/** Text for an attribute; what XML 1.0 has no character for becomes a replacement character. */
function escapeXml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replace(/[\n\r\t]/g, (char) => `&#${char.charCodeAt(0)};`)
    .replace(/[^\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd");
}
