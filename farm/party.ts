// The run of a receipt, made again on this engine and asked for its states; and somebody else's, who is asked.
import { nodeSha256 } from "../cli/wasi/index.js";
import { replayPythonReceipt } from "../micropython-wasm/index.js";
import { type Party, type Receipt, type ReplayableRun, RunParty } from "../proof/index.js";
import { decodeSnapshot, encodeSnapshot, type Module } from "../runtime/index.js";
import type { Answer, Ask, Question } from "./asks.js";
import type { RunData } from "./run.js";
import { moduleRun } from "./run-module.js";
import { contentOf, contentsOf } from "./run-python.js";
import type { Blobs } from "./tasks.js";

export type Runner = ReplayableRun & {
  where?(): Promise<readonly { file: string; line: number; function: string }[]>;
};

export interface OwnParty {
  readonly party: RunParty<Runner>;
  readonly module: Module;
}

export async function partyOf(run: RunData, blobs: Blobs, receipt: Receipt): Promise<OwnParty> {
  if (run.kind === "module") {
    const make = () => moduleRun(run, blobs);
    return { party: new RunParty<Runner>(make), module: make().options.module };
  }
  const given = { code: run.code, stdin: contentOf(run.stdin, blobs), files: contentsOf(run.files, blobs) };
  const make = () => replayPythonReceipt(receipt, given);
  return { party: new RunParty<Runner>(make as () => Promise<Runner>), module: (await make()).module };
}

/** The run that was asked about last: questions come one behind the other, and each goes on from states of those before. */
let asked: { readonly key: string; readonly own: Promise<OwnParty> } | undefined;

export async function answer({ run, receipt, fuel, whole }: Question, blobs: Blobs): Promise<Answer> {
  const key = JSON.stringify([run, receipt]);
  if (asked?.key !== key) {
    const own = partyOf(run, blobs, receipt);
    asked = { key, own };
    // A run that could not be made again is tried anew when somebody asks again.
    own.catch(() => {
      if (asked?.own === own) asked = undefined;
    });
  }
  const { party } = await asked.own;
  if (!whole) return { state: await party.stateAt(fuel), snapshot: null };
  return { state: null, snapshot: encodeSnapshot(await party.pictureAt(fuel), { sha256: nodeSha256 }) };
}

/** Thrown where another party gives no answer. */
export class NoAnswer extends Error {}

/** A party that is asked. @throws NoAnswer; SnapshotError if what it gives is no state */
export function askedParty(ask: Ask, run: RunData, receipt: Receipt): Party {
  const about = { run, receipt: { ...receipt, checkpoints: { ...receipt.checkpoints, states: [] } } };
  const answerTo = async (fuel: number, whole: boolean): Promise<Answer> => {
    const given = await ask({ ...about, fuel, whole });
    if (given === undefined) throw new NoAnswer();
    return given;
  };
  return {
    stateAt: async (fuel) => {
      const { state } = await answerTo(fuel, false);
      if (state === null) throw new NoAnswer();
      return state;
    },
    pictureAt: async (fuel) => {
      const { snapshot } = await answerTo(fuel, true);
      if (snapshot === null) throw new NoAnswer();
      return decodeSnapshot(snapshot, { sha256: nodeSha256 }).picture;
    },
  };
}
