// Exported Functions.
// https://webassembly.github.io/spec/js-api/#exported-function-exotic-objects
import type { FuncType } from "../../decoder/index.js";
import { readNumber, writeNumber } from "../store/convert.js";
import type { FuncInst } from "../store/func.js";
import type { Agent, ExportedFunction } from "./agent.js";
import { callAtBase, prepareCall, run, wordsOfCall } from "./calls.js";
import { type Passing, passingOf, resultToJS, toWasmArguments, toWasmNumber } from "./convert.js";

/** "A new Exported Function": the same one for the same function of the store. */
export function exportFunc(agent: Agent, func: FuncInst): ExportedFunction {
  const known = agent.functions.objectOf(func);
  if (known !== undefined) return known as ExportedFunction;
  const exported = methodFor(agent, func, nameOf(agent, func));
  Object.defineProperty(exported, "length", { value: func.type.params.length, configurable: true });
  if (agent.functionPrototype !== null) Object.setPrototypeOf(exported, agent.functionPrototype);
  agent.functions.link(exported, func);
  return exported;
}

/** "The name of the WebAssembly function". */
function nameOf(agent: Agent, func: FuncInst): string {
  if (func.instance === null) return agent.hostFunctions.get(func)!.name;
  return String(func.instance.module.importedFuncCount + func.index);
}

/** "Call an Exported Function", as an arrow function: those are no constructors. */
function methodFor(agent: Agent, func: FuncInst, name: string): ExportedFunction {
  const passing = passingOf(agent, func.type);
  if (func.instance === null || passing.raw || passing.never) return methodOfAny(agent, func, passing, name);
  const call = passing.isPlain ? new PlainCall(agent, func) : new NumberCall(agent, func);
  // A rest parameter takes as long as a small call.
  switch (func.type.params.length) {
    case 0:
      return { [name]: () => call.few(0, 0, 0, 0) }[name]!;
    case 1:
      return { [name]: (a: unknown) => call.few(a, 0, 0, 0) }[name]!;
    case 2:
      return { [name]: (a: unknown, b: unknown) => call.few(a, b, 0, 0) }[name]!;
    case 3:
      return { [name]: (a: unknown, b: unknown, c: unknown) => call.few(a, b, c, 0) }[name]!;
    case 4:
      return { [name]: (a: unknown, b: unknown, c: unknown, d: unknown) => call.few(a, b, c, d) }[name]!;
    default:
      return { [name]: (...args: unknown[]) => call.many(args) }[name]!;
  }
}

/** A function of any type, of the guest's or not. */
function methodOfAny(agent: Agent, func: FuncInst, passing: Passing, name: string): ExportedFunction {
  const host = agent.hostFunctions.get(func);
  const call = (...args: unknown[]): unknown => {
    const values = toWasmArguments(agent, passing, args);
    const results = host === undefined ? run(agent, func, passing.raw, values) : host.invoke(values);
    return resultToJS(agent, passing, results);
  };
  Object.defineProperty(call, "name", { value: name, configurable: true });
  return call;
}

/** Words that {@link DirectCall.few} writes. */
const FEW_WORDS = 8;

/**
 * Calls of a wasm function whose values are numbers. Arguments are converted before the place of its frame is asked for:
 * converting them may run the program's code, and that other calls.
 */
abstract class DirectCall {
  protected readonly type: FuncType;
  private readonly words: number;

  constructor(
    protected readonly agent: Agent,
    private readonly func: FuncInst,
  ) {
    this.type = func.type;
    this.words = Math.max(wordsOfCall(func), FEW_WORDS);
  }

  /** The registers, with room for the call at the agent's `base`. */
  protected registers(): Int32Array {
    const { agent } = this;
    prepareCall(agent, this.words);
    return agent.thread.machine.R;
  }

  protected call(): Int32Array {
    const { agent, func } = this;
    callAtBase(agent, func);
    return agent.thread.machine.R;
  }

  /** At most four arguments; zeros stand for those that the function does not have. */
  abstract few(a: unknown, b: unknown, c: unknown, d: unknown): unknown;
  abstract many(args: readonly unknown[]): unknown;
}

/** All parameters, and the result if there is one, are i32. */
class PlainCall extends DirectCall {
  private readonly hasResult = this.type.results.length > 0;

  few(a: unknown, b: unknown, c: unknown, d: unknown): number | undefined {
    const x = (a as number) | 0;
    const y = (b as number) | 0;
    const z = (c as number) | 0;
    const w = (d as number) | 0;
    const R = this.registers();
    const { base } = this.agent;
    R[base] = x;
    R[base + 2] = y;
    R[base + 4] = z;
    R[base + 6] = w;
    return this.finish();
  }

  many(args: readonly unknown[]): number | undefined {
    const values = this.type.params.map((_, i) => (args[i] as number) | 0);
    const R = this.registers();
    const { base } = this.agent;
    for (let i = 0; i < values.length; i++) R[base + 2 * i] = values[i]!;
    return this.finish();
  }

  private finish(): number | undefined {
    const R = this.call();
    return this.hasResult ? R[this.agent.base]! : undefined;
  }
}

/** Some are i64, f32 or f64. */
class NumberCall extends DirectCall {
  few(a: unknown, b: unknown, c: unknown, d: unknown): unknown {
    const { params } = this.type;
    const { length } = params;
    const x = length > 0 ? toWasmNumber(a, params[0]!) : 0;
    const y = length > 1 ? toWasmNumber(b, params[1]!) : 0;
    const z = length > 2 ? toWasmNumber(c, params[2]!) : 0;
    const w = length > 3 ? toWasmNumber(d, params[3]!) : 0;
    const R = this.registers();
    const { base } = this.agent;
    if (length > 0) writeNumber(R, base, params[0]!, x);
    if (length > 1) writeNumber(R, base + 2, params[1]!, y);
    if (length > 2) writeNumber(R, base + 4, params[2]!, z);
    if (length > 3) writeNumber(R, base + 6, params[3]!, w);
    return this.finish();
  }

  many(args: readonly unknown[]): unknown {
    const { params } = this.type;
    const values = params.map((param, i) => toWasmNumber(args[i], param));
    const R = this.registers();
    const { base } = this.agent;
    for (let i = 0; i < values.length; i++) writeNumber(R, base + 2 * i, params[i]!, values[i]!);
    return this.finish();
  }

  private finish(): unknown {
    const R = this.call();
    const { results } = this.type;
    const { base } = this.agent;
    if (results.length === 0) return undefined;
    if (results.length === 1) return readNumber(R, base, results[0]!);
    return results.map((result, i) => readNumber(R, base + 2 * i, result));
  }
}
