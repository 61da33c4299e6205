// `dispute` on receipts of a Python program: both runs are made again, each with what its own host answered, and parted
// to the instruction.
import { isPythonReceipt, PythonReplay, type ReplayGiven, SandboxUsageError } from "../micropython-wasm/receipts.js";
import { dispute, firstDifferingCheckpoint, placeText, type Receipt, RunParty } from "../proof/index.js";
import { tell, told } from "./dispute.js";
import { givenOf } from "./python-receipt.js";
import { asUsage, UsageFailure } from "./report.js";
import { inputOf } from "./verify.js";

export async function disputePython(
  paths: readonly [string, string],
  receipts: readonly [Receipt, Receipt],
  flags: { readonly code: string; readonly wasm?: string },
): Promise<void> {
  if (!receipts.every(isPythonReceipt)) throw new UsageFailure("one receipt is of a module, the other of a program");
  const given = await givenOf(receipts[0], flags, await inputOf(receipts[0]));
  const parties = receipts.map((receipt) => partyOf(receipt, given)) as [
    RunParty<PythonReplay>,
    RunParty<PythonReplay>,
  ];
  const part = partOf(receipts);
  tell(
    `they agree at ${part.before} fuel${part.atCheckpoint ? `, and not at ${part.after}` : ", and no checkpoint differs"}`,
  );
  const isTrue = await Promise.all(
    [0, 1].map((i) => asUsage(SandboxUsageError, () => reaches(receipts[i]!, parties[i]!, part))),
  );
  for (const [i, holds] of isTrue.entries()) {
    const what = holds
      ? "this engine gets there, too, with what its host answered"
      : "not true: this engine has another state";
    tell(`${paths[i]}: ${what} at ${part.after} fuel`);
  }
  const { module } = await parties[0].runTo(0);
  const found = await dispute(module.decoded, parties[0], parties[1], part.before, part.after);
  if (found === null) {
    tell("the runs themselves do not part: what one of the receipts says of it is not what it does");
    return;
  }
  const { fuel, place, instruction, stack, differences } = found;
  tell(`they part with one unit more than ${fuel} fuel`);
  if (place !== null) tell(`  ${instruction ?? "unknown"}, ${placeText(place)}`);
  for (const caller of stack) tell(`  called by ${placeText(caller)}`);
  const frames = await (await parties[0].runTo(fuel)).where();
  for (const { file, line, function: name } of frames) tell(`  in Python: ${file}, line ${line}, in ${name}`);
  for (const { what, a, b } of differences) tell(`  ${what}: ${a} and ${b}`);
  const calls = [receipts[0].hostCalls, receipts[1].hostCalls];
  const at = calls[0]!.findIndex((call, i) => told(call) !== told(calls[1]![i]));
  if (at >= 0) tell(`  host call ${at}: ${told(calls[0]![at])} and ${told(calls[1]![at])}`);
}

function partyOf(receipt: Receipt, given: ReplayGiven): RunParty<PythonReplay> {
  return new RunParty(() => PythonReplay.begin(receipt, given, { checkpoints: false }));
}

interface Part {
  readonly before: number;
  readonly after: number;
  readonly atCheckpoint: boolean;
}

/** Where they part by their checkpoints, or behind the last that both have, up to the end. */
function partOf(receipts: readonly [Receipt, Receipt]): Part {
  const part = firstDifferingCheckpoint(receipts[0].checkpoints, receipts[1].checkpoints);
  if (part !== null) return { ...part, atCheckpoint: true };
  const last = Math.min(...receipts.map(({ checkpoints: { interval, states } }) => interval * states.length));
  return { before: last, after: Math.min(...receipts.map(({ fuel }) => fuel.limit)), atCheckpoint: false };
}

/** Whether the run gets to the state that its receipt has there. */
async function reaches(
  receipt: Receipt,
  party: RunParty<PythonReplay>,
  { after, atCheckpoint }: Part,
): Promise<boolean> {
  const { checkpoints, final } = receipt;
  const claimed = atCheckpoint ? checkpoints.states[after / checkpoints.interval - 1] : final;
  return (await party.stateAt(after)) === claimed;
}
