import { UsageError } from "../errors.js";
import type { Caller } from "../interpreter/caller.js";
import { FuncInst } from "../store/func.js";
import { type FuncDescription, funcTypeId } from "../store/type-names.js";
import type { Engine } from "./engine.js";

/**
 * A host function. It gets the caller and the arguments as values (or raw values), and
 * returns nothing, the one result, or an array of results; or a promise of that.
 */
// biome-ignore lint/suspicious/noExplicitAny: parameters of the embedder's own types must be assignable.
export type HostFunction = (caller: Caller, ...args: any[]) => unknown;

export interface HostFunctionOptions {
  /** Arguments and results are raw values: unsigned bits as bigints, and references. */
  readonly raw?: boolean;
  /** For messages; a Linker gives the import's name. */
  readonly name?: string;
}

/**
 * A function of the host's, for imports, tables and arguments in any store of the engine.
 * @throws UsageError if a type is unknown
 */
export function hostFunc(
  engine: Engine,
  type: FuncDescription,
  fn: HostFunction,
  options: HostFunctionOptions = {},
): FuncInst {
  return hostFuncOfType(engine, funcTypeId(engine.registry, type), fn, options);
}

/** As {@link hostFunc}, by the canonical id of its type. */
export function hostFuncOfType(
  engine: Engine,
  typeId: number,
  fn: HostFunction,
  options: HostFunctionOptions = {},
): FuncInst {
  if (typeof fn !== "function") throw new UsageError("a host function is a JavaScript function");
  const call = (caller: Caller, args: readonly unknown[]) => fn(caller, ...args);
  const host = { name: options.name ?? "host function", call, raw: options.raw ?? false, enter: null };
  return new FuncInst(engine.registry.funcType(typeId), typeId, null, -1, host);
}
