// The proof of a step of a run, by its fuel.
import { UsageError } from "../runtime/errors.js";
import { sha256 as portable, type Sha256 } from "../runtime/sha256.js";
import type { StorePicture } from "../runtime/snapshot/picture.js";
import { type LoggedCall, loggedCall } from "./call-log.js";
import { toHex } from "./check-step/bytes.js";
import { ProofError } from "./check-step/errors.js";
import type { ShownAnswer, StepProof } from "./check-step/index.js";
import { emscriptenOf } from "./emscripten-imports.js";
import { Prover, type WholeState } from "./prove.js";
import type { HostCall } from "./receipt.js";
import { StateHasher } from "./state-hash.js";

/** A run that can be stopped at any fuel: of a module (ModuleRun), or of a Python program. */
export interface SteppedRun<Kept = unknown> {
  /** Runs on until it has been granted so much fuel in all, or is over. */
  runTo(fuel: number): Promise<unknown>;
  /** Fuel that it has used. */
  readonly fuelUsed: number;
  wholeState(): WholeState;
  /** For programs of {@link ProveOptions.programCalls}: a state to go back to; undefined where there is none. */
  snapshot?(): Kept | undefined;
  restore?(kept: Kept): unknown;
}

export interface ProveOptions {
  /** All calls of the run that its module makes, as the receipt has them; none of a Python program's. */
  readonly calls?: readonly HostCall[];
  /**
   * Of a Python program, the calls that its receipt has, in place of `calls`: they are not the module's. What the host
   * answers a call of the module's with is then taken from the run, and shown, with the program's call if there is one.
   */
  readonly programCalls?: readonly LoggedCall[];
  /** For steps one behind the other: what has not changed is not hashed again. */
  readonly hasher?: StateHasher;
  readonly sha256?: Sha256 | undefined;
}

/**
 * Proves the step that a run makes with the first unit of fuel beyond `fuel` that it uses. The run stands behind it then.
 * @param run at that fuel, or before
 * @throws UsageError if the run is over by then; ProofError if the step has no proof
 */
export async function proveStepAt<Kept>(
  run: SteppedRun<Kept>,
  fuel: number,
  options: ProveOptions = {},
): Promise<StepProof> {
  await run.runTo(fuel);
  const before = run.wholeState();
  const { execution, instances } = before.picture;
  if (execution === null) throw new UsageError(`no step is left at ${fuel} fuel: the run has used ${run.fuelUsed}`);
  const earlier = run.fuelUsed - (execution.fuelGranted - execution.fuelLeft);
  const { calls, programCalls, ...rest } = options;
  if (programCalls !== undefined) {
    const { module } = instances[0]!;
    const emscripten = module instanceof Uint8Array ? null : emscriptenOf(module);
    return proveAnswered(run, before, { ...rest, emscripten }, { calls: programCalls, earlier });
  }
  const prover = new Prover(before, rest, calls === undefined ? null : { calls, earlier });
  await run.runTo(run.fuelUsed + prover.price);
  return provenBy(prover, before, run.wholeState());
}

function provenBy(prover: Prover, before: WholeState, after: WholeState): StepProof {
  const { outcome, hostCalled } = prover.stepped;
  if (outcome.kind === "running") return prover.prove(after);
  // Where an execution ends, the host is told, and the run's next one may begin: that is not the step's.
  const picture = { ...after.picture, execution: null };
  return prover.prove({ picture, host: hostCalled ? (after.host ?? {}) : (before.host ?? {}) });
}

// ---- Calls of the host's by the module of a program ----

type Hashing = ConstructorParameters<typeof Prover>[1];

