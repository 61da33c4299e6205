// Runs a suite: starts the contestants, has them take turns, and makes rows of what they measured. What fails of one of
// them is a row that says so.
import { median } from "simple-statistics";
import type { Case } from "./cases.js";
import { Contestant } from "./contestant.js";
import type { Request } from "./protocol.js";
import type { Entrant } from "./roster.js";
import { meanRatio, pairedRatio } from "./statistics.js";
import { BOOT, IN_A_ROW, MEAN, type Row, type Suite } from "./suite.js";

export interface ContestEffort {
  readonly rounds: number;
  /** A turn lasts so long, one run at least. */
  readonly turnMs: number;
  /** Before the rounds, for each contestant and case. */
  readonly warmUpMs: number;
  /** What a contestant gets for all its rounds of a case: one that is slow has fewer of them. */
  readonly budgetMs: number;
  /** Fresh processes for each contestant and case. */
  readonly processes: number;
}

export const CONTEST_FULL: ContestEffort = { rounds: 30, turnMs: 20, warmUpMs: 1500, budgetMs: 6000, processes: 11 };
export const CONTEST_QUICK: ContestEffort = { rounds: 7, turnMs: 10, warmUpMs: 500, budgetMs: 1500, processes: 5 };

/** How the note of a wrong result begins. */
export const DIFFERS = "gives";

/** Fewer say nothing. */
const LEAST_ROUNDS = 3;
/** The slowest engine's slowest case takes half of it on a busy machine. */
const PATIENCE_MS = 180_000;

export type Progress = (what: string) => void;

interface Samples {
  first: number | null;
  /** By round; the median of a turn. */
  readonly rounds: number[];
  minimum: number;
  note: string;
}

const noSamples = (note: string): Samples => ({ first: null, rounds: [], minimum: Number.POSITIVE_INFINITY, note });

/** A contestant in a suite: its process, or why there is none. */
interface Player {
  readonly entrant: Entrant;
  process: Contestant | null;
  version: string;
  absent: string;
  /** What it has loaded. */
  readonly loaded: Set<string>;
  readonly samples: Map<string, Samples>;
  peak: number | null;
}

const message = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, 200);

async function start(suite: Suite, entrant: Entrant): Promise<Contestant> {
  const command = entrant.command(suite.options?.(entrant) ?? { nodeFlags: [] });
  return Contestant.start(entrant.name, command, PATIENCE_MS);
}

const setup = ({ work }: Case): Request => ("file" in work ? { do: "load", file: work.file } : { do: "python" });

function request({ work }: Case, forMs: number): Request {
  if ("source" in work) return { do: "run", source: work.source, forMs };
  return { do: "call", name: work.call, arg: work.arg, times: work.times ?? 1, forMs };
}

async function ask(player: Player, one: Case, forMs: number): Promise<readonly number[]> {
  const { ms, result } = await player.process!.ask(request(one, forMs), PATIENCE_MS);
  // Floats are printed by each language in its own way.
  const numbers = "file" in one.work && Number(result) === Number(one.expected);
  if (result !== one.expected && !numbers)
    throw new Error(`${DIFFERS} ${JSON.stringify(result)}, not ${JSON.stringify(one.expected)}`);
  return ms;
}

/** Times of the set-up, if there was any to do. */
async function prepare(player: Player, one: Case): Promise<number> {
  const what = setup(one);
  const key = JSON.stringify(what);
  if (player.loaded.has(key)) return 0;
  // A process has one module at a time.
  player.loaded.clear();
  const { ms } = await player.process!.ask(what, PATIENCE_MS);
  player.loaded.add(key);
  return ms[0]!;
}

export interface Played {
  readonly rows: Row[];
  readonly versions: Record<string, string>;
}

export async function play(suite: Suite, effort: ContestEffort, progress: Progress): Promise<Played> {
  const players = suite.entrants.map((entrant): Player => {
    return { entrant, process: null, version: "", absent: "", loaded: new Set(), samples: new Map(), peak: null };
  });
  try {
    const names = await (suite.timing === "steady" ? steady : fresh)(suite, players, effort, progress);
    const versions = players
      .filter(({ version }) => version !== "")
      .map(({ entrant, version }) => [entrant.name, version]);
    return { rows: rowsOf(suite, players, names), versions: Object.fromEntries(versions) as Record<string, string> };
  } finally {
    for (const { process } of players) process?.close();
  }
}

async function begin(suite: Suite, player: Player): Promise<boolean> {
  try {
    player.process = await start(suite, player.entrant);
    player.version = player.process.version;
    return true;
  } catch (error) {
    player.absent = message(error);
    return false;
  }
}

const takesPart = ({ entrant }: Player, one: Case): boolean =>
  entrant.runs.includes("file" in one.work ? "modules" : "python");

