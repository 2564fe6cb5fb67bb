import { z } from "zod";
import type { Target } from "../../core/model.ts";
import { namesTarget } from "../../core/names-target.ts";
import type { FilteredOut, Ranked, StrategyDefinition, TargetOutcomes } from "../../core/ports/strategy.ts";
import { byScore } from "./by-score.ts";
import { unknownName } from "./nested-strategies.ts";

const share = z.number().min(0).max(1);
const shape = {
  prior: share.default(0.95),
  strength: z.number().min(0.1).max(10_000).default(10),
  targets: z.record(z.string().min(1), share).default({}),
  floor: share.optional(),
};

interface Options {
  readonly prior: number;
  /** The prior counts as so many calls. */
  readonly strength: number;
  readonly targets: Readonly<Record<string, number>>;
  readonly floor?: number | undefined;
}

const noOutcomes: TargetOutcomes = { successes: 0, failures: 0 };

/**
 * The target that answers most surely: its share of successes of late, shrunk to what is thought of it beforehand (mean
 * of a beta distribution). Outcomes lose half their weight in ten minutes, so that a target that nobody asked comes back
 * to its prior, also over the `floor`.
 */
export const trust: StrategyDefinition<Options> = {
  kind: "trust",
  options: z.strictObject(shape),
  create: ({ prior, strength, targets, floor }) => {
    const stated = Object.entries(targets);
    const priorOf = (target: Target): number => stated.find(([name]) => namesTarget(name, target))?.[1] ?? prior;
    return {
      kind: "trust",
      ...(floor === undefined ? {} : { asksAlways: true }),
      rank(candidates, _call, features) {
        const ranked: Ranked[] = [];
        const filtered: FilteredOut[] = [];
        for (const candidate of candidates) {
          const { successes, failures } = features.load(candidate.target.id).outcomes ?? noOutcomes;
          const before = priorOf(candidate.target);
          const seen = successes + failures;
          const score = (before * strength + successes) / (strength + seen);
          const reason = `trust ${score.toFixed(3)} after ${seen.toFixed(0)} calls of late`;
          if (floor !== undefined && score < floor) filtered.push({ candidate, reason: `${reason}: below ${floor}` });
          else ranked.push({ candidate, score, reason });
        }
        return { ranked: byScore(ranked), filtered };
      },
    };
  },
  filters: ({ floor }) => floor !== undefined,
  problems: ({ targets: stated }, targets) =>
    Object.keys(stated).flatMap((name) => unknownName(["targets", name], name, targets)),
};
