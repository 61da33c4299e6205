// Checks the proof of one step of an execution. It shares no code with what runs programs: all that it imports is the
// table of instructions. Whoever believes this folder, SHA-256 and a state's hash believes the hash of the state behind.
import { fromHex, toHex } from "./bytes.js";
import { ProofError, refuse } from "./errors.js";
import { canonicalJson } from "./host.js";
import { rootOfParts } from "./part.js";
import { openProof, type StepProof } from "./proof.js";
import { State } from "./state.js";
import { step } from "./step.js";

export { ProofError } from "./errors.js";
export {
  type ShownHostCall,
  type ShownPart,
  STEP_PROOF_FORMAT,
  type StepOutcome,
  type StepProof,
} from "./proof.js";

/** What a proof has shown. */
export interface CheckedStep {
  /** State hashes: this step leads from the one to the other. */
  readonly before: string;
  readonly after: string;
  readonly fuel: { readonly before: number; readonly after: number };
  readonly step: StepProof["step"];
  readonly outcome: StepProof["outcome"];
  /**
   * Of a call of a host function, what the step is right *given*: that this log of calls is the run's, and that the host
   * left these parts of the state so.
   */
  readonly given: {
    readonly callsRoot: string;
    readonly index: number;
    readonly effects: readonly string[];
  } | null;
}

/**
 * Checks a proof: of anybody's, as JSON.
 * @throws ProofError if it does not show what it says, with the reason
 */
export function checkStep(value: unknown): CheckedStep {
  try {
    return check(value);
  } catch (error) {
    if (error instanceof ProofError) throw error;
    // What is shown has a root that somebody claims, and need be no state at all.
    throw new ProofError(`what is shown is no state: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function check(value: unknown): CheckedStep {
  const proof = openProof(value);
  const { state, root } = State.open(proof);
  const { fuelBefore, fuelAfter, step: place, outcome, hostCalled } = step(state, proof.host);
  // All that was read is shown, and belongs to the state before.
  const before = root();
  if (before !== proof.before) refuse(`the state before is ${before}, not ${proof.before}`);
  if (proof.host !== null && !hostCalled) refuse("the proof shows a call of the host's, and there is none");
  const effects = proof.host?.effects ?? [];
  const parts = [...state.parts.values()].map((part) => {
    const { name, byteLength } = part;
    const effect = effects.find((candidate) => candidate.name === name);
    if (effect === undefined) return { name, byteLength, root: part.rootNow() };
    return { name, byteLength: effect.byteLength, root: fromHex(effect.root, name) };
  });
  for (const { name } of effects) if (!state.parts.has(name)) refuse(`the state has no part ${name}`);
  const after = toHex(rootOfParts(parts));
  const found = { after, fuel: { before: fuelBefore, after: fuelAfter }, step: place, outcome };
  for (const name of ["after", "fuel", "step", "outcome"] as const)
    if (canonicalJson(proof[name]) !== canonicalJson(found[name]))
      refuse(`${name} is ${JSON.stringify(found[name])}, not ${JSON.stringify(proof[name])}`);
  const given =
    proof.host === null
      ? null
      : { callsRoot: proof.host.root, index: proof.host.index, effects: effects.map(({ name }) => name) };
  return { before, ...found, given };
}
