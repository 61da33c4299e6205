// A module of WebAssembly, instruction by instruction. What it imports is answered with zeros.

import {
  Engine,
  Execution,
  type Func,
  hostFuncOfType,
  type InspectedValue,
  type Instance,
  Linker,
  type Module,
  Store,
  type Value,
} from "escapement";
import { disassemble, I64, isRef, V128 } from "escapement/decoder";
import type { ModuleStep, ModuleView } from "../protocol.js";

/** Lines of text that are shown. */
const MOST_LINES = 60_000;

export class ModuleSession {
  private readonly engine = new Engine();
  private readonly module: Module;
  private instance: Instance | undefined;
  private call: { readonly name: string; readonly args: readonly string[] } | undefined;
  private execution: Execution | undefined;

  constructor(bytes: Uint8Array) {
    this.module = this.engine.compile(bytes);
  }

  view(): ModuleView {
    const text: string[] = [];
    for (const line of disassemble(this.module.decoded)) {
      text.push(line);
      if (text.length === MOST_LINES) break;
    }
    const functions = this.module.exports().filter(({ type }) => type.kind === "func");
    return {
      exports: functions.map(({ name, description }) => ({ name, type: description })),
      imports: this.module.imports().map(({ module, name, description }) => `${module}.${name} ${description}`),
      text,
    };
  }

  /** A fresh instance, in which the call has begun and nothing has run. */
  start(name: string, args: readonly string[]): ModuleStep {
    const store = new Store(this.engine, { limits: { memoryBytes: 64 << 20 } });
    const linker = new Linker(this.engine);
    for (const { module, name: imported, type } of this.module.imports()) {
      if (type.kind !== "func") throw new Error(`the page has no ${type.kind} ${module}.${imported} to give`);
      const { results } = this.engine.registry.funcType(type.typeId);
      const zeros = results.map(zeroOf);
      const answer = (): Value | Value[] => (zeros.length === 1 ? zeros[0]! : zeros);
      linker.define(module, imported, hostFuncOfType(this.engine, type.typeId, answer, { name: imported }));
    }
    this.instance = linker.instantiate(store, this.module);
    const func = this.instance.getFunc(name);
    this.call = { name, args };
    this.execution = new Execution(store).start(func, valuesOf(func, args));
    return this.show("ready");
  }

  /** Goes on for `fuel` units, or goes that far back: from the start again. */
  step(fuel: number, back: boolean): ModuleStep {
    if (this.execution === undefined || this.call === undefined) throw new Error("call an export first");
    if (!back) return this.show(statusOf(this.execution, fuel));
    const target = Math.max(0, this.execution.fuelUsed - fuel);
    this.start(this.call.name, this.call.args);
    return this.show(target === 0 ? "ready" : statusOf(this.execution, target));
  }

  private show(status: string): ModuleStep {
    const execution = this.execution!;
    const waits = status === "paused";
    const frames = waits ? execution.inspect(20) : [];
    return {
      status,
      fuel: execution.fuelUsed,
      frames: frames.map(({ name, funcidx, offset, locals, operands }) => ({
        name: name ?? `function ${funcidx}`,
        offset,
        locals: locals.map(textOf),
        operands: operands.map(textOf),
      })),
    };
  }
}

function statusOf(execution: Execution, fuel: number): string {
  const result = execution.run(fuel);
  if (result.status === "done") return `done: ${result.results.map(String).join(", ") || "no results"}`;
  if (result.status === "failed") return `failed: ${result.error.message}`;
  return result.status === "threw" ? "threw an exception" : "paused";
}

function textOf({ type, value }: InspectedValue): string {
  return `${type} ${typeof value === "object" && value !== null ? "(reference)" : String(value)}`;
}

function zeroOf(type: number): Value {
  if (isRef(type)) return null;
  return type === I64 || type === V128 ? 0n : 0;
}

function valuesOf(func: Func, args: readonly string[]): Value[] {
  return args.map((text, i) => (func.type.params[i] === I64 ? BigInt(text) : Number(text)));
}
