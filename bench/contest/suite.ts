// A suite: cases, who runs them, and how they are timed.
import type { Case } from "./cases.js";
import type { CommandOptions, Entrant } from "./roster.js";
import type { Ratio } from "./statistics.js";

export interface Suite {
  readonly name: string;
  readonly title: string;
  /** Its name; what the others' ratios are to. */
  readonly reference: string;
  readonly entrants: readonly Entrant[];
  readonly cases: readonly Case[];
  /**
   * steady: a process for all cases, warm, in rounds. fresh: a process for each case and round, and the first run in it;
   * and one more for all cases in a row.
   */
  readonly timing: "steady" | "fresh";
  /** How an entrant's process is started, where not plainly. */
  readonly options?: (entrant: Entrant) => CommandOptions;
  readonly notes?: readonly string[];
}

export interface Row {
  readonly case: string;
  readonly engine: string;
  /** Milliseconds: the first run of all, the median and the shortest of all rounds. */
  readonly first: number | null;
  readonly median: number | null;
  readonly minimum: number | null;
  readonly rounds: number;
  /** To the suite's reference, of the same rounds. */
  readonly ratio: Ratio | null;
  /** Of the contestant's process when all cases were done. */
  readonly peakMebibytes: number | null;
  /** Why there are no numbers. */
  readonly note: string;
}

export interface SuiteResult {
  readonly suite: string;
  readonly title: string;
  readonly reference: string;
  readonly notes: readonly string[];
  readonly stamp: Stamp;
  /** By engine. */
  readonly versions: Readonly<Record<string, string>>;
  readonly rows: readonly Row[];
}

export interface Stamp {
  readonly date: string;
  readonly commit: string;
  readonly machine: string;
  readonly node: string;
  /** What else ran, as the load of the last minute when the suite began. */
  readonly load: number;
  readonly effort: string;
}

export const MEAN = "geometric mean";
export const IN_A_ROW = "all in a row";
export const BOOT = "boot";
