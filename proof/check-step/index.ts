// Checks the proof of one step of an execution. It shares no code with what runs programs: all that it imports is the
// table of instructions. Whoever believes this folder, SHA-256 and a state's hash believes the hash of the state behind.
import { fromHex, toHex } from "./bytes.js";
import { ProofError, refuse } from "./errors.js";
import { canonicalJson } from "./host.js";
import { rootOfParts } from "./part.js";
import { type Emscripten, openProof, type ShownAnswer, type StepProof } from "./proof.js";
import { State } from "./state.js";
import { step } from "./step.js";

export { ProofError } from "./errors.js";
export {
  type Emscripten,
  type ShownAnswer,
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
   * left these parts of the state so. Where the log is not of the module's calls, that the host has answered so and written
   * so many bytes, too; callsRoot and index are then those of the program's call, if there was one.
   */
  readonly given: {
    readonly callsRoot: string | null;
    readonly index: number | null;
    readonly answer: ShownAnswer["answer"] | null;
    readonly written: number;
    readonly effects: readonly string[];
  } | null;
  /** It is right given that imports `env.invoke_*` and longjmp are Emscripten's, with these; null if it does not need that. */
  readonly emscripten: Emscripten | null;
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
  const { fuelBefore, fuelAfter, step: place, outcome, hostCalled, usesEmscripten } = step(state, proof.host);
  // All that was read is shown, and belongs to the state before.
  const before = root();
  if (before !== proof.before) refuse(`the state before is ${before}, not ${proof.before}`);
  if (proof.host !== null && !hostCalled) refuse("the proof shows a call of the host's, and there is none");
  if (proof.emscripten !== null && !usesEmscripten)
    refuse("the proof says what Emscripten's functions are, and none is called");
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
  return { before, ...found, given: givenOf(proof.host), emscripten: proof.emscripten };
}

function givenOf(host: StepProof["host"]): CheckedStep["given"] {
  if (host === null) return null;
  const effects = host.effects.map(({ name }) => name);
  if (!("answer" in host)) return { callsRoot: host.root, index: host.index, answer: null, written: 0, effects };
  const { answer, logged, writes } = host;
  const written = writes.reduce((sum, { bytes }) => sum + bytes.length / 2, 0);
  return { callsRoot: logged?.root ?? null, index: logged?.index ?? null, answer, written, effects };
}
