// Host functions: JavaScript functions in the place of imports.
// https://webassembly.github.io/spec/js-api/#create-a-host-function
import type { FuncType } from "../../decoder/index.js";
import { Crash, Trap } from "../errors.js";
import { leaveToHost, raiseFromHost, returnFromHost, waitInHost } from "../interpreter/direct-call.js";
import type { Thread } from "../interpreter/thread.js";
import { readNumber, readRaws, writeNumber, writeRaw } from "../store/convert.js";
import { type DirectHost, FuncInst } from "../store/func.js";
import { exceptionBytes } from "../store/heap.js";
import { ExnInst, type RawValue } from "../store/refs.js";
import { UncaughtException } from "../store/uncaught-exception.js";
import { slotsOf } from "../values.js";
import type { Agent } from "./agent.js";
import { stackOverflow, wordsOfCall } from "./calls.js";
import { NO_SUCH_VALUE, type Passing, passingOf, rawToJS, toWasmNumber, toWasmRaw, toWasmRef } from "./convert.js";
import { CarriedTrap } from "./errors.js";
import { listOf } from "./web-idl.js";

// biome-ignore lint/suspicious/noExplicitAny: a function of the program's.
type AnyFunction = (...args: any[]) => unknown;

/**
 * "Create a host function", or "create a suspending function".
 * @param value a function, or a Suspending object
 * @param name of the Exported Function for it: an index among the functions that the module imports
 */
export function createHostFunction(agent: Agent, value: object, typeId: number, name: string): FuncInst {
  const suspending = agent.suspending.get(value);
  const call = suspending ?? (value as AnyFunction);
  const passing = passingOf(agent, agent.engine.registry.funcType(typeId));
  const border = new HostBorder(agent, call, passing, suspending !== undefined);
  // A function that may have the guest wait is called where its frames are known.
  const direct = suspending === undefined ? border : null;
  const host = {
    name: call.name,
    direct,
    raw: border.passing.raw,
    call: () => {
      throw new Crash("a host function of the JavaScript API was called as one of the engine's");
    },
    enter: (thread: Thread, own: FuncInst, base: number, returnTo: number) => border.enter(thread, own, base, returnTo),
  };
  const func = new FuncInst(border.passing.type, typeId, null, -1, host);
  border.words = wordsOfCall(func);
  agent.hostFunctions.set(func, { invoke: (values) => border.invoke(values), name });
  return func;
}

/** Calls of one JavaScript function. */
class HostBorder implements DirectHost {
  /** Of its arguments and results in the registers. */
  words = 0;
  /** Parameters and the result are i32, and there are few of them: −1 if not, otherwise how many. */
  private readonly plainParams: number;
  private readonly hasResult: boolean;
  readonly plain: DirectHost["plain"];

  constructor(
    private readonly agent: Agent,
    private readonly call: AnyFunction,
    readonly passing: Passing,
    private readonly suspends: boolean,
  ) {
    const { params, results } = passing.type;
    this.plainParams = passing.isPlain && !suspends && params.length <= 4 ? params.length : -1;
    this.hasResult = results.length > 0;
    this.plain = this.plainParams < 0 ? null : call;
  }

  get border(): Agent {
    return this.agent;
  }

  run(thread: Thread, base: number): void {
    const { agent } = this;
    const { thread: outerThread, base: outerBase } = agent;
    agent.thread = thread;
    agent.base = base + this.words;
    try {
      if (this.plainParams < 0) this.callAny(thread, base);
      else this.callPlain(thread, base);
    } finally {
      agent.base = outerBase;
      agent.thread = outerThread;
    }
  }

  raise(thread: Thread, thrown: unknown): void {
    raiseFromHost(thread, toGuest(this.agent, thrown));
  }

