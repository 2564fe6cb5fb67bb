import { z } from "zod";
import type { FilteredOut, Ranked, StrategyDefinition } from "../../core/ports/strategy.ts";

const tags = z.array(z.string().min(1)).min(1).optional();

interface Options {
  readonly any?: readonly string[] | undefined;
  readonly all?: readonly string[] | undefined;
  readonly none?: readonly string[] | undefined;
}

/** Why a model with these tags is not asked; undefined where it is. */
const fault = (has: readonly string[], { any, all, none }: Options): string | undefined => {
  const missing = all?.find((tag) => !has.includes(tag));
  if (missing !== undefined) return `it has no tag '${missing}'`;
  if (any !== undefined && !any.some((tag) => has.includes(tag))) return `it has none of the tags ${any.join(", ")}`;
  const forbidden = none?.find((tag) => has.includes(tag));
  return forbidden === undefined ? undefined : `it has the tag '${forbidden}'`;
};

/** Excludes targets by their models' tags; the rest keep the route's order. */
export const byTags: StrategyDefinition<Options> = {
  kind: "tags",
  options: z.strictObject({ any: tags, all: tags, none: tags }),
  create: (options) => ({
    kind: "tags",
    asksAlways: true,
    rank(candidates) {
      const ranked: Ranked[] = [];
      const filtered: FilteredOut[] = [];
      for (const candidate of candidates) {
        const reason = fault(candidate.target.facts.tags ?? [], options);
        if (reason === undefined) ranked.push({ candidate, score: -ranked.length, reason: "its tags fit" });
        else filtered.push({ candidate, reason });
      }
      return { ranked, filtered };
    },
  }),
  filters: ({ any, all, none }) => any !== undefined || all !== undefined || none !== undefined,
};
