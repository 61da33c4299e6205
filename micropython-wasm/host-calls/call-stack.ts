// Host calls that are under way, one waiting for the other, and the guest's functions that they call (host-calls.ts has
// an example): what the guest gets next is a result of the innermost, or a request of it.

import { SandboxUsageError } from "../guest/errors.js";
import type { PythonCallable } from "../values/capability.js";
import { type PythonValue, ValueError } from "../values/python-value.js";
import { CALL_IS_OVER, type CallBack, type PendingCall, PythonCallError, type Reply, tooLate } from "./pending-call.js";

/** Host calls that wait for one another. */
const MAX_DEPTH = 32;

export class CallStack {
  private calls: PendingCall[] = [];
  /** Functions of the guest's that are running, with the number of calls that were pending. */
  private running: { readonly request: CallBack; readonly depth: number }[] = [];
  private readonly callables = new WeakMap<
    PythonCallable,
    { readonly owner: PendingCall | undefined; readonly id: number }
  >();

  /**
   * @param requestOf the frame that has the guest call its function `id`, while `call` is its innermost one
   * @param asked is called when there is such a frame for the guest
   */
  constructor(
    private readonly requestOf: (call: PendingCall, id: number, args: readonly unknown[]) => Uint8Array,
    private readonly asked: () => void,
  ) {}

  get isEmpty(): boolean {
    return this.calls.length === 0;
  }

  get isFull(): boolean {
    return this.calls.length >= MAX_DEPTH;
  }

  includes(call: PendingCall): boolean {
    return this.calls.includes(call);
  }

  push(call: PendingCall): void {
    this.calls.push(call);
  }

  remove(call: PendingCall): void {
    this.calls.splice(this.calls.indexOf(call), 1);
  }

  /** Takes what the guest gets next: the innermost call's result, or a request of it; undefined if that is not there yet. */
  next(): Reply | undefined {
    const call = this.calls.at(-1);
    const request = call?.requests.shift();
    if (call?.reply !== undefined) {
      this.calls.pop();
      for (const late of request === undefined ? [] : [request, ...call.requests]) late.reject(tooLate());
      return call.reply;
    }
    if (request !== undefined) this.running.push({ request, depth: this.calls.length });
    return request?.frame;
  }

  // ---- functions of the guest's ----

  /**
   * The guest's function with a number. The guest forgets it when the call ends that brought it, and gives its number
   * to another one:
   *   keep(g)      g is 0; the host keeps it
   *   fire(h)      h is 0; what the host kept must not mean h
   */
  callable(owner: PendingCall | undefined, id: number): PythonCallable {
    const callable: PythonCallable = (...args) => {
      const answered = this.request(owner, id, args);
      // Whoever calls may not care for the result.
      answered.catch(() => {});
      return answered;
    };
    this.callables.set(callable, { owner, id });
    return callable;
  }

  /**
   * The number that the guest has for a function of its own while `call` is its innermost one; undefined for what is none.
   * @throws ValueError if the guest has forgotten it
   */
  numberOf(call: PendingCall | undefined, callable: unknown): number | undefined {
    const known = this.callables.get(callable as PythonCallable);
    if (known === undefined) return undefined;
    const depth = known.owner === undefined ? -1 : this.calls.indexOf(known.owner);
    if (depth < 0 || depth > this.calls.indexOf(call!)) throw new ValueError(CALL_IS_OVER);
    return known.id;
  }

  private async request(owner: PendingCall | undefined, id: number, args: readonly unknown[]): Promise<PythonValue> {
    // While the guest waits for its owner, or for a call that one of its owner's functions makes, it knows the number.
    if (owner === undefined || owner.reply !== undefined || !this.calls.includes(owner))
      throw new SandboxUsageError(CALL_IS_OVER);
    const call = this.calls.at(-1)!;
    if (call.reply !== undefined) throw tooLate();
    owner.observed?.calledGuest();
    const frame = this.requestOf(call, id, args);
    return new Promise((resolve, reject) => {
      call.requests.push({ frame, resolve, reject });
      this.asked();
    });
  }

  /** A function of the guest's is running: it may answer. */
  get isAnswering(): boolean {
    return this.running.length > 0;
  }

  /** The call that asked for the function that is running. */
  get asking(): PendingCall | undefined {
    return this.calls[this.running.at(-1)!.depth - 1];
  }

  /** The function that is running has ended. @param answer [true, result] or [false, class, message] */
  answer(answer: readonly PythonValue[]): void {
    const { request, depth } = this.running.pop()!;
    // The guest answers while calls that it made since are open: it does not wait for their results.
    for (const call of this.calls.splice(depth)) for (const late of call.requests) late.reject(tooLate());
    if (answer[0] === true) request.resolve(answer[1] ?? null);
    else request.reject(new PythonCallError(String(answer[1]), String(answer[2])));
  }

  /** Forgets all calls. */
  clear(): void {
    const callBacks = [...this.calls.flatMap((call) => call.requests), ...this.running.map(({ request }) => request)];
    this.calls = [];
    this.running = [];
    for (const callBack of callBacks) callBack.reject(tooLate());
  }
}