  /** "Run a host function", for a guest: arguments are at word `base`, results are to be there. */
  enter(thread: Thread, func: FuncInst, base: number, returnTo: number): void {
    const { agent } = this;
    const { thread: outerThread, base: outerBase } = agent;
    leaveToHost(thread, returnTo);
    // What the function calls lies above its own arguments and results.
    agent.thread = thread;
    agent.base = base + this.words;
    let promise: Promise<unknown> | null = null;
    try {
      if (this.plainParams < 0) promise = this.callAny(thread, base);
      else this.callPlain(thread, base);
    } catch (thrown) {
      agent.base = outerBase;
      agent.thread = outerThread;
      raiseFromHost(thread, toGuest(agent, thrown));
      return;
    }
    agent.base = outerBase;
    agent.thread = outerThread;
    if (promise === null) returnFromHost(thread, returnTo);
    else waitInHost(thread, func, base, returnTo, this.settled(promise));
  }

  /** Resolves with the results of the guest's, once the promise has; rejects with what is for its handlers. */
  private async settled(promise: Promise<unknown>): Promise<unknown> {
    const { agent, passing } = this;
    try {
      const results = resultsOf(agent, passing.type, passing.raw, await promise);
      return results.length === 1 ? results[0] : results;
    } catch (thrown) {
      const guests = toGuest(agent, thrown);
      throw guests instanceof Trap ? guests : new UncaughtException(guests);
    }
  }

  private callPlain({ machine: m }: Thread, base: number): void {
    const { call, plainParams } = this;
    const { R } = m;
    let result: unknown;
    switch (plainParams) {
      case 0:
        result = call();
        break;
      case 1:
        result = call(R[base]);
        break;
      case 2:
        result = call(R[base], R[base + 2]);
        break;
      case 3:
        result = call(R[base], R[base + 2], R[base + 4]);
        break;
      default:
        result = call(R[base], R[base + 2], R[base + 4], R[base + 6]);
    }
    if (!this.hasResult) return;
    // Converting it may run code that moves the registers.
    const word = (result as number) | 0;
    m.R[base] = word;
  }

  /** @returns the promise that the guest is to wait for, if there is one */
  private callAny(thread: Thread, base: number): Promise<unknown> | null {
    const { agent, call, passing } = this;
    const { machine: m, store } = thread;
    const { raw, never, type } = passing;
    if (never) throw new TypeError(NO_SUCH_VALUE);
    const args = raw
      ? readRaws(m.R, m.refs, base >> 1, type.params).map((arg, i) => rawToJS(agent, arg, type.params[i]!))
      : type.params.map((param, i) => readNumber(m.R, base + 2 * i, param));
    const returned = call(...args);
    if (this.suspends && isPromise(returned)) {
      // Non-spec: as in V8, what returns no promise may be called from anywhere.
      if (agent.maySuspend(thread)) return returned;
      throw new agent.errors.SuspendError("trying to suspend without WebAssembly.promising, or JavaScript frames");
    }
    const results = resultsOf(agent, type, raw, returned);
    if (!agent.thread.ensureRegisters(base + this.words)) throw stackOverflow(agent);
    let slot = base >> 1;
    results.forEach((result, i) => {
      const of = type.results[i]!;
      if (raw) writeRaw(m.R, m.refs, slot, of, result as RawValue, store, "result");
      else writeNumber(m.R, slot * 2, of, result as number | bigint);
      slot += slotsOf(of);
    });
    return null;
  }

  /** "Run a host function", for JavaScript: as its type in the store says. */
  invoke(values: readonly unknown[]): readonly unknown[] {
    const { agent, call, passing } = this;
    const { type, raw } = passing;
    const args = raw ? values.map((value, i) => rawToJS(agent, value as RawValue, type.params[i]!)) : values;
    return resultsOf(agent, type, raw, call(...args));
  }
}

/** IsPromise: of the realm's, or of another's that is no thenable of the program's own. */
function isPromise(value: unknown): value is Promise<unknown> {
  return value instanceof Promise;
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
function toGuest(agent: Agent, thrown: unknown): ExnInst | Trap {
  if (agent.traps.has(thrown as object)) return new CarriedTrap(thrown);
  try {
    return agent.exceptions.thingOf(thrown) ?? javaScriptException(agent, thrown);
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
