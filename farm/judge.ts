// Where the receipt of one who says otherwise parts from that of those who agree: the first checkpoint that differs, and
// whether this engine gets to the state that the others have there. Then the odd one is asked for states in that part, by
// bisection down to one instruction, what it changed and what it should have. Who gives no answer, or does not do again
// what it did, is left with the part, and what the program was about to do at its beginning.
import {
  canonicalJson,
  dispute,
  type Finding,
  firstDifference,
  firstDifferingCheckpoint,
  isReceipt,
  placeText,
  type Receipt,
  type RunParty,
  standing,
} from "../proof/index.js";
import { EscapementError, type Module } from "../runtime/index.js";
import type { Ask } from "./asks.js";
import type { Dissent, Outcome } from "./outcome.js";
import { askedParty, NoAnswer, type OwnParty, partyOf, type Runner } from "./party.js";
import type { JudgeTask } from "./tasks.js";

type Part = { readonly before: number; readonly after: number };

/** @param ask asks the one who says otherwise */
export async function judge(task: JudgeTask, ask: Ask): Promise<Dissent> {
  const { agreed, other, worker, run, blobs } = task;
  const [a, b] = [agreed.receipt, other.receipt];
  const nothing: Dissent = {
    ...{ worker, where: whereOf(agreed, other), part: null },
    ...{ at: null, instruction: null, stack: [], python: [], differences: [], judgedRight: null },
  };
  if (a === null || !isReceipt(b)) return nothing;
  const part = firstDifferingCheckpoint(a.checkpoints, b.checkpoints);
  if (part === null) return nothing;
  const own = await partyOf(run, blobs, a);
  const judgedRight = await isRight(own.party, a, part);
  const found = judgedRight ? await findingOf(own, part, task, b, ask) : null;
  const place = await standingAt(own.party, own.module, found?.fuel ?? part.before);
  return { ...nothing, part, ...place, ...(found === null ? {} : shown(found)), judgedRight };
}

async function findingOf(
  { party, module }: OwnParty,
  { before, after }: Part,
  { run }: JudgeTask,
  receipt: Receipt,
  ask: Ask,
): Promise<Finding | null> {
  const other = askedParty(ask, run, receipt);
  try {
    // It has to begin where it said that it did.
    if ((await other.stateAt(before)) !== (await party.stateAt(before))) return null;
    return await dispute(module.decoded, party, other, before, after);
  } catch (error) {
    if (error instanceof NoAnswer || error instanceof EscapementError) return null;
    throw error;
  }
}

function shown({ fuel, differences }: Finding): Pick<Dissent, "at" | "differences"> {
  return { at: fuel, differences: differences.map(({ what, a, b }) => ({ what, agreed: a, other: b })) };
}

/** What differs first: in the receipts, or in what is beside them. */
function whereOf(agreed: Outcome, other: Outcome): string {
  const { receipt: a, ...left } = agreed;
  const { receipt: b, ...right } = other;
  if (isReceipt(a) && isReceipt(b)) {
    const difference = firstDifference(a, b);
    if (difference !== null) return `receipt.${difference.path.join(".")}`;
  } else if (canonicalJson(a) !== canonicalJson(b)) return "receipt";
  const names = Object.keys(left) as (keyof typeof left)[];
  return names.find((name) => canonicalJson(left[name]) !== canonicalJson(right[name])) ?? "nothing";
}

async function standingAt(
  party: RunParty<Runner>,
  module: Module,
  fuel: number,
): Promise<Pick<Dissent, "instruction" | "stack" | "python">> {
  const { place, instruction, stack } = standing(module.decoded, await party.pictureAt(fuel));
  const frames = (await (await party.runTo(fuel)).where?.()) ?? [];
  return {
    instruction,
    stack: place === null ? [] : [place, ...stack].map(placeText),
    python: frames.map(({ file, line, function: name }) => `${file}, line ${line}, in ${name}`),
  };
}

async function isRight(party: RunParty<Runner>, { checkpoints }: Receipt, { after }: Part): Promise<boolean> {
  return (await party.stateAt(after)) === checkpoints.states[after / checkpoints.interval - 1];
}
