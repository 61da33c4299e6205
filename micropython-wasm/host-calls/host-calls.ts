// Calls of the embedder's functions: the device through which they come in and results go out as data. The guest never
// holds a JavaScript object; what it names is looked up in a Map (host-functions.ts), and nowhere else.
//
// A frame that the guest writes is prepared, which tells its price, and then committed. The guest's add(2, 3):
//   guest  s[0] = (2, 3), s[1] = {}; writes "D" address-of-s "add"
//   host   prepare: reads both objects where they lie; price: the frame's bytes and what was read
//          commit: calls add(2, 3), puts 5 into s[0]; the guest goes on with it
// Had add returned a promise, the guest would wait in its write until that settles (`written`).
//
// Calls nest: while a host function waits, it can call a function of the guest's, which can
// call host functions. So there is a stack of calls (call-stack.ts), and the guest reads what comes next for
// the innermost: its result ("R", "E"), or a request to run one of its functions ("K"), which it answers ("A"):
//   each(f, [1])   ─▶ calls: each                 the host calls f(1): "K" [number of f, [1]]
//   f calls add    ─▶ calls: each, add            the result of add goes to the guest, then f answers "A"
//   each settles   ─▶ calls: –                    its result goes to the guest; f's number is free for another one

import { FuelPause, promiseOf } from "../../runtime/index.js";
import type { Device } from "../guest/device.js";
import type { GuestMemory, HostContext } from "../guest/engine-port.js";
import { GuestFault, SandboxUsageError } from "../guest/errors.js";
import { guestBytes, guestWord } from "../guest/memory-access.js";
import { ARGUMENTS, IN_PYTHON, NATIVE_AREA, NOT_READ } from "../guest/native-calls.js";
import type { HostCallable, References } from "../values/capability.js";
import { decodeValue, type PythonValue, ValueError } from "../values/python-value.js";
import { type CallObserver, type CallOutcome, observedReply } from "./call-observer.js";
import { CallStack } from "./call-stack.js";
import {
  ANSWER,
  BUILD,
  CALL,
  CALL_LATER,
  DIRECT_CALL,
  DIRECT_VALUE,
  encodeThrown,
  FUTURE,
  frameOf,
  isDirect,
  LEARN,
  NATIVE,
  POLL,
  REQUEST,
  RETURNED,
  SIZES,
  VALUE,
  VALUE_TEXT,
} from "./frames.js";
import { GuestObjects } from "./guest-objects.js";
import { GuestReply } from "./guest-reply.js";
import { HostFunctions, isAsync } from "./host-functions.js";
import { RunValue } from "./kept-value.js";
import { type HostCallAnswer, type HostCallRequest, LaterCalls, type LaterCallsState } from "./later-calls.js";
import { attempt, type Named, readCall, readNativeCall, readValue } from "./named-objects.js";
import { LEARNING_FUEL } from "./object-reader.js";
import { immediate } from "./object-words.js";
import { makeCall, makeWaiting, type PendingCall, type Reply } from "./pending-call.js";

export type { HostCallable } from "../values/capability.js";

/** Default size limit of one call's arguments, and of its result, in bytes of the encoding. */
export const DEFAULT_MAX_VALUE_BYTES = 256 * 1024;

export interface HostCallsState {
  /** What the guest has not read of the last reply. */
  readonly reply: Uint8Array;
  readonly callCount: number;
  /** What the guest has sent of its value (kept-value.ts). */
  readonly value: Uint8Array;
  /** Numbers of capabilities that have been given out. */
  readonly capabilityCount: number;
  readonly later: LaterCallsState;
}

const OVER = "the run that made this host call is over";
const NO_FUNCTIONS = "a function cannot be passed to a host function that is answered later";

/** A frame that the guest writes, looked at: nothing has happened yet. */
interface PreparedFrame {
  /** Fuel for it. What the host reads, looks through and builds is charged: about a unit for a byte of its encoding. */
  readonly price: number;
  /** Does what the frame asks, with what was read of it. */
  commit(): void;
}

