// Where the receipt of one who says otherwise parts from that of those who agree: the first checkpoint that differs, what
// the program was about to do there, and whether this engine gets to the state that the others have.
import { replayPythonReceipt } from "../micropython-wasm/index.js";
import {
  canonicalJson,
  firstDifference,
  firstDifferingCheckpoint,
  isReceipt,
  placeText,
  type Receipt,
  type ReplayableRun,
  RunParty,
  standing,
} from "../proof/index.js";
import type { Module } from "../runtime/index.js";
import type { Dissent, Outcome } from "./outcome.js";
import { moduleRun } from "./run-module.js";
import { contentOf, contentsOf } from "./run-python.js";
import type { JudgeTask } from "./tasks.js";

type Part = { readonly before: number; readonly after: number };

export async function judge(task: JudgeTask): Promise<Dissent> {
  const { agreed, other, worker } = task;
  const [a, b] = [agreed.receipt, other.receipt];
  const nothing: Dissent = {
    ...{ worker, where: whereOf(agreed, other), part: null },
    ...{ instruction: null, stack: [], python: [], judgedRight: null },
  };
  if (a === null || !isReceipt(b)) return nothing;
  const part = firstDifferingCheckpoint(a.checkpoints, b.checkpoints);
  if (part === null) return nothing;
  const { party, module } = await partyOf(task, a);
  return { ...nothing, part, ...(await standingAt(party, module, part)), judgedRight: await isRight(party, a, part) };
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

type Runner = ReplayableRun & { where?(): Promise<readonly { file: string; line: number; function: string }[]> };

/** The run of a receipt, on this engine. */
async function partyOf(
  { run, blobs }: JudgeTask,
  receipt: Receipt,
): Promise<{ party: RunParty<Runner>; module: Module }> {
  if (run.kind === "module") {
    const make = () => moduleRun(run, blobs);
    return { party: new RunParty<Runner>(make), module: make().options.module };
  }
  const given = { code: run.code, stdin: contentOf(run.stdin, blobs), files: contentsOf(run.files, blobs) };
  const make = () => replayPythonReceipt(receipt, given);
  return { party: new RunParty<Runner>(make as () => Promise<Runner>), module: (await make()).module };
}

async function standingAt(
  party: RunParty<Runner>,
  module: Module,
  { before }: Part,
): Promise<Pick<Dissent, "instruction" | "stack" | "python">> {
  const { place, instruction, stack } = standing(module.decoded, await party.pictureAt(before));
  const frames = (await (await party.runTo(before)).where?.()) ?? [];
  return {
    instruction,
    stack: place === null ? [] : [place, ...stack].map(placeText),
    python: frames.map(({ file, line, function: name }) => `${file}, line ${line}, in ${name}`),
  };
}

async function isRight(party: RunParty<Runner>, { checkpoints }: Receipt, { after }: Part): Promise<boolean> {
  return (await party.stateAt(after)) === checkpoints.states[after / checkpoints.interval - 1];
}
