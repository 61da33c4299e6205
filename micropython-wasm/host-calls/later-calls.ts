// Host calls whose results the guest takes later: those that it has futures for, and those that the embedder answers
// between two runs of the guest's.
//
//   gather(a(), b()), promises          a and b are `promised`; each future is told its id
//     the guest polls, b settles        "b" is among the `settled`: the guest gets it, and polls again
//   x = f(1), with `pauses`             f is open, and the guest stands in it: it makes the call anew when it is answered
//   gather(a(), b()), with `pauses`     both are open; the guest stands in its poll, which it makes anew
//   resumed with inputs                 the reply comes as a frame, behind a frame for each input

import { SandboxUsageError } from "../guest/errors.js";
import type { References } from "../values/capability.js";
import { decodeValue, encodeValue, type PythonValue, ValueError } from "../values/python-value.js";
import { type ObservedCall, observedReply } from "./call-observer.js";
import { encodeError, encodeThrown, frameOf, INPUT, RETURNED } from "./frames.js";

/** A call of a host function that waits for the embedder's answer. */
export interface HostCallRequest {
  /** Names the call among those that wait; no other call of the session ever has the same. */
  readonly id: number;
  readonly name: string;
  readonly args: readonly PythonValue[];
  readonly kwargs: Readonly<Record<string, PythonValue>>;
}

/** What a call gives the guest: a value, or an exception (`RuntimeError`, or `ValueError` for one of ours). */
export type HostCallAnswer = { readonly value: unknown } | { readonly error: unknown };

/** What a guest that waits for the embedder is doing: a call, or looking for futures that are done. */
export type Standing = "call" | "poll";

export interface LaterCallsState {
  readonly pauses: boolean;
  readonly standing: Standing | null;
  readonly nextId: number;
  /** The call that the guest makes anew, or null. */
  readonly current: number | null;
  /** Calls that are not answered: each [name, args, kwargs], encoded. */
  readonly open: readonly (readonly [id: number, request: Uint8Array])[];
  /** Replies that the guest has not got: of futures, and of the current call. */
  readonly replies: readonly (readonly [id: number, reply: Uint8Array])[];
  /** Frames of globals that the guest is to set before it takes a reply. */
  readonly inputs: readonly Uint8Array[];
}

export class LaterCalls {
  /** Calls are the embedder's to answer. */
  pauses = false;
  /** Where the guest stands, if it waits for the embedder. */
  standing: Standing | undefined;
  private nextId = 0;
  private current: number | undefined;
  private readonly promised = new Set<number>();
  private readonly open = new Map<number, Uint8Array>();
  private readonly replies = new Map<number, Uint8Array>();
  private inputs: readonly Uint8Array[] = [];

  constructor(private readonly maxBytes: number) {}

  /** Promises of the host's are under way: they cannot be saved. */
  get hasPromises(): boolean {
    return this.promised.size > 0;
  }

  get hasOpen(): boolean {
    return this.open.size > 0;
  }

  /** The guest stands in a call that it makes anew, or waits for the answer of. */
  get hasCurrent(): boolean {
    return this.current !== undefined;
  }

  /** The guest is to get globals with the next frame that it reads. */
  get hasInputs(): boolean {
    return this.inputs.length > 0;
  }

  /** Has the guest set globals before it takes the next reply. */
  give(inputs: Readonly<Record<string, unknown>>): void {
    this.inputs = Object.entries(inputs).map((input) => frameOf(INPUT, input, Number.MAX_SAFE_INTEGER));
  }

  /** A reply behind the inputs that are to be given with it. */
  withInputs(reply: Uint8Array): Uint8Array {
    const { inputs } = this;
    if (inputs.length === 0) return reply;
    this.inputs = [];
    return joined([...inputs, reply]);
  }

  /** A number for a call whose promise has not settled. */
  promise(): number {
    const id = this.nextId++;
    this.promised.add(id);
    return id;
  }

  /** Keeps what has become of a promise; false if nobody wants it any more. */
  settle(
    id: number,
    answer: HostCallAnswer,
    references: References,
    observed: ObservedCall | undefined = undefined,
  ): boolean {
    if (!this.promised.delete(id)) return false;
    const reply = observedReply(answer, (last) => this.encodeFuture(id, last, references), observed);
    this.replies.set(id, reply as Uint8Array);
    return true;
  }

  /** The next reply for a guest that polls. */
  take(): Uint8Array | undefined {
    for (const [id, reply] of this.replies) {
      if (id === this.current) continue;
      this.replies.delete(id);
      return reply;
    }
    return undefined;
  }

