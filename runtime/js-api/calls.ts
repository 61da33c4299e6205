// Runs of guest functions, on the agent's thread: what they cost, and what JavaScript sees of how they end.
// https://webassembly.github.io/spec/js-api/#exported-function-exotic-objects
import { HostError, MemoryLimitExceeded, StackExhausted, type Trap } from "../errors.js";
import { callDirect, type DirectEnd } from "../interpreter/direct-call.js";
import { readRaws, readValues, writeValues } from "../store/convert.js";
import type { FuncInst } from "../store/func.js";
import type { ExnInst } from "../store/refs.js";
import { slotsOfAll } from "../values.js";
import type { Agent } from "./agent.js";
import { refToJS } from "./convert.js";
import { CarriedTrap } from "./errors.js";
import { stackText, trapText } from "./trap-texts.js";

/** Words that the arguments and the results of a function take at its frame's base. */
export function wordsOfCall({ type }: FuncInst): number {
  return 2 * Math.max(slotsOfAll(type.params), slotsOfAll(type.results));
}

/**
 * Calls a wasm function whose arguments lie at the agent's `base`; its results lie there afterwards.
 * @throws what it ends with
 */
export function callAtBase(agent: Agent, func: FuncInst): void {
  const { thread, depth } = agent;
  // Non-spec: the host's stack is not ours to measure, so calls through JavaScript are counted.
  if (depth >= agent.nestedCalls) throw stackOverflow(agent);
  agent.depth = depth + 1;
  const end = callDirect(thread, func, agent.base);
  agent.depth = depth;
  if (end !== null) throw thrownBy(agent, end);
}

/** Before arguments are written at the agent's `base`: there is room for `words`. @throws RangeError */
export function prepareCall(agent: Agent, words: number): void {
  if (agent.depth === 0) agent.tidy();
  if (agent.base + words > agent.thread.machine.registerLimit) makeRoom(agent, words);
}

function makeRoom(agent: Agent, words: number): void {
  if (!agent.thread.ensureRegisters(agent.base + words)) throw stackOverflow(agent);
}

export function stackOverflow({ messages }: Agent): RangeError {
  return new RangeError(stackText(messages));
}

/** Runs a function of a guest to its end, with values or raw ones. @throws what it ends with */
export function run(agent: Agent, func: FuncInst, raw: boolean, args: readonly unknown[]): readonly unknown[] {
  const { params, results } = func.type;
  prepareCall(agent, wordsOfCall(func));
  const { base } = agent;
  const { machine: m } = agent.thread;
  writeValues(m.R, m.refs, base >> 1, params, args, agent.store, raw, "argument", "call");
  callAtBase(agent, func);
  return (raw ? readRaws : readValues)(m.R, m.refs, base >> 1, results);
}

/** What a call that did not return throws. */
export function thrownBy(agent: Agent, { result, instance }: DirectEnd): unknown {
  switch (result.status) {
    case "threw":
      return thrownFor(agent, result.exception);
    case "trapped":
      return errorFor(agent, result.error, instance.module.bytes);
    case "failed":
      return failureFor(agent, result.error);
    default:
      return agent.asTrap(new agent.errors.RuntimeError("all fuel consumed"));
  }
}

/** What JavaScript sees of a guest's exception. */
function thrownFor(agent: Agent, exception: ExnInst): unknown {
  return exception.tag === agent.jsTag ? refToJS(agent, exception.refs[0]!) : agent.exceptionObject(exception);
}

function errorFor(agent: Agent, trap: Trap, bytes: Uint8Array): unknown {
  if (trap instanceof CarriedTrap) return trap.thrown;
  if (trap instanceof StackExhausted) return stackOverflow(agent);
  if (trap instanceof MemoryLimitExceeded) return agent.asTrap(new RangeError(trap.message));
  const offset = trap.backtrace[0]?.offset;
  return trapError(agent, trapText(agent.messages, trap.reason, offset === undefined ? undefined : { bytes, offset }));
}

/** A RuntimeError for a trap. */
export function trapError(agent: Agent, text: string): Error {
  return agent.asTrap(new agent.errors.RuntimeError(text));
}

/** An execution that broke: the host's stack may have ended in the middle of it. */
function failureFor({ errors }: Agent, error: Error): unknown {
  const cause = error instanceof HostError || error.name === "Crash" ? error.cause : undefined;
  if (cause instanceof RangeError) return cause;
  return new errors.RuntimeError(error.message, { cause: error });
}
