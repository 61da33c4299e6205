// WebAssembly.Function, of the proposal js-types: functions of JavaScript's as functions of the store, and the types of
// all that JavaScript sees. https://webassembly.github.io/js-types/js-api/#exported-functions
import type { Agent } from "./agent.js";
import { createHostFunction } from "./host-functions.js";
import { addTypeMethod, reflectFunc } from "./type-reflection.js";
import { toValueType } from "./value-types.js";
import { requireArguments, shapeInterface, toDictionary, toSequence } from "./web-idl.js";

/** Makes the interface, and every Exported Function one of its objects. */
export function makeFunction(agent: Agent) {
  const { registry } = agent.engine;

  /** Of a FunctionType, which has both members. @throws TypeError */
  const toTypeId = (value: unknown, what: string): number => {
    const { parameters, results } = toDictionary(value, `${what}: Argument 0`);
    const types = (given: unknown, name: string) =>
      toSequence(given, `${what}: Property '${name}'`).map((type) => toValueType(type, `${what}: Property '${name}'`));
    return registry.addFuncType(types(parameters, "parameters"), types(results, "results"));
  };

  class WebAssemblyFunction {
    constructor(functype: unknown, callable: unknown) {
      const what = "WebAssembly.Function()";
      requireArguments(arguments.length, 2, what);
      const typeId = toTypeId(functype, what);
      if (typeof callable !== "function") throw new TypeError(`${what}: Argument 1 must be a function`);
      const exported = agent.exportFunc(createHostFunction(agent, callable, typeId, ""));
      if (new.target !== WebAssemblyFunction) Object.setPrototypeOf(exported, new.target.prototype as object);
      // biome-ignore lint/correctness/noConstructorReturn: its objects are functions.
      return exported;
    }
  }
  const { prototype } = WebAssemblyFunction;
  Object.setPrototypeOf(prototype, Function.prototype);
  addTypeMethod(prototype, (receiver) => {
    const func = agent.functions.thingOf(receiver);
    if (func === undefined) throw new TypeError("WebAssembly.Function.type(): Receiver must be a WebAssembly.Function");
    return reflectFunc(registry, func.type);
  });
  shapeInterface(WebAssemblyFunction, "Function", 2);
  agent.functionPrototype = prototype;
  return WebAssemblyFunction;
}
