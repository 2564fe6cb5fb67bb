import { GatewayError } from "../../core/errors.ts";
import { normaliseAnswer } from "./answers/normalise-answer.ts";
import { clusterSimilarities, fitClusters, largest } from "./clusters.ts";
import { fitCosts, predictCosts } from "./costs.ts";
import { type Familiarity, fitFamiliarity, likenessOf, trustIn } from "./familiarity.ts";
import { fitHeads, type Heads } from "./heads.ts";
import { indexNeighbours, storePrompts } from "./neighbours.ts";
import { addAt, logit, shuffled, sigmoid } from "./numbers.ts";
import { groupAnswers, type Outcomes } from "./outcomes.ts";
import type { RouterModel } from "./router-model.ts";
import { termCount } from "./router-model.ts";
import { fitSmallLogistic } from "./small-logistic.ts";
import { fitSpace, headVectorOf, type SparseVector, vectorOf } from "./space.ts";
import { neighbourTerms, openPlacing, ownAndShared } from "./terms.ts";
import type { TrainingRow } from "./training-row.ts";

export interface TrainOptions {
  /** The models to learn; all that occur where absent. */
  readonly models?: readonly string[];
  readonly seed?: number;
  /** Told how much is done, 0–1. */
  readonly onProgress?: (done: number) => void;
}

/** Folds for what is predicted of a row without learning from it. */
const folds = 4;
const leastRows = 10;
/** The newest rows are learned from, up to this number: what is kept of them stays in memory. */
const mostRows = 20_000;
/** A model's mean is drawn to the mean of all models as by so many rows; a cluster's mean to the model's. */
const priorRows = 4;
const clusterRows = 12;

const modelsOf = (rows: readonly TrainingRow[], wanted: readonly string[] | undefined): readonly string[] => {
  const held = new Set(rows.flatMap(({ q }) => Object.keys(q)));
  const missing = wanted?.filter((model) => !held.has(model)) ?? [];
  if (missing.length > 0)
    throw new GatewayError("invalid_value", `No row says anything of model '${missing[0]}'. Check its name.`);
  return [...new Set(wanted ?? [...held].sort())];
};

const labelMatrix = (rows: readonly TrainingRow[], models: readonly string[]): Float32Array => {
  const labels = new Float32Array(rows.length * models.length).fill(Number.NaN);
  for (const [row, { q }] of rows.entries())
    for (const [model, name] of models.entries()) {
      const quality = q[name];
      if (quality !== undefined) labels[row * models.length + model] = quality;
    }
  return labels;
};

interface Sums {
  readonly sum: Float64Array;
  readonly count: Float64Array;
}

/** Sums and counts of labels by cluster and model; the last "cluster" is all of them. */
const sumLabels = (labels: Float32Array, models: number, clusterOf: Uint16Array, clusters: number): Sums => {
  const sums = { sum: new Float64Array((clusters + 1) * models), count: new Float64Array((clusters + 1) * models) };
  for (const [row, cluster] of clusterOf.entries())
    for (let model = 0; model < models; model++) {
      const label = labels[row * models + model] as number;
      if (Number.isNaN(label)) continue;
      for (const group of [cluster, clusters]) {
        addAt(sums.sum, group * models + model, label);
        addAt(sums.count, group * models + model, 1);
      }
    }
  return sums;
};

const priorsFrom = ({ sum, count }: Sums, models: number, clusters: number): Float32Array => {
  const base = clusters * models;
  let [total, rows] = [0, 0];
  for (let model = 0; model < models; model++) {
    total += sum[base + model] as number;
    rows += count[base + model] as number;
  }
  return Float32Array.from({ length: models }, (_, model) =>
    logit(((sum[base + model] as number) + (priorRows * total) / rows) / ((count[base + model] as number) + priorRows)),
  );
};

/** Term 2 of one cluster and model, leaving out one label where it is given. */
const clusterTerm = (sum: number, count: number, prior: number): number =>
  logit((sum + clusterRows * sigmoid(prior)) / (count + clusterRows)) - prior;

interface Inputs {
  /** Terms by row and model. */
  readonly terms: Float64Array;
  readonly signals: Float64Array[];
}

interface Fitted {
  readonly rows: readonly TrainingRow[];
  readonly models: readonly string[];
  readonly vectors: readonly SparseVector[];
  readonly headVectors: readonly SparseVector[];
  readonly labels: Float32Array;
  readonly clusterOf: Uint16Array;
  readonly sums: Sums;
  readonly base: Pick<RouterModel, "space" | "clusters" | "neighbours" | "priors">;
  readonly seed: number;
}

