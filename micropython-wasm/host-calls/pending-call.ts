// Host calls that are under way, and what they and the guest wait for.

import { SandboxUsageError } from "../guest/errors.js";
import type { PythonValue } from "../values/python-value.js";
import type { ObservedCall } from "./call-observer.js";
import type { Immediate } from "./object-words.js";

/** A request to run a function of the guest's. */
export interface CallBack {
  readonly frame: Uint8Array;
  resolve(value: PythonValue): void;
  reject(error: Error): void;
}

/** A frame, or the result of a call in place of one. */
export type Reply = Uint8Array | { readonly value: Immediate };

/** A host function that has been called and whose result the guest has not got yet. */
export interface PendingCall {
  /** The reply, once there is one. */
  reply: Reply | undefined;
  readonly requests: CallBack[];
  /** The guest has passed functions of its own, which it knows until the call is over. */
  takesFunctions: boolean;
  /** Who is told of it, if anybody. */
  observed: ObservedCall | undefined;
}

/** An exception that a function of the guest's raised when the host called it. */
export class PythonCallError extends Error {
  override readonly name = "PythonCallError";
  constructor(
    readonly pythonType: string,
    message: string,
  ) {
    super(`${pythonType}: ${message}`);
  }
}

export const CALL_IS_OVER = "the host call that got this function of the guest's is over: it cannot be called any more";

export function makeCall(): PendingCall {
  return { reply: undefined, requests: [], takesFunctions: false, observed: undefined };
}

export function tooLate(): SandboxUsageError {
  return new SandboxUsageError("the guest does not wait for a host function: its function cannot be called");
}

export function makeWaiting(): { promise: Promise<void>; wake: () => void } {
  let wake!: () => void;
  const promise = new Promise<void>((resolve) => {
    wake = resolve;
  });
  return { promise, wake };
}
