import { z } from "zod";
import type { FilteredOut, Ranked, StrategyDefinition, TargetQuota } from "../../core/ports/strategy.ts";
import { byScore } from "./by-score.ts";

interface Options {
  readonly floor?: number | undefined;
}

/** The share that is left now: all of it where the limit began anew since it was told. */
const leftOf = ({ left, resetsAt }: TargetQuota, now: number): number =>
  resetsAt !== undefined && resetsAt <= now ? 1 : left;

/**
 * The target with most left of its provider's own limits, as its last answer's headers told; with a `floor`, none with a
 * smaller share left. One that says nothing counts as half used; of equals, the one with fewer calls in flight.
 */
export const usageHeadroom: StrategyDefinition<Options> = {
  kind: "usage-headroom",
  options: z.strictObject({ floor: z.number().min(0).max(1).optional() }),
  create: ({ floor = 0 }, { clock }) => ({
    kind: "usage-headroom",
    readsQuota: true,
    ...(floor > 0 ? { asksAlways: true } : {}),
    rank(candidates, _call, features) {
      const now = clock.monotonic();
      const ranked: Ranked[] = [];
      const filtered: FilteredOut[] = [];
      for (const candidate of candidates) {
        const { quota, inFlight } = features.load(candidate.target.id);
        // Calls in flight only part equals: a thousand of them count as one percent.
        const busy = Math.min(0.01, inFlight * 1e-5);
        if (quota === undefined) {
          ranked.push({ candidate, score: 0.5 - busy, reason: "its provider said nothing of its limits" });
          continue;
        }
        const left = leftOf(quota, now);
        const reason = `${Math.round(left * 100)} % of its ${quota.of} left`;
        if (left < floor) filtered.push({ candidate, reason: `${reason}: less than ${floor * 100} %` });
        else ranked.push({ candidate, score: left - busy, reason });
      }
      return { ranked: byScore(ranked), filtered };
    },
  }),
  filters: ({ floor = 0 }) => floor > 0,
};
