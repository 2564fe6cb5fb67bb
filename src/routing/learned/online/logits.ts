/** Probabilities are kept this far from 0 and 1, where logits have no end. */
const least = 0.005;

export const logit = (probability: number): number => {
  const kept = Math.min(1 - least, Math.max(least, probability));
  return Math.log(kept / (1 - kept));
};

export const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value));

/** Standard normal distribution function, to 1.5e-7 (Abramowitz and Stegun, 7.1.26). */
export const normalShare = (value: number): number => {
  const scaled = Math.abs(value) / Math.SQRT2;
  const step = 1 / (1 + 0.3275911 * scaled);
  const series =
    step * (0.254829592 + step * (-0.284496736 + step * (1.421413741 + step * (-1.453152027 + step * 1.061405429))));
  const half = (1 - series * Math.exp(-scaled * scaled)) / 2;
  return value >= 0 ? 0.5 + half : 0.5 - half;
};

/** A normal belief. */
export interface Belief {
  readonly mean: number;
  readonly variance: number;
}

/** Between two beliefs: `share` of the near one. */
export const mixed = (near: Belief, far: Belief, share: number): Belief => ({
  mean: share * near.mean + (1 - share) * far.mean,
  variance: share * near.variance + (1 - share) * far.variance,
});

/** Probability from a logit, with the ends of an interval of so many standard deviations. */
export const qualityOf = (
  mean: number,
  variance: number,
  deviations: number,
): { readonly quality: number; readonly lower: number; readonly upper: number } => {
  const half = deviations * Math.sqrt(variance);
  return { quality: sigmoid(mean), lower: sigmoid(mean - half), upper: sigmoid(mean + half) };
};
