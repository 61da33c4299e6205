// `escapement spec`: its options, output and exit status. The top-level command line parses
// arguments and calls this.

import { existsSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { AssemblerMissingError } from "./assemble.js";
import { createAdapter, type EngineOptions, UnknownEngineError } from "./engines.js";
import { junitReport } from "./junit.js";
import { humanReport, jsonReport, summarize } from "./report.js";
import { runSuite } from "./run-suite.js";
import { findSuite, SuiteError, type SuiteFile, selectFiles } from "./suite.js";

export interface SpecCommandOptions extends EngineOptions {
  /** Files or directories, from the working directory or in the suite; without them, the whole suite. */
  readonly paths?: readonly string[];
  /** Whether the assembler runs on this project's WebAssembly object in place of the host's. */
  readonly selfHosted?: boolean;
  /** One object on standard output instead of the report for people. */
  readonly json?: boolean;
  /** File that gets the report as JUnit XML. */
  readonly junit?: string;
}

/** Where the command reads its surroundings and writes; `process` fits. */
export interface SpecCommandIo {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
  cwd(): string;
}

/**
 * Runs the command.
 * @returns exit status: 0 all as expected; 1 something is not; 2 wrong use, or no suite or assembler
 */
export async function runSpecCommand(options: SpecCommandOptions, io: SpecCommandIo = process): Promise<0 | 1 | 2> {
  const wrongUse = (message: string): 2 => {
    io.stderr.write(`escapement spec: ${message}\n`);
    return 2;
  };
  let files: SuiteFile[];
  try {
    files = chooseFiles(options.paths ?? [], io);
  } catch (error) {
    if (error instanceof SuiteError) return wrongUse(error.message);
    throw error;
  }
  if (options.junit !== undefined) {
    // Before the run, not after it: a path that cannot be written should not cost the run.
    const problem = writeProblem(options.junit, "");
    if (problem !== undefined) return wrongUse(problem);
  }
  const progress = io.stderr.isTTY === true ? progressLine(io) : undefined;
  try {
    const adapter = await createAdapter(options);
    const result = await runSuite(adapter, {
      files,
      selfHosted: options.selfHosted === true,
      ...(progress === undefined ? {} : { onProgress: progress }),
    });
    io.stdout.write(options.json === true ? `${JSON.stringify(jsonReport(result), null, 2)}\n` : humanReport(result));
    if (options.junit !== undefined) {
      const problem = writeProblem(options.junit, junitReport(result));
      if (problem !== undefined) return wrongUse(problem);
    }
    return summarize(result).ok ? 0 : 1;
  } catch (error) {
    if (error instanceof UnknownEngineError || error instanceof AssemblerMissingError) return wrongUse(error.message);
    throw error;
  }
}

function chooseFiles(paths: readonly string[], io: SpecCommandIo): SuiteFile[] {
  let suite: string | undefined;
  try {
    suite = findSuite(io.env);
  } catch (error) {
    // Paths that exist by themselves need no suite.
    const areFiles = paths.length > 0 && paths.every((path) => existsSync(resolve(io.cwd(), path)));
    if (!areFiles || !(error instanceof SuiteError)) throw error;
  }
  return selectFiles(suite, paths, io.cwd());
}

/** Writes a file; returns what is wrong if that fails. */
function writeProblem(path: string, text: string): string | undefined {
  try {
    writeFileSync(path, text);
    return undefined;
  } catch (error) {
    return `cannot write ${path}: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** One line on the terminal that is overwritten before each file and cleared at the end. */
function progressLine(io: SpecCommandIo): (done: number, total: number, next: SuiteFile | undefined) => void {
  return (done, total, next) => {
    const text = next === undefined ? "" : `[${done + 1}/${total}] ${next.file}`;
    io.stderr.write(`\r\x1b[K${text}`);
  };
}
