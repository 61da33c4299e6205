// The proof of a step of a run, by its fuel.
import { UsageError } from "../runtime/errors.js";
import type { StepProof } from "./check-step/index.js";
import type { ModuleRun } from "./module-run.js";
import { Prover } from "./prove.js";
import type { HostCall } from "./receipt.js";
import type { StateHasher } from "./state-hash.js";

export interface ProveOptions {
  /** All calls of the run, as its receipt has them. */
  readonly calls: readonly HostCall[];
  /** For steps one behind the other: what has not changed is not hashed again. */
  readonly hasher?: StateHasher;
}

/**
 * Proves the step that a run makes with the first unit of fuel beyond `fuel` that it uses. The run stands behind it then.
 * @param run at that fuel, or before
 * @throws UsageError if the run is over by then; ProofError if the step has no proof
 */
export async function proveStepAt(run: ModuleRun, fuel: number, options: ProveOptions): Promise<StepProof> {
  await run.runTo(fuel);
  const { underWay } = run;
  if (underWay === null) throw new UsageError(`the run is over before ${fuel} fuel: it has used ${run.fuelUsed}`);
  const before = { picture: run.picture(), host: run.hostState() };
  const earlier = run.fuelUsed - underWay.fuelUsed;
  const { calls, hasher } = options;
  const { sha256 } = run.options;
  const prover = new Prover(before, { sha256, ...(hasher === undefined ? {} : { hasher }) }, { calls, earlier });
  await run.runTo(run.fuelUsed + prover.price);
  const { outcome, hostCalled } = prover.stepped;
  if (outcome.kind === "running") return prover.prove({ picture: run.picture(), host: run.hostState() });
  // Where an execution ends, the host is told, and the run's next one may begin: that is not the step's.
  const picture = { ...run.picture(), execution: null };
  return prover.prove({ picture, host: hostCalled ? run.hostState() : before.host });
}
