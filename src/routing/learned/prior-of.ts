/** What a catalogue says of a model that nothing was learned of. */
export interface ModelFacts {
  /** USD for a million output tokens; 0 for a model on one's own machine. */
  readonly outputUsdPerMillion?: number;
  /** Milliseconds since 1970. */
  readonly releasedAt?: number;
}

/** Term 1 of an unknown model: a logit of quality, and how uncertain it is. */
export interface FactPrior {
  readonly logit: number;
  readonly variance: number;
}

/**
 * Least squares over the models of the shipped data, each set with a level of its own, as `scripts/train-prior.ts` prints
 * them, over 34 models of 2024 and 2025: together price and age explain half of the variance between models.
 */
export const factCoefficients = {
  /** Of a model like the mean of those it was fitted on: even odds of a good answer. */
  level: 0,
  perLogUsd: 0.211,
  perYear: 1.297,
  variance: 0.206,
  meanLogUsd: -0.125,
  meanYear: 2024.476,
} as const;

const cheapestUsd = 0.05;
const yearMilliseconds = 365.25 * 24 * 3_600_000;

/** Year of a date, with its fraction. */
export const yearOf = (milliseconds: number): number => 1970 + milliseconds / yearMilliseconds;

export const logUsd = (usdPerMillion: number): number => Math.log(Math.max(cheapestUsd, usdPerMillion));

/** The prior of a model from what is known of it. A fact that is missing counts as the mean of the models it was fitted on. */
export const priorOf = ({ outputUsdPerMillion, releasedAt }: ModelFacts): FactPrior => {
  const { level, perLogUsd, perYear, variance, meanLogUsd, meanYear } = factCoefficients;
  const price = outputUsdPerMillion === undefined ? 0 : logUsd(outputUsdPerMillion) - meanLogUsd;
  const age = releasedAt === undefined ? 0 : Math.max(-2, Math.min(2, yearOf(releasedAt) - meanYear));
  const missing = (outputUsdPerMillion === undefined ? 0.1 : 0) + (releasedAt === undefined ? 0.3 : 0);
  return { logit: level + perLogUsd * price + perYear * age, variance: variance + missing };
};
