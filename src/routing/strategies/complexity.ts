import { z } from "zod";
import type { PromptClass, StrategyDefinition } from "../../core/ports/strategy.ts";
import { askedText } from "./asked-text.ts";
import { type NestedStrategies, problemsAt, type StrategySettings, unknownNames } from "./nested-strategies.ts";
import { listed, putFirst } from "./put-first.ts";
import { toRanking } from "./to-ranking.ts";

const classes = ["simple", "moderate", "complex"] as const;
type Complexity = PromptClass["complexity"];

interface Options extends Readonly<Record<Complexity, readonly string[]>> {
  /** Where the classifier is less sure than this, the call counts as one step harder. */
  readonly leastConfidence: number;
  /** How the other targets follow. */
  readonly otherwise: StrategySettings;
}

/** Too good a model costs money, too weak a one the answer: a doubt goes upwards. */
const classOf = ({ complexity, complexityConfidence }: PromptClass, leastConfidence: number): Complexity =>
  complexityConfidence >= leastConfidence || complexity === "complex"
    ? complexity
    : complexity === "simple"
      ? "moderate"
      : "complex";

const names = z.array(z.string().min(1)).min(1);
const unread: PromptClass = { taskKind: "other", complexity: "moderate", complexityConfidence: 1 };

/** Targets by how hard the question is, as the classifier that comes with the program reads what the user says last. */
export const complexityDefinition = (nested: NestedStrategies): StrategyDefinition<Options> => ({
  kind: "complexity",
  options: z.strictObject({
    simple: names,
    moderate: names,
    complex: names,
    leastConfidence: z.number().min(0).max(1).default(0.4),
    otherwise: nested.schema.default({ kind: "priority" }),
  }),
  create: ({ leastConfidence, otherwise, ...targets }, parts) => {
    const rest = nested.create(otherwise, parts);
    return {
      kind: "complexity",
      ...(rest.asksAlways ? { asksAlways: true } : {}),
      ...(rest.readsQuota ? { readsQuota: true } : {}),
      rank(candidates, call, features) {
        const others = toRanking(rest.rank(candidates, call, features));
        const read = parts.classify?.(askedText(call)) ?? unread;
        const chosen = classOf(read, leastConfidence);
        const open = others.ranked.map(({ candidate }) => candidate);
        const sure = `${Math.round(read.complexityConfidence * 100)} % sure`;
        const reason =
          chosen === read.complexity ? `${chosen}, ${sure}` : `${chosen}: ${read.complexity} is ${sure} only`;
        const first = listed(targets[chosen], open, { score: 0, reason });
        return first.length === 0 ? others : putFirst(first, others);
      },
    };
  },
  filters: ({ otherwise }) => nested.filters(otherwise),
  problems: (options, targets) => [
    ...classes.flatMap((name) => unknownNames([name], options[name], targets)),
    ...problemsAt(["otherwise"], nested.problems(options.otherwise, targets)),
  ],
});
