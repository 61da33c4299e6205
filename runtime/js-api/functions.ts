// Exported Functions and host functions.
// https://webassembly.github.io/spec/js-api/#exported-function-exotic-objects
import { type FuncType, isRef } from "../../decoder/index.js";
import { hostFuncOfType } from "../embedding/host-func.js";
import { HostError, MemoryLimitExceeded, StackExhausted, Trap } from "../errors.js";
import type { Caller } from "../interpreter/caller.js";
import { Execution } from "../interpreter/execution.js";
import type { RunResult } from "../interpreter/thread.js";
import type { FuncInst } from "../store/func.js";
import { exceptionBytes } from "../store/heap.js";
import { ExnInst, type RawValue } from "../store/refs.js";
import { UncaughtException } from "../store/uncaught-exception.js";
import type { Agent, ExportedFunction } from "./agent.js";
import { isOpaque, rawToJS, refToJS, toWasmNumber, toWasmRaw, toWasmRef } from "./convert.js";
import { CarriedTrap, trapText } from "./errors.js";
import { listOf } from "./web-idl.js";

/** How values of a function type cross the border. */
interface Passing {
  readonly type: FuncType;
  /** As raw values: where the type has references. */
  readonly raw: boolean;
  /** Not at all: calls throw. */
  readonly never: boolean;
}

function passingOf(agent: Agent, type: FuncType): Passing {
  const types = [...type.params, ...type.results];
  return { type, raw: types.some(isRef), never: types.some((each) => isOpaque(agent, each)) };
}

const NEVER = "type incompatibility when transforming from/to JS";
/** What an execution is granted that nothing limits. */
const UNLIMITED = Number.MAX_SAFE_INTEGER;

/** "A new Exported Function": the same one for the same function of the store. */
export function exportFunc(agent: Agent, func: FuncInst): ExportedFunction {
  const known = agent.functions.objectOf(func);
  if (known !== undefined) return known as ExportedFunction;
  const passing = passingOf(agent, func.type);
  const name = nameOf(agent, func);
  // A method is no constructor.
  const methods = {
    [name](...args: unknown[]): unknown {
      return callExported(agent, func, passing, args);
    },
  };
  const exported = methods[name] as ExportedFunction;
  Object.defineProperty(exported, "length", { value: func.type.params.length, configurable: true });
  agent.functions.link(exported, func);
  return exported;
}

/** "The name of the WebAssembly function". */
function nameOf(agent: Agent, func: FuncInst): string {
  if (func.instance === null) return agent.hostFunctions.get(func)!.name;
  return String(func.instance.module.importedFuncCount + func.index);
}

/** "Call an Exported Function". */
function callExported(agent: Agent, func: FuncInst, passing: Passing, args: readonly unknown[]): unknown {
  if (passing.never) throw new TypeError(NEVER);
  const { raw, type } = passing;
  const values: unknown[] = [];
  for (let i = 0; i < type.params.length; i++) {
    const param = type.params[i]!;
    values.push(raw ? toWasmRaw(agent, args[i], param) : toWasmNumber(args[i], param));
  }
  const host = agent.hostFunctions.get(func);
  const results = host === undefined ? run(agent, func, raw, values) : host.invoke(values);
  if (results.length === 0) return undefined;
  const converted = raw ? results.map((result, i) => rawToJS(agent, result as RawValue, type.results[i]!)) : results;
  return converted.length === 1 ? converted[0] : converted;
}

/** A JavaScript function that JavaScript calls, but as its type in the store says. */
function callDirectly(
  agent: Agent,
  call: (...args: never) => unknown,
  { type, raw }: Passing,
  values: readonly unknown[],
): readonly unknown[] {
  const args = raw ? values.map((value, i) => rawToJS(agent, value as RawValue, type.params[i]!)) : values;
  return resultsOf(agent, type, raw, Reflect.apply(call, undefined, args));
}

/** Runs a function of a guest to its end. Its results are values, or raw ones. @throws what it ends with */
export function run(agent: Agent, func: FuncInst, raw: boolean, args: readonly unknown[]): readonly unknown[] {
  // Non-spec: the host's stack is not ours to measure, so calls through JavaScript are counted.
  if (agent.depth >= agent.nestedCalls) throw new RangeError("Maximum call stack size exceeded");
  const caller = agent.callers[agent.callers.length - 1];
  const execution = agent.idle.pop() ?? new Execution(agent.store, true);
  agent.depth++;
  try {
    if (raw) execution.startRaw(func, args as RawValue[]);
    else execution.start(func, args);
    let result = execution.run(fuelOf(agent, caller));
    while (result.status === "paused" && result.reason === "request") result = execution.run(0);
    return resultsFor(agent, execution, result, raw);
  } finally {
    agent.depth--;
    spend(agent, caller, execution.fuelUsed);
    if (execution.renew()) agent.idle.push(execution);
    else execution.abandon();
  }
}

