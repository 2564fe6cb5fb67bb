import { logBeta } from "./log-gamma.ts";

/**
 * Outcomes of 0 to 1 that are independent of each other: how many, and their sum. Of failures the sum is how many there
 * were.
 */
export interface BoundedSample {
  readonly count: number;
  readonly sum: number;
}

export interface Interval {
  readonly lower: number;
  readonly upper: number;
}

/** Jeffreys' prior. Any other would do too, since what is shown holds whatever the mean is. */
const prior = 0.5;
const priorLogBeta = logBeta(prior, prior);
/** More than any difference that is shown. */
const precision = 1e-7;

const times = (weight: number, logarithm: number): number => (weight <= 0 ? 0 : weight * logarithm);

/** What a bet against any mean has grown to, in logarithms, without the part that depends on the mean. */
const logMarginal = ({ count, sum }: BoundedSample): number =>
  logBeta(prior + sum, prior + Math.max(0, count - sum)) - priorLogBeta;

const logLikelihood = ({ count, sum }: BoundedSample, mean: number): number =>
  times(sum, Math.log(mean)) + times(count - sum, Math.log1p(-mean));

/**
 * ln of the wealth of who bets that the mean is another one: the mixture of likelihood ratios with a Beta prior. Where
 * `mean` is right it is a supermartingale that begins at 1, also for outcomes between 0 and 1, since the ratio is convex
 * in the outcome; so it passes 1/α ever with a probability of α at most (J. Ville, 1939; H. Robbins, "Statistical methods
 * related to the law of the iterated logarithm", 1970; for bounded outcomes I. Waudby-Smith and A. Ramdas, "Estimating
 * means of bounded random variables by betting", 2023).
 */
const logWealth = (sample: BoundedSample, mean: number): number => logMarginal(sample) - logLikelihood(sample, mean);

/** Where a function that does not fall from `inside` to `outside` passes a bound; `outside` where it does not. */
const crossing = (
  value: (at: number) => number,
  { inside, outside, bound }: { readonly inside: number; readonly outside: number; readonly bound: number },
): number => {
  if (value(outside) < bound) return outside;
  let within = inside;
  let beyond = outside;
  while (Math.abs(beyond - within) > precision) {
    const middle = (within + beyond) / 2;
    if (value(middle) < bound) within = middle;
    else beyond = middle;
  }
  return beyond;
};

/**
 * An interval that holds the mean at every look at once with a probability of 1 − α at least, whatever the number of
 * outcomes; the whole of 0 to 1 where there are none.
 */
export const boundedInterval = (sample: BoundedSample, alpha: number): Interval => {
  if (sample.count === 0) return { lower: 0, upper: 1 };
  const bound = Math.log(1 / alpha);
  const inside = sample.sum / sample.count;
  const value = (mean: number): number => logWealth(sample, mean);
  return {
    lower: crossing(value, { inside, outside: 0, bound }),
    upper: crossing(value, { inside, outside: 1, bound }),
  };
};
