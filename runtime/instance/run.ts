// Calls that run to their end: the one place where instances meet the interpreter.
import { FuelExhausted, UsageError } from "../errors.js";
import { Execution, type RunResult } from "../interpreter/execution.js";
import type { Value } from "../store/convert.js";
import type { FuncInst } from "../store/func.js";
import { UncaughtException } from "../store/uncaught-exception.js";
import { checkedFuel, type Store } from "./store.js";

export interface CallOptions {
  /** Budget of the call; the store's default if not given. */
  readonly fuel?: number;
}

/**
 * Calls a function and runs it to its end.
 * @throws Trap, UncaughtException, FuelExhausted; UsageError if an argument does not fit, or
 *   if a host function returned a promise
 */
export function callToEnd(store: Store, func: FuncInst, args: readonly Value[], options: CallOptions = {}): Value[] {
  const fuel = checkedFuel(options.fuel ?? store.defaultFuel);
  const execution = new Execution(store).start(func, args);
  for (;;) {
    const results = outcome(execution.run(fuel - execution.fuelUsed));
    if (results !== undefined) return results;
  }
}

/** As {@link callToEnd}, waiting for the promises of host functions. */
export async function callToEndAsync(
  store: Store,
  func: FuncInst,
  args: readonly Value[],
  options: CallOptions = {},
): Promise<Value[]> {
  const fuel = checkedFuel(options.fuel ?? store.defaultFuel);
  const execution = new Execution(store).start(func, args);
  for (;;) {
    const results = outcome(await execution.runAsync(fuel - execution.fuelUsed));
    if (results !== undefined) return results;
  }
}

/** The results; undefined if the execution is to go on. */
function outcome(result: RunResult): Value[] | undefined {
  if (result.status === "done") return result.results;
  if (result.status === "trapped") throw result.error;
  if (result.status === "threw") throw new UncaughtException(result.exception);
  if (result.reason === "fuel") throw new FuelExhausted();
  if (result.reason === "host") {
    throw new UsageError("a host function returned a promise: use callAsync or instantiateAsync");
  }
  return undefined;
}
