// The host calls of a run: written down as they are made, and given again to a run that is made anew.

import { canonicalJson, type HostCall, hashOfData } from "../../proof/index.js";
import type { Sha256 } from "../../runtime/index.js";
import type { CallObserver, CallOutcome, ObservedCall } from "../host-calls/call-observer.js";
import { describeError, encodeThrown, isValueError } from "../host-calls/frames.js";
import type { HostCallable } from "../values/capability.js";
import { ValueError } from "../values/python-value.js";
import { ObjectNumbers, ReplayedObjects, recordValue, replayValue } from "./recorded-value.js";

/** A call of a host function, as a Python receipt has it. Its fuel is what the run had used when it was made. */
export interface PythonHostCall extends HostCall {
  /** What it gave, as recorded-value.ts has it; `{ threw: { type, message } }`; null where the guest never got it. */
  readonly result: { readonly value: unknown } | { readonly threw: Thrown } | null;
  /** The guest did not wait for it, and its result came as the one of this number among such results. */
  readonly later?: number | null;
  /** The host called functions of the guest's meanwhile: the run cannot be made anew. */
  readonly calledGuest?: true;
}

interface Thrown {
  readonly type: "ValueError" | "RuntimeError";
  readonly message: string;
}

type Writable = { -readonly [Name in keyof PythonHostCall]: PythonHostCall[Name] };

/** Writes calls down. */
export class CallRecorder implements CallObserver {
  readonly calls: PythonHostCall[];
  private readonly objects = new ObjectNumbers();
  private laterCount: number;

  /** @param chargedAt the run's fuel, by the guest's */
  constructor(
    private readonly sha256: Sha256 | undefined,
    private readonly chargedAt: (guestFuel: number) => number,
    /** Calls that were written down before. */
    before: readonly PythonHostCall[] = [],
  ) {
    this.calls = [...before];
    this.laterCount = before.filter(({ later }) => typeof later === "number").length;
  }

  /** Whether others could go on writing: not where the guest holds an object of the host's, or waits for a result. */
  get canBeHandedOver(): boolean {
    return this.objects.count === 0 && this.calls.every(({ later }) => later !== null);
  }

  called(name: string | readonly [number, string], args: readonly unknown[], fuel: number): ObservedCall {
    const { objects, sha256 } = this;
    const call: Writable = {
      fuel: this.chargedAt(fuel),
      name: typeof name === "string" ? name : `object ${name[0]}.${name[1]}`,
      args: hashOfData(recordValue(args, objects), sha256),
      result: null,
    };
    this.calls.push(call);
    return {
      ended: (outcome) => {
        call.result =
          "error" in outcome ? { threw: thrown(outcome.error) } : { value: recordValue(outcome.value, objects) };
        if (call.later === null) call.later = this.laterCount++;
      },
      later: () => {
        call.later = null;
      },
      calledGuest: () => {
        call.calledGuest = true;
      },
    };
  }
}

function thrown(error: unknown): Thrown {
  const type = isValueError(encodeThrown(error)) ? "ValueError" : "RuntimeError";
  return { type, message: describeError(error) };
}

/** An error that gives the guest the same exception. */
function thrownAgain({ type, message }: Thrown): unknown {
  if (type === "ValueError") return new ValueError(message);
  const colon = message.indexOf(": ");
  // What is no Error has one text for all of them.
  if (colon < 0) return message;
  const error = new Error(message.slice(colon + 2));
  error.name = message.slice(0, colon);
  return error;
}

/** A call that differs from the one that is written down. */
export class CallDiffers extends Error {
  override readonly name = "CallDiffers";
}

/** Gives the results of recorded calls again, one behind the other. */
export class CallReplay implements CallObserver {
  /** Why the calls are not those that were recorded; null if they are, so far. */
  difference: string | null = null;
  /** Of the call that is being made. */
  private current: PythonHostCall | undefined;
  private readonly numbers = new ObjectNumbers();
  private readonly objects: ReplayedObjects;
  /** Results that the guest takes later, by their order. */
  private readonly waiting = new Map<number, () => void>();
  private settled = 0;

  constructor(
    private readonly calls: readonly PythonHostCall[],
    private readonly sha256: Sha256 | undefined,
    private readonly chargedAt: (guestFuel: number) => number,
    /** Number of the next call. */
    private next = 0,
  ) {
    for (const { later } of calls.slice(0, next)) if (typeof later === "number") this.settled++;
    this.objects = new ReplayedObjects(() => this.answer());
  }

  /** What stands for each of the host's functions. */
  readonly stand: HostCallable = () => this.answer();

  /** Calls that were made. */
  get made(): number {
    return this.next;
  }

  /** Whether all calls were made. */
  get isOver(): boolean {
    return this.next === this.calls.length;
  }

  called(name: string | readonly [number, string], args: readonly unknown[], fuel: number): ObservedCall {
    const call = this.calls[this.next];
    const made = {
      fuel: this.chargedAt(fuel),
      name: typeof name === "string" ? name : `object ${name[0]}.${name[1]}`,
      args: hashOfData(recordValue(args, this.numbers), this.sha256),
    };
    const claimed = call && { fuel: call.fuel, name: call.name, args: call.args };
    this.current = call;
    if (claimed === undefined || canonicalJson(made) !== canonicalJson(claimed)) {
      const instead = claimed === undefined ? "there is none" : canonicalJson(claimed);
      this.difference ??= `host call ${this.next}: ${canonicalJson(made)}, and in the receipt ${instead}`;
      this.current = undefined;
    }
    this.next++;
    const ended = (outcome: CallOutcome): void => {
      if ("value" in outcome) recordValue(outcome.value, this.numbers);
      if (call?.later !== this.settled) return;
      // The next one comes when this one has.
      this.settled++;
      this.waiting.get(this.settled)?.();
    };
    return { ended, later() {}, calledGuest() {} };
  }

  private answer(): unknown {
    const { current } = this;
    if (current === undefined) throw new CallDiffers("the receipt has no such call");
    if (current.calledGuest) throw new CallDiffers("the host called the guest: it cannot be done again");
    if (current.later === undefined) return this.outcome(current);
    const { later } = current;
    // It never came: the guest does not get it now, either.
    if (later === null) return new Promise(() => {});
    return new Promise((resolve, reject) => {
      this.waiting.set(later, () => {
        try {
          resolve(this.outcome(current));
        } catch (error) {
          reject(error);
        }
      });
      if (later === this.settled) this.waiting.get(later)!();
    });
  }

  private outcome({ result }: PythonHostCall): unknown {
    if (result === null) throw new CallDiffers("the receipt has no result of this call");
    if ("threw" in result) throw thrownAgain(result.threw);
    return replayValue(result.value, this.objects);
  }
}
