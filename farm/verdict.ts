// What several workers that ran the same run agree on.
import { nodeSha256 } from "../cli/wasi/index.js";
import { hashOfData } from "../proof/index.js";
import type { PartReport } from "./books.js";
import type { Outcome } from "./outcome.js";

export interface Verdict {
  /** What those who agree say; undefined if too few do. */
  readonly agreed: Outcome | undefined;
  /** Why there is nothing agreed. */
  readonly reason: string;
  /** Who agrees; of a dispute all, in the order of their names. */
  readonly workers: readonly string[];
  /** Who says otherwise. */
  readonly others: readonly PartReport[];
}

/**
 * Outcomes are the same if they are the same bytes, receipts included: receipts of one run are, on every machine.
 * @param agree how many have to say the same: more than half
 */
export function verdictOf(reports: readonly PartReport[], agree: number): Verdict {
  const groups = new Map<string, PartReport[]>();
  for (const report of reports) {
    const digest = hashOfData(report.outcome, nodeSha256);
    groups.set(digest, [...(groups.get(digest) ?? []), report]);
  }
  const [largest = []] = [...groups.values()].sort((a, b) => b.length - a.length);
  const names = (of: readonly PartReport[]) => of.map(({ worker }) => worker).sort();
  if (largest.length < agree) {
    const sizes = [...groups.values()].map((group) => names(group).join(" and ")).sort();
    const reason = `${agree} of ${reports.length} workers had to agree; what they say differs: ${sizes.join("; ")}`;
    return { agreed: undefined, reason, workers: names(reports), others: [] };
  }
  const others = reports.filter((report) => !largest.includes(report));
  return { agreed: largest[0]!.outcome, reason: "", workers: names(largest), others };
}
