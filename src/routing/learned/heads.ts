import { addAt, shuffled, sigmoid } from "./numbers.ts";
import { type SparseVector, spaceDimensions } from "./space.ts";

/**
 * Linear heads in logit space: one of each model, and one that all share – the prompt's ease, which the models' own
 * heads correct. `weights[dimension · (models + 1) + model]`; the shared head stands last.
 */
export interface Heads {
  readonly models: number;
  readonly weights: Float32Array;
}

export interface HeadTask {
  readonly vectors: readonly SparseVector[];
  /** Rows to learn from. */
  readonly rows: Uint32Array;
  readonly models: number;
  /** Quality 0–1 by row and model, NaN where unknown; of all `vectors`. */
  readonly labels: Float32Array;
  /** Logit of each model before the heads: they learn what it leaves over, and are drawn towards nothing. */
  readonly priors: Float32Array;
  readonly seed: number;
}

/** Penalties on the squared weights. The shared head learns from every model, and so its own grows with their number. */
const ownPenalty = 5;
const sharedPenalty = 2;
const passes = 6;

/** Logits of all heads for a vector, into `into` (models + 1). */
export const headLogits = ({ models, weights }: Heads, { indices, values }: SparseVector, into: Float64Array): void => {
  const width = models + 1;
  into.fill(0);
  for (let at = 0; at < indices.length; at++) {
    const value = values[at] as number;
    if (value === 0) continue;
    const base = (indices[at] as number) * width;
    for (let head = 0; head < width; head++)
      into[head] = (into[head] as number) + value * (weights[base + head] as number);
  }
};

const squaredLength = ({ values }: SparseVector): number => {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += (values[at] as number) ** 2;
  return sum;
};

/**
 * Fits the heads by dual coordinate ascent on the penalised logistic loss (Yu, Huang and Lin, 2011; a Newton step for
 * each label), with one head shared by all tasks (Evgeniou and Pontil, 2004). Labels may be fractions or missing.
 */
export const fitHeads = ({ vectors, rows, models, labels, priors, seed }: HeadTask): Heads => {
  const width = models + 1;
  const heads: Heads = { models, weights: new Float32Array(spaceDimensions * width) };
  const { weights } = heads;
  const duals = new Float32Array(rows.length * models);
  const logits = new Float64Array(width);
  const steps = new Float64Array(width);
  for (let pass = 0; pass < passes; pass++) {
    for (const place of shuffled(rows.length, seed + pass)) {
      const row = rows[place] as number;
      const vector = vectors[row] as SparseVector;
      headLogits(heads, vector, logits);
      const labelled = labels.subarray(row * models, (row + 1) * models);
      let known = 0;
      for (let model = 0; model < models; model++) if (!Number.isNaN(labelled[model] as number)) known++;
      if (known === 0) continue;
      const scale = squaredLength(vector) * (1 / ownPenalty + 1 / sharedPenalty);
      let together = 0;
      for (let model = 0; model < models; model++) {
        const label = labelled[model] as number;
        steps[model] = 0;
        if (Number.isNaN(label)) continue;
        const chance = sigmoid((logits[model] as number) + (logits[models] as number) + (priors[model] as number));
        const dual = duals[place * models + model] as number;
        const step = (label - chance - dual) / (1 + Math.max(0.05, chance * (1 - chance)) * scale);
        duals[place * models + model] = dual + step;
        steps[model] = step / ownPenalty;
        together += step / (sharedPenalty * known);
      }
      steps[models] = together;
      const { indices, values } = vector;
      for (let at = 0; at < indices.length; at++) {
        const value = values[at] as number;
        if (value === 0) continue;
        const base = (indices[at] as number) * width;
        for (let head = 0; head < width; head++) addAt(weights, base + head, value * (steps[head] as number));
      }
    }
  }
  return heads;
};
