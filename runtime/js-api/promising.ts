// JavaScript Promise Integration: functions that return promises, and imports that a guest waits for.
// https://github.com/WebAssembly/js-promise-integration
//
// A promised call is an execution of its own, which pauses where an import returns a promise. So nothing is switched:
// what waits is in its thread, and no frame of JavaScript's can lie between.

import { Execution } from "../interpreter/execution.js";
import type { FuncInst } from "../store/func.js";
import type { RawValue } from "../store/refs.js";
import type { Agent, ExportedFunction } from "./agent.js";
import { thrownBy } from "./calls.js";
import { type Passing, passingOf, resultToJS, toWasmArguments } from "./convert.js";
import { makeEnumerable, requireArguments, shapeInterface } from "./web-idl.js";

export function makePromising(agent: Agent) {
  class Suspending {
    constructor(jsFun: unknown) {
      const what = "WebAssembly.Suspending()";
      requireArguments(arguments.length, 1, what);
      if (typeof jsFun !== "function") throw new TypeError(`${what}: Argument 0 must be a function`);
      agent.suspending.set(this, jsFun as ExportedFunction);
    }
  }
  shapeInterface(Suspending, "Suspending", 1);

  const operations = {
    promising(wasmFunc: unknown): ExportedFunction {
      const what = "WebAssembly.promising()";
      requireArguments(arguments.length, 1, what);
      if (typeof wasmFunc !== "function") throw new TypeError(`${what}: Argument 0 must be a function`);
      const func = agent.functions.thingOf(wasmFunc);
      if (func === undefined) throw new TypeError(`${what}: Argument 0 must be a WebAssembly exported function`);
      const passing = passingOf(agent, func.type);
      const promised = async (...args: unknown[]): Promise<unknown> => callPromised(agent, func, passing, args);
      Object.defineProperty(promised, "name", { value: "", configurable: true });
      Object.defineProperty(promised, "length", { value: func.type.params.length, configurable: true });
      return promised;
    },
  };
  makeEnumerable(operations);
  return { Suspending, operations };
}

/** "Evaluate a Promising function". @throws what the call ends with */
async function callPromised(
  agent: Agent,
  func: FuncInst,
  passing: Passing,
  args: readonly unknown[],
): Promise<unknown> {
  const { raw } = passing;
  const values = toWasmArguments(agent, passing, args);
  const host = agent.hostFunctions.get(func);
  if (host !== undefined) return resultToJS(agent, passing, host.invoke(values));
  const execution = new Execution(agent.store);
  if (raw) execution.startRaw(func, values as RawValue[]);
  else execution.start(func, values);
  let result = agent.runPromised(execution);
  while (result.status === "paused" && result.reason === "host") {
    await execution.settled();
    result = agent.runPromised(execution);
  }
  if (result.status === "done") return resultToJS(agent, passing, raw ? execution.rawResults() : result.results);
  const { instance } = execution.thread.machine;
  execution.abandon();
  throw thrownBy(agent, { result, instance });
}