/** Finds what the host answers by running on, if the step calls it, and then proves the step with that. */
async function proveAnswered<Kept>(
  run: SteppedRun<Kept>,
  before: WholeState,
  hashing: Hashing,
  log: { readonly calls: readonly LoggedCall[]; readonly earlier: number },
): Promise<StepProof> {
  const marks = new Marks(before.picture);
  let asked: { readonly name: string; readonly marks: readonly bigint[] } | undefined;
  const probe = new Prover(before, hashing, (name, results, fuel) => {
    asked = { name, marks: results.map(() => marks.next()) };
    return shown(name, asked.marks, fuel);
  });
  if (asked === undefined) {
    await run.runTo(run.fuelUsed + probe.price);
    return provenBy(probe, before, run.wholeState());
  }
  const { name, marks: marked } = asked as { readonly name: string; readonly marks: readonly bigint[] };
  if (probe.stepped.outcome.kind !== "running")
    throw new ProofError("a call of the host's with which the execution ends has no proof");
  await runPast(run, probe.price);
  const after = run.wholeState();
  const { execution } = after.picture;
  if (execution === null || execution.top.kind === "host" || execution.fuelLeft > 0)
    throw new ProofError(`${name} does not return in one step`);
  // The result is wherever free instructions behind the call have put its mark; where it is gone, any will do.
  const numbers = probe.stackNumbers;
  const results = marked.map((mark) => {
    const slot = numbers.indexOf(mark);
    return slot < 0 ? 0n : numberAt(execution.words, slot);
  });
  const fuel = execution.fuelGranted - execution.fuelLeft;
  const answer = {
    ...shown(name, results, fuel),
    logged: loggedCall(log, probe.stepped.fuelBefore, fuel, hashing?.sha256 ?? portable),
    writes: writesBetween(before, after, hashing?.sha256),
  };
  return provenBy(new Prover(before, hashing, answer), before, after);
}

const shown = (name: string, results: readonly bigint[], fuel: number): ShownAnswer => ({
  answer: { name, results: results.map((bits) => bits.toString(16)), fuel },
  ...{ logged: null, writes: [], effects: [] },
});

/** Numbers that are in no slot of the stack. */
class Marks {
  private readonly taken = new Set<bigint>();
  private last = 0x5eed_0000n;
  constructor({ execution }: StorePicture) {
    const words = execution?.words ?? new Int32Array(0);
    for (let slot = 0; 2 * slot < words.length; slot++) this.taken.add(numberAt(words, slot));
  }
  next(): bigint {
    do this.last++;
    while (this.taken.has(this.last));
    return this.last;
  }
}

function numberAt(words: Int32Array, slot: number): bigint {
  return BigInt(words[2 * slot]! >>> 0) | (BigInt(words[2 * slot + 1]! >>> 0) << 32n);
}

const MOST_CHARGED = 2 ** 30;

/** Runs on by the least fuel with which it gets anywhere: what the host charges for is part of the step. */
async function runPast<Kept>(run: SteppedRun<Kept>, least: number): Promise<void> {
  const start = run.fuelUsed;
  const kept = run.snapshot?.();
  if (kept === undefined || run.restore === undefined)
    throw new ProofError("a call of the host's has no proof where the run cannot go back");
  let high = Math.max(1, least);
  let low = high - 1;
  const moves = async (fuel: number) => {
    await run.runTo(start + fuel);
    // A call that has paid for itself, and not for what the host charges, waits there.
    return run.fuelUsed > start && run.wholeState().picture.execution?.top.kind !== "host";
  };
  for (; !(await moves(high)); high *= 2) {
    if (high > MOST_CHARGED)
      throw new ProofError(`a call of the host's that costs more than ${MOST_CHARGED} has no proof`);
    low = high;
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    run.restore(kept);
    if (await moves(middle)) high = middle;
    else low = middle;
  }
  run.restore(kept);
  await moves(high);
}

const BLOCK_BYTES = 1024;

/** What differs in memories of the same length, block by block. */
function writesBetween(before: WholeState, after: WholeState, sha256: Sha256 | undefined): ShownAnswer["writes"] {
  const [from, to] = [before, after].map(({ picture, host = {} }) => {
    const hasher = new StateHasher({ sha256 });
    hasher.parts(picture, host);
    return hasher;
  }) as [StateHasher, StateHasher];
  return after.picture.memories.flatMap(({ byteLength }, memory) => {
    if (before.picture.memories[memory]?.byteLength !== byteLength) return [];
    const [a, b] = [from.tree(`memory ${memory}`), to.tree(`memory ${memory}`)];
    const writes: ShownAnswer["writes"][number][] = [];
    for (let number = 0; number * BLOCK_BYTES < byteLength; number++) {
      const [old, now] = [a.block(number), b.block(number)];
      const first = now.findIndex((byte, i) => byte !== old[i]);
      if (first < 0) continue;
      let end = now.length;
      while (now[end - 1] === old[end - 1]) end--;
      writes.push({ memory, at: number * BLOCK_BYTES + first, bytes: toHex(now.subarray(first, end)) });
    }
    return writes;
  });
}
