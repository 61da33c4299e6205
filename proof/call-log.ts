// The log of a run's host calls as a Merkle tree, so that a proof can show that a call is in it.
import { hex, sha256 as portable, type Sha256 } from "../runtime/sha256.js";
import { leafHash, nodeHash } from "./check-step/host.js";
import type { ShownHostCall, ShownLogEntry } from "./check-step/proof.js";
import type { State } from "./check-step/state.js";
import type { HostCall } from "./receipt.js";

/** The calls of a run, and fuel of its executions before the one that is stepped. */
export interface CallsOfRun {
  readonly calls: readonly HostCall[];
  readonly earlier: number;
}

/** Levels of the log's tree, the leaves first. */
function logLevels(calls: readonly object[], sha256: Sha256): Uint8Array[][] {
  const levels = [calls.map((call) => leafHash(call, sha256))];
  while (levels.at(-1)!.length > 1) {
    const below = levels.at(-1)!;
    const above: Uint8Array[] = [];
    for (let i = 0; i < below.length; i += 2)
      above.push(i + 1 < below.length ? nodeHash(below[i]!, below[i + 1]!, sha256) : below[i]!);
    levels.push(above);
  }
  return levels;
}

/** The root of a receipt's log of calls, as proofs name it; of no calls, 64 zeros. */
export function callsRoot(calls: readonly HostCall[], sha256: Sha256 = portable): string {
  return calls.length === 0 ? "0".repeat(64) : hex(logLevels(calls, sha256).at(-1)![0]!);
}

/** The next call of the log behind the state's fuel. */
export function shownCall(state: State, { calls, earlier }: CallsOfRun, sha256: Sha256): ShownHostCall | null {
  const fuel = earlier + state.thread.fuel;
  const index = calls.findIndex((call) => call.fuel >= fuel);
  return index < 0 ? null : { ...entryOf({ calls, earlier }, index, sha256), effects: [] };
}

/** A call of a log, of whatever kind. */
export interface LoggedCall {
  readonly fuel: number;
  readonly name: unknown;
}

/** The call of a log that was made when the execution had used more than `from` and no more than `to`; null if none was. */
export function loggedCall<Call extends LoggedCall>(
  log: { readonly calls: readonly Call[]; readonly earlier: number },
  from: number,
  to: number,
  sha256: Sha256,
): ShownLogEntry<Call> | null {
  const index = log.calls.findIndex(({ fuel }) => fuel > log.earlier + from && fuel <= log.earlier + to);
  return index < 0 ? null : entryOf(log, index, sha256);
}

function entryOf<Call extends object>(
  { calls, earlier }: { readonly calls: readonly Call[]; readonly earlier: number },
  index: number,
  sha256: Sha256,
): ShownLogEntry<Call> {
  const levels = logLevels(calls, sha256);
  const path: string[] = [];
  for (let level = 0, at = index; level < levels.length - 1; level++, at >>= 1) {
    const beside = levels[level]![at ^ 1];
    if (beside !== undefined) path.push(hex(beside));
  }
  return { call: calls[index]!, index, count: calls.length, root: hex(levels.at(-1)![0]!), path, earlier };
}
