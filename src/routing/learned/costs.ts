import { addAt } from "./numbers.ts";
import type { TrainingRow } from "./training-row.ts";

/**
 * What a model's answer costs: USD for each input token, and the rest – its output – by cluster. Input tokens of this
 * model for each token that the length of a prompt suggests.
 */
export interface CostHeads {
  readonly perInputToken: Float64Array;
  readonly tokenRatio: Float64Array;
  /** `[cluster · models + model]`, USD. */
  readonly rest: Float64Array;
}

const leastUsd = 1e-9;
/** Rows that the mean of a cluster must outweigh to count more than the mean of all. */
const shrinkage = 8;

/** Slope of cost over input tokens, from 0 to what the mean cost allows. */
const slopeOf = (tokens: readonly number[], costs: readonly number[]): number => {
  const meanTokens = tokens.reduce((sum, one) => sum + one, 0) / tokens.length;
  const meanCost = costs.reduce((sum, one) => sum + one, 0) / tokens.length;
  let square = 0;
  let product = 0;
  for (const [at, token] of tokens.entries()) {
    square += (token - meanTokens) ** 2;
    product += (token - meanTokens) * ((costs[at] as number) - meanCost);
  }
  const slope = square === 0 ? 0 : product / square;
  // The steepest line under all costs but for the lowest ones: output is never paid back.
  return Math.max(0, Math.min(slope, meanCost / Math.max(1, meanTokens)));
};

export interface CostTask {
  readonly rows: readonly TrainingRow[];
  readonly models: readonly string[];
  readonly clusterOf: Uint16Array;
  readonly clusters: number;
}

/** Mean of what is left of the cost after the input, by cluster, shrunk as logarithms and freed of their bias. */
const restOf = (rests: readonly (readonly [cluster: number, usd: number])[], clusters: number): Float64Array => {
  const logs = new Float64Array(clusters);
  const counts = new Float64Array(clusters);
  let all = 0;
  let sum = 0;
  for (const [cluster, usd] of rests) {
    const log = Math.log(Math.max(leastUsd, usd));
    addAt(logs, cluster, log);
    addAt(counts, cluster, 1);
    all += log;
    sum += usd;
  }
  const mean = all / rests.length;
  const shrunk = logs.map((log, at) => (log + shrinkage * mean) / ((counts[at] as number) + shrinkage));
  const predicted = rests.reduce((total, [cluster]) => total + Math.exp(shrunk[cluster] as number), 0);
  // The mean of a lognormal lies above the exponential of its mean logarithm (Duan's smearing estimate, 1983).
  const smear = Math.max(0, sum) / predicted;
  return shrunk.map((log) => Math.exp(log) * smear);
};

export const fitCosts = ({ rows, models, clusterOf, clusters }: CostTask): CostHeads => {
  const heads: CostHeads = {
    perInputToken: new Float64Array(models.length),
    tokenRatio: new Float64Array(models.length).fill(1),
    rest: new Float64Array(clusters * models.length),
  };
  for (const [model, name] of models.entries()) {
    const held = rows.flatMap((row, at) => (row.c[name] === undefined ? [] : [[row, at] as const]));
    if (held.length === 0) continue;
    const tokens = held.map(([row]) => row.in?.[name] ?? row.inputTokens);
    const costs = held.map(([row]) => row.c[name] ?? 0);
    const slope = slopeOf(tokens, costs);
    heads.perInputToken[model] = slope;
    const estimated = held.reduce((sum, [row]) => sum + row.inputTokens, 0);
    heads.tokenRatio[model] = tokens.reduce((sum, one) => sum + one, 0) / estimated;
    const rest = restOf(
      held.map(([, at], index) => [
        clusterOf[at] as number,
        Math.max(leastUsd, (costs[index] as number) - slope * (tokens[index] as number)),
      ]),
      clusters,
    );
    for (let cluster = 0; cluster < clusters; cluster++)
      heads.rest[cluster * models.length + model] = rest[cluster] as number;
  }
  return heads;
};

/** Input tokens of a query: what its row says, by model, or the estimate from its length. */
export interface InputSize {
  readonly estimated: number;
  readonly known?: Readonly<Record<string, number>>;
}

/** Expected USD of each model's answer, into `into`. */
export const predictCosts = (
  heads: CostHeads,
  {
    models,
    input,
    cluster,
  }: { readonly models: readonly string[]; readonly input: InputSize; readonly cluster: number },
  into: Float64Array,
): void => {
  for (let model = 0; model < models.length; model++) {
    const tokens = input.known?.[models[model] as string] ?? input.estimated * (heads.tokenRatio[model] as number);
    into[model] =
      tokens * (heads.perInputToken[model] as number) + (heads.rest[cluster * models.length + model] as number);
  }
};
