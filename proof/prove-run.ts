// The proof of a step of a run, by its fuel.
import { UsageError } from "../runtime/errors.js";
import type { Sha256 } from "../runtime/sha256.js";
import type { StepProof } from "./check-step/index.js";
import { Prover, type WholeState } from "./prove.js";
import type { HostCall } from "./receipt.js";
import type { StateHasher } from "./state-hash.js";

/** A run that can be stopped at any fuel: of a module (ModuleRun), or of a Python program. */
export interface SteppedRun {
  /** Runs on until it has been granted so much fuel in all, or is over. */
  runTo(fuel: number): Promise<unknown>;
  /** Fuel that it has used. */
  readonly fuelUsed: number;
  wholeState(): WholeState;
}

export interface ProveOptions {
  /** All calls of the run that its module makes, as the receipt has them; none of a Python program's. */
  readonly calls?: readonly HostCall[];
  /** For steps one behind the other: what has not changed is not hashed again. */
  readonly hasher?: StateHasher;
  readonly sha256?: Sha256 | undefined;
}

/**
 * Proves the step that a run makes with the first unit of fuel beyond `fuel` that it uses. The run stands behind it then.
 * @param run at that fuel, or before
 * @throws UsageError if the run is over by then; ProofError if the step has no proof
 */
export async function proveStepAt(run: SteppedRun, fuel: number, options: ProveOptions = {}): Promise<StepProof> {
  await run.runTo(fuel);
  const before = run.wholeState();
  const { execution } = before.picture;
  if (execution === null) throw new UsageError(`no step is left at ${fuel} fuel: the run has used ${run.fuelUsed}`);
  const earlier = run.fuelUsed - (execution.fuelGranted - execution.fuelLeft);
  const { calls, ...hashing } = options;
  const prover = new Prover(before, hashing, calls === undefined ? null : { calls, earlier });
  await run.runTo(run.fuelUsed + prover.price);
  const { outcome, hostCalled } = prover.stepped;
  const after = run.wholeState();
  if (outcome.kind === "running") return prover.prove(after);
  // Where an execution ends, the host is told, and the run's next one may begin: that is not the step's.
  const picture = { ...after.picture, execution: null };
  return prover.prove({ picture, host: hostCalled ? (after.host ?? {}) : (before.host ?? {}) });
}