export class HostCalls implements Device {
  /** Calls made so far. */
  callCount = 0;
  /** The value of {@link callCount} at which further calls are refused. */
  callLimit = Number.POSITIVE_INFINITY;
  /** Fuel for each call, besides what moving its bytes costs. */
  callFuel = 0;
  /** The program's value, which comes through the same device. */
  readonly runValue: RunValue;
  /** Runs the embedder's functions: a place to note that they are running. */
  enter: (body: () => unknown) => unknown = (body) => body();
  /** Is told of calls. */
  observer: CallObserver | undefined;
  /** Whether {@link saveState} is only to describe the state: calls that are under way are left out. */
  describes = false;
  /** Fuel that the guest has used, at the frame that it writes. */
  private fuelNow = 0;
  private readonly functions = new HostFunctions();
  private readonly calls = new CallStack(
    (call, id, args) => frameOf(REQUEST, [id, args], this.maxBytes, this.referencesIn(call)),
    () => {
      if (this.waiting !== undefined && !this.polling) this.proceed();
    },
  );
  /** Why calls are refused, if they are. */
  private refusal: string | undefined;
  /** The frame that the guest is writing: its price has been asked. */
  private prepared: (PreparedFrame & { readonly source: Uint8Array }) | undefined;
  /** The guest is to get something that is not there yet. */
  private waiting: { readonly promise: Promise<void>; readonly wake: () => void } | undefined;

  /** The guest waits for a future. */
  private polling = false;
  private readonly later: LaterCalls;

  /** Those of the frame that is being written, or was written last. */
  private readonly objects: GuestObjects;
  /** What the guest gets, there or in a frame. */
  private readonly reply: GuestReply;

  constructor(readonly maxBytes: number = DEFAULT_MAX_VALUE_BYTES) {
    // Functions of the guest's come in frames that hold a value only.
    this.later = new LaterCalls(maxBytes);
    this.objects = new GuestObjects(this.referencesIn(undefined), maxBytes);
    this.reply = new GuestReply(this.objects, maxBytes);
    this.runValue = new RunValue(this.objects, maxBytes);
  }

  /**
   * What crosses by name in the arguments of `call`, in its result, and in what passes between the two.
   * @param call undefined where no call is under way
   */
  private referencesIn(call: PendingCall | undefined): References {
    const { capabilities } = this.functions;
    return {
      capability: (id) => capabilities.get(id),
      numberOf: (capability) => capabilities.numberOf(capability),
      callable: (id) => {
        if (call !== undefined) call.takesFunctions = true;
        return this.calls.callable(call, id);
      },
      callableNumber: (callable) => this.calls.numberOf(call, callable),
    };
  }

  /** Registers `callable`; the name is a Python identifier, or two joined by a dot. @throws SandboxUsageError */
  register(name: string, callable: HostCallable): void {
    this.functions.register(name, callable);
  }

  /** Lets the guest call a function while `body` runs; that is not counted, and the name is not kept. */
  async lend(name: string, callable: HostCallable, body: () => Promise<void>): Promise<void> {
    const { callCount, callLimit, callFuel, enter } = this;
    this.functions.register(name, callable);
    this.callLimit = Number.POSITIVE_INFINITY;
    this.callFuel = 0;
    this.enter = (call) => call();
    try {
      await body();
    } finally {
      this.functions.forget(name);
      Object.assign(this, { callCount, callLimit, callFuel, enter });
    }
  }

  /** Names registered so far. */
  names(): string[] {
    return this.functions.names();
  }

  /** A host function is running or waiting. */
  get isCalling(): boolean {
    return !this.calls.isEmpty || this.later.hasPromises;
  }

  // ---- calls that the embedder answers ----

  /** Whether calls of functions pause the guest until they are answered, from now on until the run is over. */
  pauseAtCalls(pauses: boolean): void {
    this.later.pauses = pauses;
  }

  /** The calls for which the guest has paused, the one that it stands in before others; none if it has not. */
  get openCalls(): readonly HostCallRequest[] {
    return this.later.standing === undefined ? [] : this.later.requests();
  }

  /** The guest has paused, and waits for the answer to a call. */
  get isPaused(): boolean {
    return this.later.standing !== undefined;
  }

  /** @throws SandboxUsageError if a call does not wait, is answered twice, or has a value that cannot cross */
  answer(answers: readonly (readonly [id: number, answer: HostCallAnswer])[]): void {
    this.later.answer(answers, this.referencesIn(undefined));
  }

  /** Sets globals of the paused guest's, when it takes what it waits for. */
  giveInputs(inputs: Readonly<Record<string, unknown>>): void {
    this.later.give(inputs);
  }

  ready(): Promise<void> | undefined {
    return this.waiting?.promise;
  }

  /** A promise if the guest has to wait before it looks for the answer to what it has written. */
  written(): Promise<void> | undefined {
    this.objects.rest();
    return this.reply.isExchange ? this.waiting?.promise : undefined;
  }

