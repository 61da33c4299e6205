// From times to ratios. Contestants take turns, so a slow moment of the machine falls on all of them, and what is compared
// are the times of one round.
import { geometricMean, median, quantile, sampleWithReplacement } from "simple-statistics";

export interface Ratio {
  readonly ratio: number;
  /** Bounds of the confidence interval of 95%. */
  readonly low: number;
  readonly high: number;
}

const RESAMPLES = 1000;

/** Mulberry32: the same samples give the same interval. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

function interval(ratio: number, resampled: readonly number[]): Ratio {
  return { ratio, low: quantile([...resampled], 0.025), high: quantile([...resampled], 0.975) };
}

/** The median ratio of the rounds that both have, by bootstrap; null without rounds. */
export function pairedRatio(own: readonly number[], reference: readonly number[]): Ratio | null {
  const ratios = roundRatios(own, reference);
  if (ratios.length === 0) return null;
  return interval(median(ratios), medians(ratios, seeded(ratios.length)));
}

/** The geometric mean of several cases' median ratios; null if one has none. */
export function meanRatio(
  cases: readonly (readonly [own: readonly number[], reference: readonly number[]])[],
): Ratio | null {
  const ratios = cases.map(([own, reference]) => roundRatios(own, reference));
  if (ratios.length === 0 || ratios.some((one) => one.length === 0)) return null;
  const random = seeded(ratios.length);
  const resampled = ratios.map((one) => medians(one, random));
  const means = Array.from({ length: RESAMPLES }, (_, i) => geometricMean(resampled.map((one) => one[i]!)));
  return interval(geometricMean(ratios.map((one) => median(one))), means);
}

function roundRatios(own: readonly number[], reference: readonly number[]): number[] {
  const rounds = Math.min(own.length, reference.length);
  return Array.from({ length: rounds }, (_, i) => own[i]! / reference[i]!);
}

function medians(values: number[], random: () => number): number[] {
  return Array.from({ length: RESAMPLES }, () => median(sampleWithReplacement(values, values.length, random)));
}