/** What a call that is over ends with. @throws unless it is done */
function resultsFor(agent: Agent, execution: Execution, result: RunResult, raw: boolean): readonly unknown[] {
  switch (result.status) {
    case "done":
      return raw ? execution.rawResults() : result.results;
    case "threw":
      throw thrownFor(agent, result.exception);
    case "trapped":
      throw errorFor(agent, result.error, execution);
    case "failed":
      throw failureFor(agent, result.error);
    case "paused":
      throw agent.asTrap(new agent.errors.RuntimeError("all fuel consumed"));
  }
}

function fuelOf(agent: Agent, caller: Caller | undefined): number {
  if (caller !== undefined) return caller.fuelRemaining;
  return Number.isFinite(agent.fuelLeft) ? agent.fuelLeft : UNLIMITED;
}

/** A nested call had the fuel that its caller had left. */
function spend(agent: Agent, caller: Caller | undefined, fuel: number): void {
  if (caller !== undefined) {
    caller.chargeFuel(fuel);
    return;
  }
  agent.fuelLeft -= fuel;
  agent.fuelUsed += fuel;
}

/** What JavaScript sees of a guest's exception. */
function thrownFor(agent: Agent, exception: ExnInst): unknown {
  return exception.tag === agent.jsTag ? refToJS(agent, exception.refs[0]!) : agent.exceptionObject(exception);
}

function errorFor(agent: Agent, trap: Trap, execution: Execution): unknown {
  if (trap instanceof CarriedTrap) return trap.thrown;
  if (trap instanceof StackExhausted) return new RangeError("Maximum call stack size exceeded");
  if (trap instanceof MemoryLimitExceeded) return agent.asTrap(new RangeError(trap.message));
  const at = trap.backtrace[0]?.offset;
  const opcode = at === undefined ? undefined : execution.thread.machine.instance?.module.bytes[at];
  return trapError(agent, trap.reason, opcode);
}

/** A RuntimeError for a trap, in V8's words. */
export function trapError(agent: Agent, reason: string, opcode?: number): Error {
  return agent.asTrap(new agent.errors.RuntimeError(trapText(reason, opcode)));
}

/** An execution that broke: the host's stack may have ended in the middle of it. */
function failureFor({ errors }: Agent, error: Error): unknown {
  const cause = error instanceof HostError || error.name === "Crash" ? error.cause : undefined;
  if (cause instanceof RangeError) return cause;
  return new errors.RuntimeError(error.message, { cause: error });
}

// ---- Host functions ----

/** "Create a host function". @param index among the functions that the module imports */
export function createHostFunction(
  agent: Agent,
  call: (...args: never) => unknown,
  typeId: number,
  index: number,
): FuncInst {
  const passing = passingOf(agent, agent.engine.registry.funcType(typeId));
  const { type, raw, never } = passing;
  const enter = (caller: Caller, ...args: unknown[]): unknown => {
    agent.callers.push(caller);
    try {
      if (never) throw new TypeError(NEVER);
      const jsArgs = raw ? args.map((arg, i) => rawToJS(agent, arg as RawValue, type.params[i]!)) : args;
      const results = resultsOf(agent, type, raw, Reflect.apply(call, undefined, jsArgs));
      return type.results.length === 1 ? results[0] : results;
    } catch (thrown) {
      throw toGuest(agent, thrown);
    } finally {
      agent.callers.pop();
    }
  };
  const func = hostFuncOfType(agent.engine, typeId, enter, { raw, name: call.name });
  const invoke = (values: readonly unknown[]) => callDirectly(agent, call, passing, values);
  agent.hostFunctions.set(func, { invoke, name: String(index) });
  return func;
}

/** The results of "run a host function". @throws what converting them throws */
function resultsOf(agent: Agent, type: FuncType, raw: boolean, returned: unknown): unknown[] {
  const { results } = type;
  const convert = (value: unknown, i: number) =>
    raw ? toWasmRaw(agent, value, results[i]!) : toWasmNumber(value, results[i]!);
  if (results.length === 0) return [];
  if (results.length === 1) return [convert(returned, 0)];
  const method = (returned as { [Symbol.iterator]?: unknown })[Symbol.iterator];
  if (typeof method !== "function") throw new TypeError("multi-return value must be iterable");
  const values = listOf(returned, method as () => Iterator<unknown>);
  if (values.length !== results.length) throw new TypeError("multi-return length mismatch");
  return values.map(convert);
}

/** What a host function threw, as the guest's handlers see it. */
export function toGuest(agent: Agent, thrown: unknown): unknown {
  if (agent.traps.has(thrown as object)) return new CarriedTrap(thrown);
  try {
    return new UncaughtException(agent.exceptions.thingOf(thrown) ?? javaScriptException(agent, thrown));
  } catch (error) {
    // The heap is full.
    return error instanceof Trap ? error : new CarriedTrap(error);
  }
}

/** An exception under the JavaScript exception tag. @throws MemoryLimitExceeded */
function javaScriptException(agent: Agent, value: unknown): ExnInst {
  agent.store.chargeHeap(exceptionBytes(1));
  return new ExnInst(agent.jsTag, new Int32Array(2), [toWasmRef(agent, value, agent.jsTag.type.params[0]!)]);
}
