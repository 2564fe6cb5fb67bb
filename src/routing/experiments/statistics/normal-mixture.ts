import type { Interval } from "./bounded-mixture.ts";

/**
 * Outcomes of calls, summed by the unit that was assigned to an arm: calls of one user are alike, so the unit is what is
 * counted. With y the sum of a unit's outcomes and n the number of its calls.
 */
export interface ClusteredSample {
  readonly units: number;
  /** Σ n. */
  readonly calls: number;
  /** Σ y. */
  readonly sum: number;
  /** Σ y². */
  readonly squares: number;
  /** Σ y·n. */
  readonly products: number;
  /** Σ n². */
  readonly callSquares: number;
}

/** A mean and the variance of that mean, from so many independent units. */
export interface Estimated {
  readonly mean: number;
  readonly variance: number;
  readonly units: number;
}

/**
 * The mean per call. Its variance is that of a ratio of sums over units, linearised (W. Cochran, "Sampling techniques",
 * 1977, section 6.3); with one call for each unit it is the common one. Infinite below two units.
 */
export const estimateMean = ({ units, calls, sum, squares, products, callSquares }: ClusteredSample): Estimated => {
  const mean = calls === 0 ? 0 : sum / calls;
  if (units < 2) return { mean, variance: Number.POSITIVE_INFINITY, units };
  const residuals = Math.max(0, squares - 2 * mean * products + mean * mean * callSquares);
  return { mean, variance: ((units / (units - 1)) * residuals) / (calls * calls), units };
};

/**
 * The same of outcomes of 0 to 1: the variance is at least that of so many calls with one success and one failure more (A.
 * Agresti and B. Caffo, "Simple and effective confidence intervals for proportions", 2000). Where failures are rare, an
 * arm that saw none yet would otherwise seem to be certain, and give false alarms.
 */
export const estimateBounded = (sample: ClusteredSample): Estimated => {
  const { calls, sum } = sample;
  const estimated = estimateMean(sample);
  const cautious = (sum + 1) / (calls + 2);
  return { ...estimated, variance: Math.max(estimated.variance, (cautious * (1 - cautious)) / Math.max(1, calls)) };
};

/** The mean of one less that of another; both variances count. */
export const estimateDifference = (one: Estimated, other: Estimated): Estimated => ({
  mean: one.mean - other.mean,
  variance: one.variance + other.variance,
  units: one.units + other.units,
});

/** The interval is narrowest, for its α, at so many units. It holds at any other number, too. */
const tunedUnits = 2_000;

/** ρ² of the mixture, which makes the interval narrowest at `tunedUnits` (Waudby-Smith et al., appendix B.2). */
const mixtureVariance = (alpha: number): number => {
  const twice = -2 * Math.log(alpha);
  return (twice + Math.log(twice) + 1) / tunedUnits;
};

/**
 * An interval that holds the mean at all looks at once with a probability of about 1 − α: the asymptotic confidence
 * sequence of a normal mixture (I. Waudby-Smith, D. Arbour, R. Sinha, E. Kennedy and A. Ramdas, "Time-uniform central
 * limit theory and asymptotic confidence sequences", 2024, theorem 2.2). Asymptotic: it is to be looked at from some
 * hundred units on, more where single outcomes are extreme.
 */
export const mixtureInterval = ({ mean, variance, units }: Estimated, alpha: number): Interval => {
  const scaled = units * mixtureVariance(alpha) + 1;
  const radius = Math.sqrt(((variance * 2 * scaled) / (scaled - 1)) * Math.log(Math.sqrt(scaled) / alpha));
  return { lower: mean - radius, upper: mean + radius };
};

/**
 * The p-value, at whatever look, of the mean being zero: the inverse of the mixture's likelihood ratio (R. Johari, P.
 * Koomen, L. Pekelis and D. Walsh, "Always valid inference", 2022). Below α just where {@link mixtureInterval} of that α
 * leaves zero out.
 */
export const mixturePValue = ({ mean, variance, units }: Estimated, alpha: number): number => {
  if (mean === 0 || variance === Number.POSITIVE_INFINITY) return 1;
  const scaled = units * mixtureVariance(alpha) + 1;
  const standardised = (mean * mean) / variance;
  return Math.min(1, Math.sqrt(scaled) * Math.exp((-standardised * (scaled - 1)) / (2 * scaled)));
};