  read(target: Uint8Array): number {
    return this.reply.read(target);
  }

  price(source: Uint8Array, context?: HostContext): number {
    this.prepared = { ...this.prepare(source, context), source };
    return this.prepared.price;
  }

  /** Takes one frame: the guest's library writes each in one piece, others get an error. */
  write(source: Uint8Array, context?: HostContext): void {
    if (this.waiting !== undefined) throw new GuestFault("a host call was made while another one waits");
    const { prepared } = this;
    this.prepared = undefined;
    this.reply.isExchange = false;
    this.later.standing = undefined;
    if (this.observer !== undefined) this.fuelNow = context?.fuelUsed() ?? 0;
    // A pause for lack of fuel leads to the price again, with a source of its own.
    const frame = prepared?.source === source ? prepared : this.prepare(source, context);
    frame.commit();
  }

  private prepare(source: Uint8Array, context: HostContext | undefined): PreparedFrame {
    const kind = source[0];
    if (context !== undefined && isDirect(kind)) return this.prepareDirect(source, context.memory);
    const tooLarge = source.length > this.maxBytes;
    return {
      price: source.length + (kind === CALL || kind === CALL_LATER ? this.callFuel : 0),
      commit: () =>
        tooLarge ? this.reply.setError("ValueError", "host call too large") : this.receive(source.slice()),
    };
  }

  // ---- frames that name objects in the guest's memory ----

  /** Whether the frame leads to the list that it should. */
  private open(frame: Uint8Array, memory: GuestMemory): boolean {
    if (frame.length < 5 || frame.length > this.maxBytes) return false;
    return this.objects.open(memory, (frame[1]! | (frame[2]! << 8) | (frame[3]! << 16) | (frame[4]! << 24)) >>> 0);
  }

  private prepareDirect(frame: Uint8Array, memory: GuestMemory): PreparedFrame {
    const { objects } = this;
    const kind = frame[0];
    if (!this.open(frame, memory))
      return { price: frame.length, commit: () => this.reply.setError("ValueError", "malformed host call") };
    const prepared = this.prepareOpened(kind, frame);
    objects.rest();
    const commit = (): void => {
      objects.refresh();
      prepared.commit();
    };
    return { price: prepared.price, commit };
  }

  private prepareOpened(kind: number | undefined, frame: Uint8Array): PreparedFrame {
    const { objects } = this;
    if (kind === NATIVE) return { price: frame.length, commit: () => void attempt(() => objects.makeNative()) };
    if (kind === LEARN) return { price: LEARNING_FUEL, commit: () => void objects.learn() };
    if (kind === SIZES || kind === BUILD) return { price: this.reply.length, commit: () => this.reply.build(kind) };
    const read = kind === DIRECT_CALL ? () => readCall(objects, frame) : () => readValue(objects);
    const named = objects.learned && !this.later.hasInputs ? attempt(read) : undefined;
    const price = frame.length + objects.fuel;
    const { takesFutures } = objects;
    if (kind === DIRECT_VALUE) return { price, commit: () => this.runValue.takeNamed(named) };
    return {
      price: price + (named === undefined ? 0 : this.callFuel),
      commit: () => this.takeCall(named, takesFutures),
    };
  }

  private takeCall(call: Named, takesFuture: boolean): void {
    if (call === undefined) {
      this.objects.decline();
      return;
    }
    this.reply.isExchange = true;
    if (call instanceof ValueError) this.reply.setError("ValueError", call.message);
    else this.invoke(call as PythonValue[], makeCall(), takesFuture);
  }

  /**
   * A call by the artifact's own function, whose arguments lie one behind the other: the frame, then what is passed.
   * @param count of all of them
   * @returns the word of the result; IN_PYTHON if the guest is to take it as after a frame, NOT_READ if it is to make the
   *   call by one
   */
  callNative(context: HostContext, count: number): number | Promise<number> {
    if (this.waiting !== undefined) throw new GuestFault("a host call was made while another one waits");
    const { memory } = context;
    const { objects } = this;
    const args = guestWord(memory, NATIVE_AREA + ARGUMENTS);
    const named = guestWord(memory, args);
    const frame = guestBytes(
      memory,
      guestWord(memory, named + 12),
      Math.min(guestWord(memory, named + 8), this.maxBytes),
    );
    if (frame[0] !== DIRECT_CALL || !this.open(frame, memory) || !objects.learned) return NOT_READ;
    // Inputs come before the reply, in frames.
    if (this.later.hasInputs) return NOT_READ;
    const call = attempt(() => readNativeCall(objects, frame, args + 4, count - 1));
    const price = frame.length + objects.fuel;
    objects.rest();
    context.chargeFuel(price + (call === undefined ? 0 : this.callFuel));
    if (call === undefined) return NOT_READ;
    this.later.standing = undefined;
    if (this.observer !== undefined) this.fuelNow = context.fuelUsed();
    objects.given = IN_PYTHON;
    objects.refresh();
    this.takeCall(call, objects.takesFutures);
    const waiting = this.written();
    return waiting === undefined ? objects.given : waiting.then(() => objects.given);
  }

