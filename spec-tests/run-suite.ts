// A run of several script files against one engine: what the command and the library share.

import type { EngineAdapter } from "./adapter.js";
import { type Assembler, loadAssembler } from "./assemble.js";
import type { ExpectedFailure } from "./expected-failures.js";
import type { RunResult } from "./report.js";
import { type FileResult, Runner } from "./runner.js";
import { findSuite, readScript, type SuiteFile, selectFiles } from "./suite.js";

export interface RunSuiteOptions {
  /** Files or directories, from the working directory or in the suite; without them, the whole suite. */
  readonly paths?: readonly string[];
  /** Files chosen already; then `paths` is not read. */
  readonly files?: readonly SuiteFile[];
  /** Whether the assembler runs on this project's WebAssembly object in place of the host's. */
  readonly selfHosted?: boolean;
  readonly expectedFailures?: readonly ExpectedFailure[];
  /** Called before each file, and once more, without one, at the end. */
  readonly onProgress?: (done: number, total: number, next: SuiteFile | undefined) => void;
  readonly onFile?: (result: FileResult) => void;
}

/**
 * Runs scripts of the official suite.
 * @throws SuiteError if there is no suite or a path names nothing; AssemblerMissingError without the host's WebAssembly, unless self-hosted
 */
export async function runSuite<Module, Instance, Extern>(
  adapter: EngineAdapter<Module, Instance, Extern>,
  options: RunSuiteOptions = {},
): Promise<RunResult> {
  const files = options.files ?? selectFiles(findSuite(process.env), options.paths ?? [], process.cwd());
  const started = performance.now();
  const assembler = new TimedAssembler(await loadAssembler(options.selfHosted));
  const runner = new Runner(adapter, {
    assembler,
    checkCustomSections: (file) => file.startsWith("custom/"),
    ...(options.expectedFailures === undefined ? {} : { expectedFailures: options.expectedFailures }),
  });
  const results: FileResult[] = [];
  for (const file of files) {
    options.onProgress?.(results.length, files.length, file);
    const result = await runner.run(readScript(file));
    options.onFile?.(result);
    results.push(result);
    // Scripts run in microtasks only: without this, no signal would be handled before the end.
    await new Promise((resolve) => setImmediate(resolve));
  }
  options.onProgress?.(results.length, files.length, undefined);
  return {
    engine: adapter.name,
    tier: adapter.tier,
    files: results,
    milliseconds: performance.now() - started,
    assemblingMilliseconds: assembler.milliseconds,
  };
}

class TimedAssembler implements Assembler {
  milliseconds = 0;
  constructor(readonly inner: Assembler) {}

  async assemble(text: string): Promise<Uint8Array> {
    const started = performance.now();
    try {
      return await this.inner.assemble(text);
    } finally {
      this.milliseconds += performance.now() - started;
    }
  }
}
