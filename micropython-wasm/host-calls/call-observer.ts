// Sees the calls of host functions: for receipts.
import type { Reply } from "./pending-call.js";

/** What a call gives the guest in the end. */
export type CallOutcome = { readonly value: unknown } | { readonly error: unknown };

export interface ObservedCall {
  /** What has become of it; never called for one that the guest does not wait for any more. */
  ended(outcome: CallOutcome): void;
  /** The guest goes on without the result, and takes it later. */
  later(): void;
  /** The host calls a function of the guest's meanwhile. */
  calledGuest(): void;
}

export interface CallObserver {
  /**
   * A call is about to be made.
   * @param name of a function, or the number of an object of the host's and the name of its method
   * @param fuel that the guest has used since it was instantiated
   */
  called(name: string | readonly [number, string], args: readonly unknown[], fuel: number): ObservedCall;
}

/** The reply, and what the observer is told of it: that it could not be made, if that is so. */
export function observedReply(
  outcome: CallOutcome,
  encode: (outcome: CallOutcome) => Reply,
  observed: ObservedCall | undefined,
): Reply {
  try {
    const reply = encode(outcome);
    observed?.ended(outcome);
    return reply;
  } catch (error) {
    observed?.ended({ error });
    return encode({ error });
  }
}