/** What each term says of each row without having learned from it. */
const crossFit = (fitted: Fitted, onProgress: (done: number) => void): Inputs => {
  const { rows, vectors, headVectors, labels, clusterOf, sums, base, seed } = fitted;
  const models = fitted.models.length;
  const inputs: Inputs = {
    terms: new Float64Array(rows.length * models * termCount),
    signals: [],
  };
  const place = openPlacing(base);
  const own = new Float64Array(models + 1);
  const near = new Float64Array(models);
  const order = shuffled(rows.length, seed + 100);
  const labelsOf = (row: number, into: Float64Array): void =>
    into.set(labels.subarray(row * models, (row + 1) * models));
  for (let fold = 0; fold < folds; fold++) {
    const heads = fitHeads({
      vectors: headVectors,
      rows: order.filter((_, at) => at % folds !== fold),
      models,
      labels,
      priors: base.priors,
      seed,
    });
    for (const row of order.filter((_, at) => at % folds === fold)) {
      const placed = place((rows[row] as TrainingRow).features, { row, vector: vectors[row] as SparseVector });
      inputs.signals[row] = placed.signals;
      neighbourTerms({ found: placed.found, labelsOf, priors: base.priors }, near);
      const shared = ownAndShared(heads, headVectors[row] as SparseVector, own);
      for (let model = 0; model < models; model++) {
        const label = labels[row * models + model] as number;
        const group = (clusterOf[row] as number) * models + model;
        const known = Number.isNaN(label) ? 0 : 1;
        const at = (row * models + model) * termCount;
        inputs.terms[at] = clusterTerm(
          (sums.sum[group] as number) - (known === 1 ? label : 0),
          (sums.count[group] as number) - known,
          base.priors[model] as number,
        );
        inputs.terms[at + 1] = shared;
        inputs.terms[at + 2] = own[model] as number;
        inputs.terms[at + 3] = near[model] as number;
      }
    }
    onProgress((fold + 1) / (folds + 2));
  }
  return inputs;
};

/** Where the weights of the terms start, and how strongly they are drawn there. */
const startingWeights = [0.2, 0.7, 0.7, 0.5] as const;
const weightStrength = 8;

/** The weight of each term, over all models: what lowers the loss on rows that the terms did not learn from. */
const stackTerms = ({ labels, base, models }: Fitted, { terms }: Inputs): Float32Array => {
  const known = Array.from(labels.keys()).filter((at) => !Number.isNaN(labels[at] as number));
  const inputs = new Float64Array(known.length * termCount);
  for (const [row, at] of known.entries())
    inputs.set(terms.subarray(at * termCount, (at + 1) * termCount), row * termCount);
  const weights = fitSmallLogistic({
    inputs,
    width: termCount,
    labels: known.map((at) => labels[at] as number),
    offsets: known.map((at) => base.priors[at % models.length] as number),
    start: startingWeights,
    strength: startingWeights.map(() => weightStrength),
  });
  return Float32Array.from(weights, (weight) => Math.max(0, weight));
};

const stackedLogit = (prior: number, terms: Float64Array, at: number, weights: Float32Array): number => {
  let value = prior;
  for (let term = 0; term < termCount; term++)
    value += (weights[term] as number) * (terms[at * termCount + term] as number);
  return value;
};

/** Shift and slope of each model's logit (Platt, 1999), drawn to none: few rows change little. */
const calibrate = ({ labels, base, models }: Fitted, { terms }: Inputs, weights: Float32Array): Float32Array => {
  const calibration = new Float32Array(models.length * 2);
  for (let model = 0; model < models.length; model++) {
    const known = Array.from({ length: labels.length / models.length }, (_, row) => row * models.length + model).filter(
      (at) => !Number.isNaN(labels[at] as number),
    );
    const inputs = new Float64Array(known.length * 2).fill(1);
    for (const [row, at] of known.entries())
      inputs[row * 2 + 1] = stackedLogit(base.priors[model] as number, terms, at, weights);
    const fitted = fitSmallLogistic({
      inputs,
      width: 2,
      labels: known.map((at) => labels[at] as number),
      start: [0, 1],
      strength: [10, 20],
    });
    calibration.set([fitted[0] as number, Math.max(0.3, fitted[1] as number)], model * 2);
  }
  return calibration;
};

interface Finished {
  readonly weights: Float32Array;
  readonly calibration: Float32Array;
  readonly familiarity: Familiarity;
  readonly costs: RouterModel["costs"];
}