  // ---- frames that hold a value ----

  private receive(frame: Uint8Array): void {
    const kind = frame[0];
    if (kind === POLL) {
      this.poll();
      return;
    }
    const answers = kind === ANSWER && this.calls.isAnswering;
    const isCall = kind === CALL || kind === CALL_LATER;
    const call = isCall ? makeCall() : answers ? this.calls.asking : undefined;
    let value: PythonValue;
    try {
      value = decodeValue(frame.subarray(1), this.referencesIn(call));
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      this.reply.setError("ValueError", error.message);
      return;
    }
    if (kind === VALUE) this.runValue.value = value;
    else if (kind === VALUE_TEXT) this.runValue.takeRepr(value);
    else if (isCall && Array.isArray(value)) this.invoke(value, call!, kind === CALL_LATER && !call!.takesFunctions);
    else if (answers && Array.isArray(value)) {
      this.calls.answer(value);
      this.proceed();
    } else this.reply.setError("ValueError", "malformed host call");
  }

  // ---- calls of host functions ----

  private invoke(request: PythonValue[], call: PendingCall, takesFuture: boolean): void {
    const [name, args, kwargs] = request;
    const callable = this.functions.lookup(name);
    if (callable === undefined || !Array.isArray(args) || typeof kwargs !== "object" || kwargs === null)
      this.reply.setError("ValueError", "no such host function");
    else if (this.refusal !== undefined) this.reply.setError("RuntimeError", this.refusal);
    else if (this.callCount >= this.callLimit) this.reply.setError("RuntimeError", "too many host calls");
    else if (this.calls.isFull) this.reply.setError("RuntimeError", "host calls nested too deeply");
    else if ((this.later.pauses || this.later.hasCurrent) && typeof name === "string")
      this.pauseFor([name, args, kwargs], call, takesFuture && isAsync(callable));
    else {
      const named = kwargs instanceof Map ? kwargs.size : Object.keys(kwargs).length;
      const given = named > 0 ? [...args, kwargs] : args;
      call.observed = this.observer?.called(name as string | [number, string], given, this.fuelNow);
      this.begin(call, callable, given, takesFuture);
    }
  }

  private begin(call: PendingCall, callable: HostCallable, args: readonly unknown[], takesFuture: boolean): void {
    this.callCount++;
    this.calls.push(call);
    const settle = (outcome: CallOutcome): void => {
      call.reply = observedReply(outcome, (last) => this.encodeOutcome(call, last), call.observed);
    };
    const settleLater = (outcome: CallOutcome): void => {
      // Given up meanwhile: nobody wants the result.
      if (!this.calls.includes(call)) return;
      settle(outcome);
      if (this.waiting !== undefined && !this.polling) this.proceed();
    };
    try {
      const result = this.enter(() => callable(...(args as never[])));
      const promise = promiseOf(result);
      if (promise !== undefined && takesFuture) {
        this.giveFuture(call, promise);
        return;
      }
      if (promise === undefined) settle({ value: result });
      else
        promise.then(
          (value) => settleLater({ value }),
          (error: unknown) => settleLater({ error }),
        );
    } catch (error) {
      settle({ error });
    }
    this.proceed();
  }

  private encodeOutcome(call: PendingCall, outcome: CallOutcome): Reply {
    return "error" in outcome ? encodeThrown(outcome.error) : this.encodeResult(call, outcome.value);
  }

  // ---- results that the guest takes later ----

