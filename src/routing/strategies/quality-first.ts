import { z } from "zod";
import { type QualityTier, qualityTiers } from "../../core/model.ts";
import { qualityOf } from "../../core/model-quality.ts";
import type { FilteredOut, Ranked, StrategyDefinition } from "../../core/ports/strategy.ts";
import { byScore } from "./by-score.ts";

interface Options {
  readonly floor?: QualityTier | undefined;
}

/** The target whose answers are best, as far as its facts tell; with a `floor`, none below that tier. */
export const qualityFirst: StrategyDefinition<Options> = {
  kind: "quality-first",
  options: z.strictObject({ floor: z.enum(qualityTiers).optional() }),
  create: ({ floor }) => ({
    kind: "quality-first",
    ...(floor === undefined ? {} : { asksAlways: true }),
    rank(candidates) {
      const least = floor === undefined ? 0 : qualityTiers.indexOf(floor);
      const ranked: Ranked[] = [];
      const filtered: FilteredOut[] = [];
      for (const candidate of candidates) {
        const { score, tier, source } = qualityOf(candidate.target);
        const reason = `quality ${tier}, ${source}`;
        if (qualityTiers.indexOf(tier) < least) filtered.push({ candidate, reason: `${reason}: below ${floor}` });
        else ranked.push({ candidate, score, reason });
      }
      return { ranked: byScore(ranked), filtered };
    },
  }),
  filters: ({ floor }) => floor !== undefined,
};
