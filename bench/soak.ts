// The soak: sessions, host calls, restores, forks, the pool and the MCP server, for as long as is asked. What is done
// last must take no longer than what was done first, and nothing may be left behind.
import { ROOT } from "./engines.js";
import { median } from "./measure.js";
import { node } from "./processes.js";
import type { Mark, Section } from "./report.js";
import type { Soak } from "./soak-child.js";

const CHILD = `${ROOT}dist/bench/soak-child.js`;
const WORKLOADS = ["sandboxes", "host calls", "restores", "forks", "pool", "mcp"] as const;
/** The last tenth may take this many times the first one: the machine is shared. An `await`, likewise. */
const SLOWER = 2;
/** A workload that misses a mark is done anew: what grows does so each time, and what a busy machine gave does not. */
const ATTEMPTS = 3;
/** MiB that may be held at the end beyond what was held at the beginning: code, and what the host keeps for later. */
const GROWTH = 8;

/** Medians of the first and of the last tenth. */
function tenths(values: readonly number[]): readonly [first: number, last: number] {
  const count = Math.max(1, Math.floor(values.length / 10));
  return [median(values.slice(0, count)), median(values.slice(-count))];
}

function attemptOf(name: string, seconds: number) {
  const soak = JSON.parse(node(["--expose-gc", CHILD, name, String(seconds)])) as Soak;
  const [first, last] = tenths(soak.portions);
  const [firstAwait, lastAwait] = tenths(soak.awaits);
  const marks: Mark[] = [
    { what: `${name}: last tenth against the first at most`, limit: SLOWER, measured: last / first, unit: "x" },
    { what: `${name}: an await, likewise`, limit: SLOWER, measured: lastAwait / firstAwait, unit: "x" },
    { what: `${name}: held more`, limit: GROWTH, measured: soak.heldLast - soak.heldFirst, unit: " MiB" },
  ];
  const { heldFirst, heldLast, portions } = soak;
  return { marks, row: [name, portions.length, first, last, firstAwait, lastAwait, heldFirst, heldLast] as const };
}

function isMet({ measured, limit }: Mark): boolean {
  return measured !== null && measured <= limit;
}

/** @param seconds of each workload */
export function soakSection(seconds: number): Section {
  const marks: Mark[] = [];
  const rows = WORKLOADS.map((name) => {
    let attempt = attemptOf(name, seconds);
    for (let i = 1; i < ATTEMPTS && !attempt.marks.every(isMet); i++) attempt = attemptOf(name, seconds);
    marks.push(...attempt.marks);
    return attempt.row;
  });
  return {
    name: "soak",
    title: `Soak, ${seconds} s of each`,
    columns: [
      "workload",
      "portions",
      "first tenth",
      "last tenth",
      "await first, µs",
      "await last, µs",
      "held first, MiB",
      "held last, MiB",
    ],
    rows,
    marks,
  };
}

/** What of a soak has gone wrong, a line each. */
export function soakFailures({ marks }: Section): string[] {
  return marks
    .filter((mark) => !isMet(mark))
    .map(({ what, measured, limit, unit }) => `${what} ${limit}${unit}, measured ${measured}${unit}`);
}
