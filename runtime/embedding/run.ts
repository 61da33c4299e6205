// Calls that run to their end: the one place where instances meet the interpreter.
import { type Amount, fuelOf } from "../amount.js";
import { FuelExhausted, UsageError } from "../errors.js";
import { Execution } from "../interpreter/execution.js";
import type { RunResult } from "../interpreter/thread.js";
import type { Value } from "../store/convert.js";
import type { FuncInst } from "../store/func.js";
import { UncaughtException } from "../store/uncaught-exception.js";
import type { Store } from "./store.js";

export interface CallOptions {
  /** Budget of the call; the store's default if not given. */
  readonly fuel?: Amount;
}

/**
 * Calls a function and runs it to its end.
 * @throws Trap, UncaughtException, FuelExhausted; HostError if a host function threw; UsageError
 *   if an argument does not fit, or if a host function returned a promise
 */
export function callToEnd(store: Store, func: FuncInst, args: readonly Value[], options: CallOptions = {}): Value[] {
  const fuel = fuelOf(options.fuel ?? store.defaultFuel);
  const execution = new Execution(store).start(func, args);
  try {
    let results = outcome(execution.run(fuel));
    // Whoever asks for a pause has nobody here to give it to.
    while (results === undefined) results = outcome(execution.run(0));
    return results;
  } finally {
    // Out of fuel, it is paused, and nobody will go on with it.
    execution.abandon();
  }
}

/** As {@link callToEnd}, waiting for the promises of host functions. */
export async function callToEndAsync(
  store: Store,
  func: FuncInst,
  args: readonly Value[],
  options: CallOptions = {},
): Promise<Value[]> {
  const fuel = fuelOf(options.fuel ?? store.defaultFuel);
  const execution = new Execution(store).start(func, args);
  try {
    let results = outcome(await execution.runAsync(fuel));
    while (results === undefined) results = outcome(await execution.runAsync(0));
    return results;
  } finally {
    execution.abandon();
  }
}

/** The results; undefined if the execution is to go on. */
function outcome(result: RunResult): Value[] | undefined {
  if (result.status === "done") return result.results;
  if (result.status === "trapped" || result.status === "failed") throw result.error;
  if (result.status === "threw") throw new UncaughtException(result.exception);
  if (result.reason === "fuel") throw new FuelExhausted();
  if (result.reason === "host") {
    throw new UsageError("a host function returned a promise: use callAsync or instantiateAsync");
  }
  return undefined;
}
