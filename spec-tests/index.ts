// The conformance harness as a library: run the official WebAssembly test suite against any engine.
//
//   import { type EngineAdapter, humanReport, runSuite, summarize } from "escapement/spec-tests";
//
//   const adapter: EngineAdapter = { … };                       // see EngineAdapter
//   const result = await runSuite(adapter, { paths: ["core/simd"] });
//   console.log(humanReport(result));
//   process.exitCode = summarize(result).ok ? 0 : 1;
//
// `createHostAdapter` (adapters/host.ts) is a whole adapter, for engines with the WebAssembly
// JavaScript API; to run V8 through it: `createHostAdapter()`.

export type { Awaitable, EngineAdapter, Failure, FailureKind } from "./adapter.js";
export { createHostAdapter } from "./adapters/host.js";
export type { HostWebAssembly } from "./adapters/host-webassembly.js";
export { type Assembler, AssemblerMissingError, AssemblyError, loadAssembler } from "./assemble.js";
export { runSpecCommand, type SpecCommandIo, type SpecCommandOptions } from "./command.js";
export { createAdapter, type EngineOptions, UnknownEngineError } from "./engines.js";
export { EXPECTED_FAILURES, type ExpectedFailure } from "./expected-failures.js";
export { FetchError, type FetchOptions, fetchSuite } from "./fetch.js";
export { junitReport } from "./junit.js";
export { sourceOfBytes } from "./lexer.js";
export { LiteralError, parseF32, parseF64, parseInteger } from "./literals.js";
export {
  type Counts,
  humanReport,
  jsonReport,
  type Problem,
  problemsOf,
  type RunResult,
  type Summary,
  summarize,
} from "./report.js";
export { type RunSuiteOptions, runSuite } from "./run-suite.js";
export {
  type CommandResult,
  type FileResult,
  type Outcome,
  Runner,
  type RunnerOptions,
  type Script,
} from "./runner.js";
export { type Action, type Command, isAssertion, type ModuleSource, parseScript, ScriptSyntaxError } from "./script.js";
export { findSuite, groupOf, readScript, SUITE_VARIABLE, SuiteError, type SuiteFile, selectFiles } from "./suite.js";
export {
  matches,
  type NumericType,
  type NumericValue,
  type Pattern,
  type RefKind,
  type RefValue,
  showValue,
  type Value,
} from "./values.js";
