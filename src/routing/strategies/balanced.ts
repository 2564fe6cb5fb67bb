import { z } from "zod";
import { qualityOf } from "../../core/model-quality.ts";
import { type PicoUsd, toUsd } from "../../core/money.ts";
import type { StrategyDefinition } from "../../core/ports/strategy.ts";
import { byScore } from "./by-score.ts";
import { expectedCost, expectedUsage } from "./expected-cost.ts";

const weight = z.number().min(0).max(1_000).default(1);
const shape = { quality: weight, cost: weight, latency: weight };
type Options = Readonly<Record<keyof typeof shape, number>>;

/** What is not known counts as the middle. */
const unknownShare = 0.5;

/** Each value as a share of the way from the greatest (0) to the least (1); all 1 where they do not differ. */
const lessIsBetter = (values: readonly (number | undefined)[]): readonly number[] => {
  const known = values.filter((value) => value !== undefined);
  const least = Math.min(...known);
  const span = Math.max(...known) - least;
  return values.map((value) => (value === undefined ? unknownShare : span > 0 ? 1 - (value - least) / span : 1));
};

/** Costs differ by powers of ten, so that their logarithms are compared; below a millionth USD all are the same. */
const logCost = (cost: PicoUsd | undefined): number | undefined =>
  cost === undefined ? undefined : Math.log10(Math.max(toUsd(cost), 1e-6));

/** Weighs quality, cost and latency, each normalised over the candidates of the call. */
export const balanced: StrategyDefinition<Options> = {
  kind: "balanced",
  options: z.strictObject(shape),
  create: (weights) => {
    const sum = weights.quality + weights.cost + weights.latency || 1;
    return {
      kind: "balanced",
      rank(candidates, call, features) {
        const usage = expectedUsage(call, features);
        const quality = lessIsBetter(candidates.map(({ target }) => -qualityOf(target).score));
        const cost = lessIsBetter(candidates.map((candidate) => logCost(expectedCost(candidate, usage))));
        const latency = lessIsBetter(candidates.map(({ target }) => features.load(target.id).latencyMilliseconds));
        return byScore(
          candidates.map((candidate, index) => {
            const parts = [quality[index] as number, cost[index] as number, latency[index] as number] as const;
            const score = (parts[0] * weights.quality + parts[1] * weights.cost + parts[2] * weights.latency) / sum;
            const [good, cheap, fast] = parts.map((part) => part.toFixed(2));
            return { candidate, score, reason: `quality ${good}, cost ${cheap}, latency ${fast} of 1` };
          }),
        );
      },
    };
  },
};