/** The names of the cases, in their order. */
async function steady(
  suite: Suite,
  players: readonly Player[],
  effort: ContestEffort,
  progress: Progress,
): Promise<string[]> {
  for (const player of players) {
    progress(`${suite.name}: ${player.entrant.name} starts`);
    await begin(suite, player);
  }
  for (const one of suite.cases) {
    const running: { player: Player; samples: Samples; rounds: number }[] = [];
    for (const player of players.filter((candidate) => candidate.process !== null && takesPart(candidate, one))) {
      progress(`${suite.name}: ${one.name}, ${player.entrant.name}`);
      const samples = noSamples("");
      player.samples.set(one.name, samples);
      try {
        await prepare(player, one);
        const [first] = await ask(player, one, 0);
        samples.first = first!;
        const warm = await ask(player, one, effort.warmUpMs);
        const turn = Math.max(effort.turnMs, warm.at(-1)!);
        const rounds = Math.max(LEAST_ROUNDS, Math.min(effort.rounds, Math.floor(effort.budgetMs / turn)));
        running.push({ player, samples, rounds });
      } catch (error) {
        samples.note = message(error);
        await revive(suite, player);
      }
    }
    for (let round = 0; round < effort.rounds; round++) {
      progress(`${suite.name}: ${one.name}, round ${round + 1} of ${effort.rounds}`);
      // Each round another one begins.
      const turn = running.map((_, i) => running[(i + round) % running.length]!).filter(({ rounds }) => round < rounds);
      for (const entry of turn) {
        if (entry.samples.note !== "") continue;
        try {
          const ms = await ask(entry.player, one, effort.turnMs);
          entry.samples.rounds.push(median([...ms]));
          entry.samples.minimum = Math.min(entry.samples.minimum, ...ms);
        } catch (error) {
          entry.samples.note = message(error);
          await revive(suite, entry.player);
        }
      }
    }
  }
  for (const player of players) player.peak = player.process?.peakMebibytes() ?? null;
  return suite.cases.map(({ name }) => name);
}

/** A contestant that failed a case may run the others, in a process that knows nothing of it. */
async function revive(suite: Suite, player: Player): Promise<void> {
  player.process?.close();
  player.process = null;
  player.loaded.clear();
  await begin(suite, player);
}

async function fresh(
  suite: Suite,
  players: readonly Player[],
  effort: ContestEffort,
  progress: Progress,
): Promise<string[]> {
  const names = [BOOT, ...suite.cases.map(({ name }) => name), ...(suite.cases.length > 1 ? [IN_A_ROW] : [])];
  for (let round = 0; round < effort.processes; round++) {
    for (const name of names.slice(1)) {
      const cases = name === IN_A_ROW ? suite.cases : suite.cases.filter((one) => one.name === name);
      for (const [i] of players.entries()) {
        const player = players[(i + round) % players.length]!;
        if (player.absent !== "") continue;
        progress(`${suite.name}: ${name}, ${player.entrant.name}, process ${round + 1} of ${effort.processes}`);
        await freshRun(suite, player, name, cases);
      }
    }
  }
  return names;
}

async function freshRun(suite: Suite, player: Player, name: string, cases: readonly Case[]): Promise<void> {
  const record = (what: string, ms: number): void => {
    const samples = player.samples.get(what) ?? noSamples("");
    player.samples.set(what, samples);
    samples.first ??= ms;
    samples.rounds.push(ms);
    samples.minimum = Math.min(samples.minimum, ms);
  };
  if (player.samples.get(name)?.note) return;
  if (!(await begin(suite, player))) return;
  try {
    record(BOOT, await prepare(player, cases[0]!));
    let sum = 0;
    for (const one of cases) sum += (await ask(player, one, 0))[0]!;
    record(name, sum);
    player.peak = Math.max(player.peak ?? 0, player.process!.peakMebibytes() ?? 0) || null;
  } catch (error) {
    player.samples.set(name, noSamples(message(error)));
  } finally {
    player.process?.close();
    player.process = null;
    player.loaded.clear();
  }
}

function rowsOf(suite: Suite, players: readonly Player[], names: readonly string[]): Row[] {
  const reference = players.find(({ entrant }) => entrant.name === suite.reference);
  const roundsOf = (player: Player | undefined, name: string) => player?.samples.get(name)?.rounds ?? [];
  const rows: Row[] = [];
  const blank = { first: null, median: null, minimum: null, rounds: 0, ratio: null, peakMebibytes: null, note: "" };
  for (const name of names) {
    for (const player of players) {
      const { entrant, absent, peak, samples } = player;
      const own = samples.get(name);
      if (own === undefined && absent === "") continue;
      const { rounds = [], first = null, note = absent } = own ?? {};
      rows.push({
        ...blank,
        case: name,
        engine: entrant.name,
        first,
        median: rounds.length === 0 ? null : median([...rounds]),
        minimum: rounds.length === 0 ? null : own!.minimum,
        rounds: rounds.length,
        ratio: pairedRatio(rounds, roundsOf(reference, name)),
        peakMebibytes: peak,
        note,
      });
    }
  }
  const averaged = names.filter((name) => name !== BOOT && name !== IN_A_ROW);
  for (const player of averaged.length > 1 ? players : []) {
    const pairs = averaged.map((name) => [roundsOf(player, name), roundsOf(reference, name)] as const);
    const ratio = meanRatio(pairs);
    if (ratio !== null)
      rows.push({ ...blank, case: MEAN, engine: player.entrant.name, ratio, peakMebibytes: player.peak });
  }
  return rows;
}
