// The Python sandbox: what its sessions cost, against V8 with the package's own glue where that can do the same.
import { ROOT } from "./engines.js";
import { type Effort, median } from "./measure.js";
import { node } from "./processes.js";
import type { Mark, Section } from "./report.js";
import type { Footprint, Samples } from "./sandbox-child.js";

const CHILD = `${ROOT}dist/bench/sandbox-child.js`;
const CONTESTANTS = ["ours", "V8"] as const;
type Contestant = (typeof CONTESTANTS)[number];

/** Host calls in a timed run. */
const CALLS = 1000;

function child<T>(task: string, name: Contestant, args: readonly number[]): T {
  return JSON.parse(node(["--expose-gc", CHILD, task, name, ...args.map(String)])) as T;
}

/** The samples of several fresh processes each, in turns. */
function sample(task: string, processes: number, ...args: number[]): Record<Contestant, Samples> {
  const all: Record<Contestant, Samples> = { ours: {}, V8: {} };
  for (let i = 0; i < processes; i++) {
    for (const name of CONTESTANTS) {
      const own = all[name];
      for (const [operation, samples] of Object.entries(child<Samples>(task, name, args)))
        own[operation] = [...(own[operation] ?? []), ...samples];
    }
  }
  return all;
}

const best = (samples: readonly number[]): number => Math.min(...samples);

/** Row name by operation, in the order of the table. */
const ROWS: Readonly<Record<string, string>> = {
  first: "first create, from before the import",
  alone: "first create alone, after the import",
  printed: "first create and print(1), from before the import",
  second: "second create",
  later: "later create",
  laterPrinted: "later create and print(1)",
  createWithFunctions: "later create with functions",
  createWithFunctionsRun: "later create with functions, and 1 + 1",
  oneLiner: "run 1 + 1",
  print: "run print(1)",
  calls: `run of ${CALLS} host calls`,
  asyncCalls: `run of ${CALLS} asynchronous host calls`,
  snapshot: "snapshot",
  restore: "restore",
  restoreRun: "restore, and 1 + 1",
  fork: "fork",
  forkRun: "fork, and 1 + 1",
  rewind: "rewind",
  rewindRun: "rewind, and 1 + 1",
  resume: "resume of a paused run for 1000 fuel",
  snapshotKiB: "snapshot of an idle session, KiB",
  pausedSnapshotKiB: "snapshot of a paused session, KiB",
};

export function sandboxSection(effort: Effort): Section {
  const fewer = Math.ceil(effort.processes / 5);
  const measured = [
    sample("first", effort.processes),
    sample("later", fewer, effort.rounds),
    sample("session", fewer, effort.rounds, CALLS),
  ];
  const ours: Samples = Object.assign({}, ...measured.map((samples) => samples.ours));
  const v8: Samples = Object.assign({}, ...measured.map((samples) => samples.V8));
  const ratio = (operation: string, reference = operation) => best(ours[operation]!) / best(v8[reference]!);
  const perSecond = (samples: Samples, operation: string, of: typeof best) => {
    const times = samples[operation];
    return times === undefined ? null : CALLS / of(times);
  };
  const rates = (["calls", "asyncCalls"] as const).map((operation) => {
    const [own, host] = [perSecond(ours, operation, best)!, perSecond(v8, operation, best)];
    return [
      `${operation === "calls" ? "" : "asynchronous "}host calls, thousand per second`,
      own,
      perSecond(ours, operation, median),
      host,
      perSecond(v8, operation, median),
      host === null ? null : own / host,
    ];
  });
  const marks: Mark[] = [
    { what: "first create / V8's first boot, at most", limit: 2, measured: ratio("alone"), unit: "x" },
    { what: "the same with the import of either package, at most", limit: 2, measured: ratio("first"), unit: "x" },
    { what: "later create / V8's first boot, at most", limit: 0.2, measured: ratio("later", "first"), unit: "x" },
    { what: "later create / V8's later boot, at most", limit: 0.2, measured: ratio("later"), unit: "x" },
  ];
  return {
    name: "sandbox",
    title: "Python sandboxes, against MicroPython on V8 with the package's glue",
    columns: ["ms", "best", "median", "V8 best", "V8 median", "best/V8"],
    rows: [
      ...Object.entries(ROWS).map(([operation, title]) => {
        const [own, host] = [ours[operation]!, v8[operation]];
        const reference = host === undefined ? [null, null, null] : [best(host), median(host), ratio(operation)];
        return [title, best(own), median(own), ...reference];
      }),
      ...rates,
    ],
    marks,
    detail: { ours, v8 },
  };
}

const COUNTS: Readonly<Record<Contestant, readonly number[]>> = { ours: [1, 100, 1000], V8: [1, 100] };

/** Memory of idle sessions, in fresh processes with a garbage collection before each look. */
export function sessionsSection(effort: Effort): Section {
  const processes = Math.ceil(effort.processes / 5);
  const looks = CONTESTANTS.map((): Footprint[][] => []);
  for (let i = 0; i < processes; i++) {
    for (const [at, name] of CONTESTANTS.entries()) looks[at]!.push(child("idle", name, COUNTS[name]));
  }
  const rows: Section["rows"][number][] = [];
  const marks: Mark[] = [];
  for (const [at, name] of CONTESTANTS.entries()) {
    for (const [i, sessions] of COUNTS[name].entries()) {
      const typical = (figure: (own: Footprint, one: Footprint) => number) =>
        median(looks[at]!.map((look) => figure(look[i]!, look[0]!)));
      const each = (key: "rss" | "rssAgain" | "arrayBuffers" | "external" | "heap") =>
        sessions === 1 ? null : typical((own, one) => (own[key] - one[key]) / (sessions - 1));
      rows.push([
        `${name}, ${sessions}`,
        typical(({ rss }) => rss),
        typical(({ peak }) => peak),
        each("rss"),
        each("arrayBuffers"),
        each("external"),
        each("heap"),
        each("rssAgain"),
        ...(sessions === 1
          ? [null, null]
          : [typical(({ createAndRun }) => createAndRun), typical(({ runAgain }) => runAgain)]),
      ]);
      if (name === "ours" && sessions === 1000) {
        const what = "each of 1,000 idle sessions beyond the first, at most";
        const measured = Math.max(each("rss")!, each("rssAgain")!);
        marks.push({ what, limit: 1.5, measured, unit: " MiB" });
      }
    }
  }
  return {
    name: "sessions",
    title: "Memory of idle sessions, each of which has run a small program",
    columns: [
      "sessions, MiB",
      "RSS",
      "peak RSS",
      "RSS each",
      "buffers each",
      "external each",
      "JS heap each",
      "RSS each, run again",
      "create and program, ms",
      "1 + 1 when idle, ms",
    ],
    rows,
    marks,
    detail: Object.fromEntries(CONTESTANTS.map((name, at) => [name, looks[at]])),
    notes: ["each: (with n sessions - with one) / (n - 1), after garbage collections"],
  };
}