  /** The guest goes on, and asks for the result when it can do nothing else. */
  private giveFuture(call: PendingCall, promise: PromiseLike<unknown>): void {
    this.calls.remove(call);
    const { later } = this;
    const id = later.promise();
    call.observed?.later();
    const settle = (answer: HostCallAnswer): void => {
      if (!later.settle(id, answer, this.referencesIn(undefined), call.observed) || !this.polling) return;
      this.polling = false;
      this.reply.set(later.take()!);
      this.waiting?.wake();
      this.waiting = undefined;
    };
    promise.then(
      (value) => settle({ value }),
      (error: unknown) => settle({ error }),
    );
    this.reply.set(frameOf(FUTURE, id, this.maxBytes));
  }

  private poll(): void {
    const { later } = this;
    if (this.refusal !== undefined) {
      this.reply.setError("RuntimeError", this.refusal);
      return;
    }
    const reply = later.take();
    if (reply !== undefined) this.reply.set(later.withInputs(reply));
    else if (later.hasPromises) {
      this.polling = true;
      this.waiting ??= makeWaiting();
    } else if (later.hasOpen) {
      later.standing = "poll";
      throw new FuelPause();
    } else this.reply.set(frameOf(RETURNED, [null, false, OVER], this.maxBytes));
  }

  /** Has the embedder answer: the guest pauses before the call, which it makes anew, or gets a future. */
  private pauseFor(request: PythonValue[], call: PendingCall, takesFuture: boolean): void {
    const { later } = this;
    const again = later.again();
    if (again?.reply !== undefined) {
      this.callCount++;
      this.reply.set(later.withInputs(again.reply));
      return;
    }
    if (again === undefined) {
      let id: number;
      try {
        if (call.takesFunctions) throw new ValueError(NO_FUNCTIONS);
        id = later.begin(request, takesFuture);
      } catch (error) {
        if (!(error instanceof ValueError)) throw error;
        this.reply.setError("ValueError", error.message);
        return;
      }
      if (takesFuture) {
        this.callCount++;
        this.reply.set(frameOf(FUTURE, id, this.maxBytes));
        return;
      }
    }
    later.standing = "call";
    throw new FuelPause();
  }

  private encodeResult(call: PendingCall, result: unknown): Reply {
    const value = immediate(result);
    if (value !== undefined) return { value };
    return frameOf(RETURNED, result, this.maxBytes, this.referencesIn(call));
  }

  /** Gives the guest, which is waiting for it or about to, what comes next. */
  private proceed(): void {
    const reply = this.calls.next();
    if (reply === undefined) {
      this.waiting ??= makeWaiting();
      return;
    }
    this.reply.set(reply);
    this.waiting?.wake();
    this.waiting = undefined;
  }

  // ---- stopping ----

  /** Ends the call that the guest waits for, if there is one, with an error; its result will be ignored. */
  interrupt(message: string): void {
    if (this.waiting === undefined) return;
    const { isExchange } = this.reply;
    const { wake } = this.waiting;
    this.drop();
    this.reply.isExchange = isExchange;
    this.reply.setError("RuntimeError", message);
    wake();
  }

  /** Refuses all calls from now on, the current ones included. */
  refuse(message: string): void {
    this.refusal = message;
    this.interrupt(message);
  }

  /** Ends what {@link refuse} began. */
  accept(): void {
    this.refusal = undefined;
    this.drop();
  }

  /** Forgets all calls that are under way. */
  drop(): void {
    this.calls.clear();
    this.waiting = undefined;
    this.reply.isExchange = false;
    this.polling = false;
    this.prepared = undefined;
    this.later.drop();
  }

  // ---- state ----

  /** Gives the guest what it has of another one, of whose state it has a copy. */
  shareCapabilities({ functions }: HostCalls): void {
    this.functions.capabilities.take(functions.capabilities);
  }

  /** State between two accesses of the guest. A call that is waiting for a promise has none, one that has paused the guest has. */
  saveState(): HostCallsState {
    if (this.isCalling && !this.describes) throw new SandboxUsageError("a host call is waiting for its result");
    const { callCount } = this;
    return {
      reply: this.reply.saveState(),
      callCount,
      value: this.runValue.saveState(this.referencesIn(undefined)),
      capabilityCount: this.functions.capabilities.count,
      later: this.later.saveState(),
    };
  }

  restoreState(state: HostCallsState): void {
    this.drop();
    this.reply.restoreState(state.reply);
    this.callCount = state.callCount;
    this.runValue.restoreState(state.value, this.referencesIn(undefined));
    this.functions.capabilities.forgetFrom(state.capabilityCount);
    this.later.restoreState(state.later);
  }
}
