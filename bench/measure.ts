// Timing. The machine is shared and noisy, so what is compared is the minimum of many rounds in which
// the contestants take turns; npm `benchmark` times each once more by its own method.
import Benchmark from "benchmark";

/** Times of one contestant, all in milliseconds. */
export interface Timing {
  /** Shortest round: what the ratios are made of. */
  readonly min: number;
  readonly median: number;
  /** The very first run, before anything was warm. */
  readonly first: number;
  /** Mean by npm `benchmark` and its relative margin of error in per cent. */
  readonly mean?: number;
  readonly margin?: number;
}

export interface Effort {
  /** Rounds in which every contestant runs once. */
  readonly rounds: number;
  /** Seconds that npm `benchmark` gets per contestant; 0 leaves it out. */
  readonly benchmarkSeconds: number;
  /** Fresh processes per contestant. */
  readonly processes: number;
}

export const FULL: Effort = { rounds: 30, benchmarkSeconds: 1, processes: 15 };
export const QUICK: Effort = { rounds: 7, benchmarkSeconds: 0, processes: 5 };

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

function timed(run: () => unknown): number {
  const start = performance.now();
  run();
  return performance.now() - start;
}

/** Times synchronous contestants side by side: first runs, then rounds, then npm `benchmark`. */
export function compare<K extends string>(runs: Readonly<Record<K, () => unknown>>, effort: Effort): Record<K, Timing> {
  const names = Object.keys(runs) as K[];
  const first = names.map((name) => timed(runs[name]));
  const samples = names.map((): number[] => []);
  for (let round = 0; round < effort.rounds; round++) {
    names.forEach((name, i) => {
      samples[i]!.push(timed(runs[name]));
    });
  }
  const timings = names.map((name, i): [K, Timing] => {
    const own = { min: Math.min(...samples[i]!), median: median(samples[i]!), first: first[i]! };
    return [name, effort.benchmarkSeconds > 0 ? { ...own, ...byBenchmark(runs[name], effort.benchmarkSeconds) } : own];
  });
  return Object.fromEntries(timings) as Record<K, Timing>;
}

function byBenchmark(run: () => unknown, seconds: number): { mean: number; margin: number } {
  const benchmark = new Benchmark(run, { maxTime: seconds, minSamples: 5 });
  benchmark.run({ async: false });
  if (benchmark.error !== undefined) throw benchmark.error;
  return { mean: benchmark.stats.mean * 1000, margin: benchmark.stats.rme };
}
