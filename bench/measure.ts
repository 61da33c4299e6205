// Timing. The machine is shared and noisy, so what is compared is the minimum of many rounds in which
// the contestants take turns; npm `tinybench` times each once more by its own method. (npm `benchmark` has had no release
// since 2017.)
import { Bench } from "tinybench";

/** Times of one contestant, all in milliseconds. */
export interface Timing {
  /** Shortest round: what the ratios are made of. */
  readonly min: number;
  readonly median: number;
  /** The very first run, before anything was warm. */
  readonly first: number;
  /** Mean by npm `tinybench` and its relative margin of error in per cent. */
  readonly mean?: number;
  readonly margin?: number;
}

export interface Effort {
  /** Rounds in which every contestant runs once. */
  readonly rounds: number;
  /** Seconds that npm `tinybench` gets per contestant; 0 leaves it out. */
  readonly tinybenchSeconds: number;
  /** Fresh processes per contestant. */
  readonly processes: number;
}

export const FULL: Effort = { rounds: 30, tinybenchSeconds: 1, processes: 15 };
export const QUICK: Effort = { rounds: 7, tinybenchSeconds: 0, processes: 5 };

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

/** One run of a contestant; a promise if it is asynchronous. */
export type Run = () => unknown;

async function timed(run: Run): Promise<number> {
  const start = performance.now();
  const result = run();
  if (result instanceof Promise) await result;
  return performance.now() - start;
}

/** Times contestants side by side: first runs, then rounds, then npm `tinybench`. */
export async function compare<K extends string>(
  runs: Readonly<Record<K, Run>>,
  effort: Effort,
): Promise<Record<K, Timing>> {
  const names = Object.keys(runs) as K[];
  const first: number[] = [];
  for (const name of names) first.push(await timed(runs[name]));
  const samples = names.map((): number[] => []);
  for (let round = 0; round < effort.rounds; round++) {
    for (const [i, name] of names.entries()) samples[i]!.push(await timed(runs[name]));
  }
  const timings: [K, Timing][] = [];
  for (const [i, name] of names.entries()) {
    const own = { min: Math.min(...samples[i]!), median: median(samples[i]!), first: first[i]! };
    const theirs = effort.tinybenchSeconds > 0 ? await byTinybench(runs[name], effort.tinybenchSeconds) : {};
    timings.push([name, { ...own, ...theirs }]);
  }
  return Object.fromEntries(timings) as Record<K, Timing>;
}

async function byTinybench(run: Run, seconds: number): Promise<{ mean: number; margin: number }> {
  const bench = new Bench({ time: seconds * 1000, iterations: 5, warmup: false, throws: true });
  bench.add("run", run as () => Promise<unknown>);
  const [task] = await bench.run();
  if (task?.result.state !== "completed") throw new Error(`tinybench gave no result: ${task?.result.state}`);
  const { mean, rme } = task.result.latency;
  return { mean, margin: rme };
}
