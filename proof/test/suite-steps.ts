// The official suite, executed step by step: at each place of its code the first steps are proved and checked.

import { nodeSha256 } from "../../cli/wasi/index.js";
import { Crash } from "../../runtime/errors.js";
import { captureStore, type Instance } from "../../runtime/index.js";
import type { Execution } from "../../runtime/interpreter/execution.js";
import type { RunResult } from "../../runtime/interpreter/thread.js";
import { createEscapementAdapter } from "../../spec-tests/adapters/escapement.js";
import type { EngineAdapter } from "../../spec-tests/index.js";
import { checkStep, ProofError, type StepProof } from "../check-step/index.js";
import { Prover } from "../prove.js";
import { StateHasher } from "../state-hash.js";

const HOST_REFS = {
  encode: (value: unknown) => new TextEncoder().encode(JSON.stringify(value)),
  decode: (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes)),
};

export interface StepCounts {
  /** Steps that were proved, by the instruction that was paid for. */
  readonly proved: Map<string, number>;
  /** Steps that ended in a trap or exception, among them. */
  ended: number;
  /** Steps without a proof, by the reason. */
  readonly refused: Map<string, number>;
  /** Places of code at which a step began. */
  places: number;
}

/** @param made all instances of a store, those among them whose active segments do not fit
 * @param perPlace how many steps that begin at one place of the code are proved */
export function createProvingAdapter(
  perPlace: number,
  made: (store: object) => readonly Instance[],
  onProof: (proof: StepProof) => void = () => {},
) {
  const counts: StepCounts = { proved: new Map(), ended: 0, refused: new Map(), places: 0 };
  const seen = new WeakMap<object, Map<number, number>>();
  let hasher: { readonly of: object; readonly hasher: StateHasher } | null = null;

  const picture = (execution: Execution | null, store: Execution["store"]) =>
    captureStore({ store: store as never, instances: made(store) }, { execution });

  function run(execution: Execution): RunResult {
    const { store, thread } = execution;
    let result = execution.run(0);
    while (result.status === "paused") {
      const { machine: m } = thread;
      let places = seen.get(m.instance.code);
      if (places === undefined) {
        places = new Map();
        seen.set(m.instance.code, places);
      }
      const count = places.get(m.pc) ?? 0;
      if (count === 0) counts.places++;
      // The call that exhausts the stack is worth another look.
      const deep = m.sp >= 2 * store.limits.frames;
      if (count >= perPlace && !deep) {
        const used = execution.fuelUsed;
        // Work in bulk costs more than one unit.
        for (let fuel = 1; result.status === "paused" && execution.fuelUsed === used; fuel *= 2)
          result = execution.run(fuel);
        continue;
      }
      places.set(m.pc, count + 1);
      if (execution.fuelLeft > 0) {
        result = execution.run(0);
        if (result.status !== "paused") break;
      }
      if (hasher?.of !== store)
        hasher = { of: store, hasher: new StateHasher({ hostRefs: HOST_REFS, sha256: nodeSha256 }) };
      const options = { hasher: hasher.hasher, hostRefs: HOST_REFS, sha256: nodeSha256 };
      let prover: Prover;
      try {
        prover = new Prover({ picture: picture(execution, store) }, options);
      } catch (error) {
        if (!(error instanceof ProofError)) throw new Crash(`proving: ${(error as Error).stack}`);
        counts.refused.set(error.message, (counts.refused.get(error.message) ?? 0) + 1);
        result = execution.run(1);
        continue;
      }
      result = execution.run(Math.max(0, prover.price - execution.fuelLeft));
      const { outcome, step } = prover.stepped;
      if ((outcome.kind === "running") !== (result.status === "paused"))
        throw new Crash(`${step.instruction}: the engine is ${result.status}, the step is ${outcome.kind}`);
      const after = picture(result.status === "paused" ? execution : null, store);
      const proof = JSON.parse(JSON.stringify(prover.prove({ picture: after }))) as StepProof;
      const checked = checkStep(proof);
      if (checked.after !== hasher.hasher.hash(after)) throw new Crash("the check has another state");
      onProof(proof);
      counts.proved.set(step.instruction, (counts.proved.get(step.instruction) ?? 0) + 1);
      if (outcome.kind === "trapped" || outcome.kind === "threw") counts.ended++;
    }
    return result;
  }

  const { hostFunction: _, ...adapter } = createEscapementAdapter("interpreter", 1, run);
  return { adapter: adapter as EngineAdapter, counts };
}
