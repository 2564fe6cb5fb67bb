import { z } from "zod";
import type { StrategyDefinition } from "../../core/ports/strategy.ts";
import { askedText } from "./asked-text.ts";
import { ExampleIndex } from "./example-index.ts";
import { type NestedStrategies, problemsAt, type StrategySettings, unknownNames } from "./nested-strategies.ts";
import { listed, putFirst } from "./put-first.ts";
import { toRanking } from "./to-ranking.ts";

interface Group {
  readonly name?: string | undefined;
  readonly targets: readonly string[];
  readonly examples: readonly string[];
}

interface Options {
  readonly groups: readonly Group[];
  /** An example that is less like the question counts as none. */
  readonly threshold: number;
  readonly otherwise: StrategySettings;
}

const text = z.string().min(1).max(4_000);
const optionsOf = (nested: NestedStrategies) =>
  z.strictObject({
    groups: z
      .array(
        z.strictObject({
          name: z.string().min(1).max(100).optional(),
          targets: z.array(z.string().min(1)).min(1),
          examples: z.array(text).min(1).max(50),
        }),
      )
      .min(1)
      .max(20),
    threshold: z.number().min(0).max(1).default(0.2),
    otherwise: nested.schema.default({ kind: "priority" }),
  });

/**
 * Each group of targets has examples of what it is for; a call goes to the group with the example that is most like it,
 * by the cosine of hashed words and 4-grams. No model is asked. Where no example is like it, `otherwise` decides.
 */
export const semanticDefinition = (nested: NestedStrategies): StrategyDefinition<Options> => ({
  kind: "semantic",
  options: optionsOf(nested),
  create: ({ groups, threshold, otherwise }, parts) => {
    const rest = nested.create(otherwise, parts);
    const owners = groups.flatMap((group) => group.examples.map(() => group));
    const index = new ExampleIndex(groups.flatMap(({ examples }) => examples));
    return {
      kind: "semantic",
      ...(rest.asksAlways ? { asksAlways: true } : {}),
      ...(rest.readsQuota ? { readsQuota: true } : {}),
      rank(candidates, call, features) {
        const others = toRanking(rest.rank(candidates, call, features));
        const { example, likeness } = index.nearest(askedText(call));
        const chosen = owners[example];
        if (chosen === undefined || likeness < threshold) return others;
        const open = others.ranked.map(({ candidate }) => candidate);
        const reason = `like an example of ${chosen.name ?? `group ${groups.indexOf(chosen) + 1}`} (${likeness.toFixed(2)})`;
        const first = listed(chosen.targets, open, { score: likeness, reason });
        return first.length === 0 ? others : putFirst(first, others);
      },
    };
  },
  filters: ({ otherwise }) => nested.filters(otherwise),
  problems: ({ groups, otherwise }, targets) => [
    ...groups.flatMap((group, index) => unknownNames(["groups", index, "targets"], group.targets, targets)),
    ...problemsAt(["otherwise"], nested.problems(otherwise, targets)),
  ],
});