  /** Opens a call that the embedder is to answer. @throws ValueError if it is no data */
  begin(request: PythonValue[], isFuture: boolean): number {
    const encoded = encodeValue(request, Number.MAX_SAFE_INTEGER);
    const id = this.nextId++;
    this.open.set(id, encoded);
    if (!isFuture) this.current = id;
    return id;
  }

  /** Whether the guest is making the call anew that it stands in; its answer, once there is one. */
  again(): { reply: Uint8Array | undefined } | undefined {
    const { current } = this;
    if (current === undefined) return undefined;
    const reply = this.replies.get(current);
    if (reply !== undefined) {
      this.replies.delete(current);
      this.current = undefined;
    }
    return { reply };
  }

  /** The calls that wait for the embedder, the one that the guest stands in before others. */
  requests(): HostCallRequest[] {
    const ids = [...this.open.keys()];
    const { current } = this;
    if (current !== undefined && this.open.has(current))
      ids.sort((a, b) => Number(b === current) - Number(a === current));
    return ids.map((id) => requestOf(id, this.open.get(id)!));
  }

  /**
   * Answers calls; all of them, or none.
   * @throws SandboxUsageError if one does not wait, is answered twice, or has a value that cannot cross
   */
  answer(answers: readonly (readonly [id: number, answer: HostCallAnswer])[], references: References): void {
    const replies = new Map<number, Uint8Array>();
    for (const [id, answer] of answers) {
      if (!this.open.has(id) || replies.has(id))
        throw new SandboxUsageError(`there is no host call ${id} that waits for an answer`);
      try {
        const reply =
          id === this.current
            ? "error" in answer
              ? thrown(answer.error)
              : frameOf(RETURNED, answer.value, this.maxBytes, references)
            : this.encodeFuture(id, answer, references);
        replies.set(id, reply);
      } catch (error) {
        if (!(error instanceof ValueError)) throw error;
        throw new SandboxUsageError(`the answer to host call ${id} cannot cross to the guest: ${error.message}`);
      }
    }
    for (const [id, reply] of replies) {
      this.open.delete(id);
      this.replies.set(id, reply);
    }
    this.standing = undefined;
  }

  /** [id, true, value] or [id, false, [class, message]] */
  private encodeFuture(id: number, answer: HostCallAnswer, references: References): Uint8Array {
    const value = "error" in answer ? errorPair(answer.error) : answer.value;
    return frameOf(RETURNED, [id, !("error" in answer), value], this.maxBytes, references);
  }

  drop(): void {
    this.pauses = false;
    this.standing = this.current = undefined;
    this.promised.clear();
    this.open.clear();
    this.replies.clear();
    this.inputs = [];
  }

  saveState(): LaterCallsState {
    return {
      pauses: this.pauses,
      standing: this.standing ?? null,
      nextId: this.nextId,
      current: this.current ?? null,
      open: [...this.open],
      replies: [...this.replies],
      inputs: this.inputs,
    };
  }

  restoreState(state: LaterCallsState): void {
    this.drop();
    this.pauses = state.pauses;
    this.standing = state.standing ?? undefined;
    // A number that somebody may still hold never gets another meaning.
    this.nextId = Math.max(this.nextId, state.nextId);
    this.current = state.current ?? undefined;
    for (const [id, request] of state.open) this.open.set(id, request);
    for (const [id, reply] of state.replies) this.replies.set(id, reply);
    this.inputs = state.inputs;
  }
}

function joined(frames: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(frames.reduce((length, frame) => length + frame.length, 0));
  let at = 0;
  for (const frame of frames) {
    out.set(frame, at);
    at += frame.length;
  }
  return out;
}

/** @throws ValueError if the bytes are no request */
export function requestOf(id: number, encoded: Uint8Array): HostCallRequest {
  const request = decodeValue(encoded);
  const [name, args, kwargs] = Array.isArray(request) ? request : [];
  if (typeof name !== "string" || !Array.isArray(args) || typeof kwargs !== "object" || kwargs === null)
    throw new ValueError("not a host call");
  return { id, name, args, kwargs: kwargs as Record<string, PythonValue> };
}

/** The frame of an exception that the embedder gives: text is the message of a RuntimeError. */
function thrown(error: unknown): Uint8Array {
  return typeof error === "string" ? encodeError("RuntimeError", error) : encodeThrown(error);
}

function errorPair(error: unknown): PythonValue {
  const frame = thrown(error);
  return decodeValue(frame.subarray(5));
}