const recordOutcomes = (fitted: Fitted, { terms, signals }: Inputs, finished: Finished): Outcomes => {
  const { rows, models, labels, base, clusterOf } = fitted;
  const { weights, calibration, familiarity, costs } = finished;
  const known = Array.from(labels.keys()).filter((at) => !Number.isNaN(labels[at] as number));
  const starts = new Uint32Array(rows.length + 1);
  for (const at of known) addAtInteger(starts, Math.floor(at / models.length) + 1);
  for (let row = 0; row < rows.length; row++) starts[row + 1] = (starts[row + 1] as number) + (starts[row] as number);
  const expected = new Float64Array(models.length);
  const trust = Float32Array.from(signals, (one, row) =>
    trustIn(familiarity, likenessOf(familiarity, one, clusterOf[row] as number)),
  );
  const outcomes: Outcomes = {
    starts,
    model: Uint16Array.from(known, (at) => at % models.length),
    quality: Float32Array.from(known, (at) => labels[at] as number),
    predicted: new Float32Array(known.length),
    cost: new Float32Array(known.length),
    predictedCost: new Float32Array(known.length),
    answer: new Uint8Array(known.length),
    trust,
    cluster: clusterOf,
  };
  for (const [row, one] of rows.entries()) {
    const [from, to] = [starts[row] as number, starts[row + 1] as number];
    const cluster = clusterOf[row] as number;
    predictCosts(costs, { models, input: { estimated: one.inputTokens, known: one.in ?? {} }, cluster }, expected);
    const names = Array.from(outcomes.model.subarray(from, to), (model) => models[model] as string);
    outcomes.answer.set(groupAnswers(names.map((name) => normaliseAnswer(one.ans?.[name] ?? ""))), from);
    for (let at = from; at < to; at++) {
      const model = outcomes.model[at] as number;
      const prior = base.priors[model] as number;
      const raw = stackedLogit(prior, terms, row * models.length + model, weights);
      const shifted = (calibration[model * 2] as number) + (calibration[model * 2 + 1] as number) * raw;
      outcomes.predicted[at] = sigmoid(prior + (trust[row] as number) * (shifted - prior));
      outcomes.cost[at] = one.c[models[model] as string] ?? (expected[model] as number);
      outcomes.predictedCost[at] = expected[model] as number;
    }
  }
  return outcomes;
};

const addAtInteger = (values: Uint32Array, at: number): void => {
  values[at] = (values[at] as number) + 1;
};

/**
 * Learns what to expect of each model: a pure function of rows and options, the same on every machine. Rows may lack
 * models. Throws GatewayError `invalid_value` where there are too few rows, or a model that no row knows.
 */
export const trainRouter = (rows: readonly TrainingRow[], options: TrainOptions = {}): RouterModel => {
  const { seed = 1, onProgress = () => undefined } = options;
  const models = modelsOf(rows, options.models);
  const used = rows.filter(({ q }) => models.some((model) => q[model] !== undefined)).slice(-mostRows);
  if (used.length < leastRows)
    throw new GatewayError("invalid_value", `There are ${used.length} rows to train on. Give at least ${leastRows}.`);
  const space = fitSpace(used.map(({ features }) => features));
  const vectors = used.map(({ features }) => vectorOf(space, features));
  const headVectors = used.map(({ features }) => headVectorOf(space, features));
  const clusters = fitClusters(vectors, seed);
  const similar = new Float64Array(clusters.count);
  const clusterOf = Uint16Array.from(vectors, (vector) => {
    clusterSimilarities(clusters, vector, similar);
    return largest(similar);
  });
  const labels = labelMatrix(used, models);
  const sums = sumLabels(labels, models.length, clusterOf, clusters.count);
  const priors = priorsFrom(sums, models.length, clusters.count);
  const neighbours = indexNeighbours(storePrompts(vectors), clusterOf, clusters.count);
  const base = { space, clusters, neighbours, priors };
  const fitted: Fitted = { rows: used, models, vectors, headVectors, labels, clusterOf, sums, base, seed };
  const inputs = crossFit(fitted, onProgress);
  const heads: Heads = fitHeads({
    vectors: headVectors,
    rows: shuffled(used.length, seed + 100),
    models: models.length,
    labels,
    priors,
    seed,
  });
  const weights = stackTerms(fitted, inputs);
  const finished: Finished = {
    weights,
    calibration: calibrate(fitted, inputs, weights),
    familiarity: fitFamiliarity(inputs.signals, clusterOf, clusters.count),
    costs: fitCosts({ rows: used, models, clusterOf, clusters: clusters.count }),
  };
  const clusterSize = clusters.count * models.length;
  onProgress(1);
  return {
    ...base,
    ...finished,
    models,
    heads,
    counts: Float32Array.from(sums.count.subarray(clusterSize)),
    clusterCounts: Float32Array.from(sums.count.subarray(0, clusterSize)),
    clusterTerms: Float32Array.from({ length: clusterSize }, (_, at) =>
      clusterTerm(sums.sum[at] as number, sums.count[at] as number, priors[at % models.length] as number),
    ),
    outcomes: recordOutcomes(fitted, inputs, finished),
  };
};
