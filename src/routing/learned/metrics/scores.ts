/** Share of the way from the best constant to the oracle: (Q − Q_best) / (Q_oracle − Q_best); undefined where there is none. */
export const oracleGapRecovered = (quality: number, best: number, oracle: number): number | undefined =>
  oracle === best ? undefined : (quality - best) / (oracle - best);

/** Costs between which RouterArena spreads its logarithmic scale, in USD per 1,000 queries. */
const dearest = 200;
const cheapest = 0.0044;
const beta = 0.1;

/**
 * RouterArena's score (Lu and others, 2025): S = (1+β)·A·C / (β·A + C) with C = (log₂200 − log₂c) / (log₂200 − log₂0.0044)
 * and β = 0.1; `accuracy` 0–1, cost in USD per 1,000 queries. Costs beyond the ends of the scale count as its ends.
 */
export const routerArenaScore = (accuracy: number, usdPerThousand: number): number => {
  const cost = Math.min(dearest, Math.max(cheapest, usdPerThousand));
  const c = (Math.log2(dearest) - Math.log2(cost)) / (Math.log2(dearest) - Math.log2(cheapest));
  const weight = beta * accuracy + c;
  return weight === 0 ? 0 : ((1 + beta) * accuracy * c) / weight;
};

/** The Brier score of predicted probabilities: their mean squared error. 0 is perfect. */
export const brierScore = (predicted: ArrayLike<number>, actual: ArrayLike<number>): number => {
  let sum = 0;
  for (let index = 0; index < predicted.length; index += 1) {
    const error = (predicted[index] ?? Number.NaN) - (actual[index] ?? Number.NaN);
    sum += error * error;
  }
  return sum / predicted.length;
};

export const calibrationBins = 10;

/**
 * ECE: predictions in ten bins of equal width; the distance between mean prediction and mean outcome of each bin,
 * weighted by its size (Naeini and others, 2015).
 */
export const calibrationError = (predicted: ArrayLike<number>, actual: ArrayLike<number>): number => {
  const differences = new Float64Array(calibrationBins);
  for (let index = 0; index < predicted.length; index += 1) {
    const probability = predicted[index] ?? Number.NaN;
    const bin = Math.max(0, Math.min(calibrationBins - 1, Math.floor(probability * calibrationBins)));
    if (Number.isNaN(probability)) return Number.NaN;
    differences[bin] = (differences[bin] ?? 0) + probability - (actual[index] ?? Number.NaN);
  }
  let sum = 0;
  for (const difference of differences) sum += Math.abs(difference);
  return sum / predicted.length;
};

/** The value that `share` (0–1) of the values are no larger than, by nearest rank; NaN where there are none. */
export const percentile = (values: ArrayLike<number>, share: number): number => {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
};
