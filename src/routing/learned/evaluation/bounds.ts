import { mean, standardErrorOf } from "./off-policy.ts";

export interface Interval {
  readonly lower: number;
  readonly upper: number;
}

/**
 * Interval that holds the mean of independent values with probability `confidence`, whatever their distribution within
 * `range` (empirical Bernstein; Maurer and Pontil, COLT 2009). Wide where the range is.
 */
export const empiricalBernstein = (
  values: readonly number[],
  { range, confidence }: { readonly range: number; readonly confidence: number },
): Interval => {
  const count = values.length;
  if (count < 2) return { lower: Number.NEGATIVE_INFINITY, upper: Number.POSITIVE_INFINITY };
  const chance = Math.log(4 / (1 - confidence));
  const variance = standardErrorOf(values) ** 2 * count;
  const half = Math.sqrt((2 * variance * chance) / count) + (7 * range * chance) / (3 * (count - 1));
  const middle = mean(values);
  return { lower: middle - half, upper: middle + half };
};

/**
 * Interval of the mean by resampling (percentile bootstrap; Efron, 1979). `random` gives uniform numbers in [0, 1).
 */
export const bootstrap = (
  values: readonly number[],
  options: { readonly random: () => number; readonly confidence: number; readonly samples?: number },
): Interval => {
  const count = values.length;
  if (count < 2) return { lower: Number.NEGATIVE_INFINITY, upper: Number.POSITIVE_INFINITY };
  const samples = options.samples ?? 1_000;
  const means = Float64Array.from({ length: samples }, () => {
    let sum = 0;
    for (let drawn = 0; drawn < count; drawn++) sum += values[Math.floor(options.random() * count)] as number;
    return sum / count;
  }).sort();
  const tail = (1 - options.confidence) / 2;
  const at = (share: number): number => means[Math.min(samples - 1, Math.floor(share * samples))] as number;
  return { lower: at(tail), upper: at(1 - tail) };
};
