// How an engine is plugged into the harness.
//
// An engine needs seven functions and may have three more. Handles (`Module`, `Instance`, `Extern`)
// are whatever the engine likes: the harness only hands them back. adapters/host.ts is a worked
// example for any engine with the WebAssembly JavaScript API.
//
//   const adapter: EngineAdapter<MyModule, MyInstance, MyExtern> = {
//     name: "mine",
//     specMessages: ["trap"],
//     compile: (bytes) => MyEngine.compile(bytes),
//     instantiate: (module, resolve) =>
//       module.instantiate(module.imports.map(({ module, name }) => resolve(module, name))),
//     getExport: (instance, name) => instance.exports.get(name),
//     invoke: (func, args) => func.call(args.map(toMine)).map(fromMine),
//     readGlobal: (global) => fromMine(global.value),
//     classify: (error) =>
//       error instanceof MyTrap ? { kind: "trap", message: error.message } : { kind: "other", message: String(error) },
//   };
//   const report = await runSuite(adapter, { paths: ["core/i32.wast"] });

import type { NumericType, Value } from "./values.js";

/**
 * What an error means.
 *   malformed, invalid   decoding, validation; `refused` where the engine does not tell them apart
 *   link                 imports are missing or do not fit
 *   trap, exhaustion     the latter when the call stack is exhausted
 *   exception            a WebAssembly exception that nobody caught
 *   other                anything else: for the harness always a failure
 */
export type FailureKind = "malformed" | "invalid" | "refused" | "link" | "trap" | "exhaustion" | "exception" | "other";

/** An error of the engine, classified. */
export interface Failure {
  readonly kind: FailureKind;
  readonly message: string;
}

export type Awaitable<T> = T | Promise<T>;

/** An engine, as the harness uses it. See the head of this file. */
export interface EngineAdapter<Module = unknown, Instance = unknown, Extern = unknown> {
  /** Name in reports and in the table of expected failures. */
  readonly name: string;
  /** Which of the engine's tiers runs, if it has several. */
  readonly tier?: string;
  /**
   * Kinds of failure whose messages begin with the suite's words, as the reference interpreter's do.
   * For the other kinds only the kind is compared.
   */
  readonly specMessages: readonly FailureKind[];

  /** Decodes and validates; throws if either refuses. */
  compile(bytes: Uint8Array): Awaitable<Module>;
  /**
   * Links and starts a module.
   * @param resolve the extern behind an import's two names, undefined if there is none; whether its
   *   type fits is the engine's to say
   */
  instantiate(module: Module, resolve: (module: string, name: string) => Extern | undefined): Awaitable<Instance>;
  /** An export, undefined if there is none of that name. */
  getExport(instance: Instance, name: string): Extern | undefined;
  /** Calls an exported function. Bits of floats must come through exactly, NaNs included. */
  invoke(func: Extern, args: readonly Value[]): Awaitable<readonly Value[]>;
  /** Value of an exported global. */
  readGlobal(global: Extern): Awaitable<Value>;
  /** What an error that any of these functions threw means. Must not throw. */
  classify(error: unknown): Failure;

  /** Called before each script: instances of the last one are no longer needed. */
  reset?(): void;
  /**
   * A host function that takes these parameters and returns nothing. With it, the print functions of
   * `spectest` are host functions; without it, they are functions of a WebAssembly module.
   */
  hostFunction?(params: readonly NumericType[]): Extern;
  /** Checks the custom sections (names, branch hints) of a valid module; throws if one is malformed or invalid. */
  validateCustom?(bytes: Uint8Array): Awaitable<void>;
}
