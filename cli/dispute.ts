// `escapement dispute A B --code FILE`: where two receipts of one run part, and which of them this engine gets to.
import {
  canonicalJson,
  firstDifference,
  firstDifferingCheckpoint,
  placeText,
  type Receipt,
  RunParty,
  standing,
  stateDifferences,
} from "../proof/index.js";
import { EscapementError } from "../runtime/index.js";
import { readBytes } from "./files.js";
import { snapshotPath } from "./receipt.js";
import { printable, STATUS, UsageFailure } from "./report.js";
import { digest, inputOf, isPython, moduleOf, readReceipt, runOf } from "./verify.js";

export interface DisputeFlags {
  readonly code: string;
  readonly wasm?: string;
  readonly snapshotsA?: string;
  readonly snapshotsB?: string;
}

/** What two receipts of one run have in common. */
const SAME_RUN = new Set(["format", "artifact", "program", "code", "schedule", "limits", "inputs"]);

/** @returns the exit status: 0 if the receipts say the same, 1 if they do not */
export async function disputeReceipts(paths: readonly [string, string], flags: DisputeFlags): Promise<number> {
  const [a, b] = [readReceipt(paths[0]), readReceipt(paths[1])];
  const difference = firstDifference(a, b);
  if (difference === null) {
    tell("the receipts say the same");
    return STATUS.done;
  }
  const where = difference.path.join(".");
  if (SAME_RUN.has(String(difference.path[0])))
    throw new UsageFailure(
      `the receipts are of different runs: ${where} is ${told(difference.a)} and ${told(difference.b)}`,
    );
  if (isPython(a)) {
    const { disputePython } = await import("./python-dispute.js");
    await disputePython(paths, [a, b], flags);
    return STATUS.guestFailed;
  }
  const found = digest(readBytes(flags.code));
  if (found !== a.artifact)
    throw new UsageFailure(`the receipts are of another module than ${flags.code}, which has the SHA-256 ${found}`);
  const part = firstDifferingCheckpoint(a.checkpoints, b.checkpoints);
  if (part === null) tell(`no checkpoint of both differs; ${where} is ${told(difference.a)} and ${told(difference.b)}`);
  else await tellPart(paths, [a, b], flags, part);
  return STATUS.guestFailed;
}

async function tellPart(
  paths: readonly [string, string],
  receipts: readonly [Receipt, Receipt],
  flags: DisputeFlags,
  { before, after }: { readonly before: number; readonly after: number },
): Promise<void> {
  const { code } = flags;
  tell(`they agree at ${before} fuel, and not at ${after}`);
  const stdin = await inputOf(receipts[0]);
  const module = moduleOf(receipts[0], code);
  const party = new RunParty(() => runOf(receipts[0], module, stdin));
  const { place, instruction, stack } = standing(module.decoded, await party.pictureAt(before));
  if (place !== null) {
    tell(`at ${before} fuel the next instruction is ${instruction ?? "unknown"}, ${placeText(place)}`);
    for (const caller of stack) tell(`  called by ${placeText(caller)}`);
  }
  const state = await party.stateAt(after);
  const picture = await party.pictureAt(after);
  for (const [i, { checkpoints }] of receipts.entries()) {
    if (checkpoints.states[after / checkpoints.interval - 1] === state) {
      tell(`${paths[i]}: this engine gets there, too`);
      continue;
    }
    tell(`${paths[i]}: not true: this engine has another state at ${after} fuel`);
    const directory = i === 0 ? flags.snapshotsA : flags.snapshotsB;
    if (directory === undefined) continue;
    const claimed = runOf(receipts[i]!, module, stdin);
    try {
      claimed.restore(readBytes(snapshotPath(directory, after)));
    } catch (error) {
      if (!(error instanceof EscapementError)) throw error;
      tell(`  its snapshot there is none: ${error.message}`);
      continue;
    }
    if (claimed.stateHash() !== checkpoints.states[after / checkpoints.interval - 1])
      tell("  its snapshot there is not the state that it claims");
    for (const { what, a, b } of stateDifferences(picture, claimed.picture())) tell(`  ${what}: ${b} in place of ${a}`);
  }
}

export function told(value: unknown): string {
  return value === undefined ? "missing" : canonicalJson(value);
}

export function tell(line: string): void {
  process.stdout.write(`${printable(line)}\n`);
}
