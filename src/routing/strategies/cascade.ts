import { z } from "zod";
import type { CascadePlan } from "../../core/plan.ts";
import type { Ranking, Strategy, StrategyDefinition, StrategyProblem } from "../../core/ports/strategy.ts";
import type { Candidate } from "../../core/route.ts";
import { priority } from "./priority.ts";

/** Steps in order; the targets of one step are asked together. Checked here, since strategies may hold one another. */
const steps = z
  .array(z.array(z.string()).min(1).max(8))
  .min(1)
  .max(8)
  .superRefine((given, context) => {
    const seen = new Set<string>();
    for (const [index, step] of given.entries())
      for (const [place, target] of step.entries()) {
        if (seen.has(target)) context.addIssue({ code: "custom", path: [index, place], message: "stands there twice" });
        seen.add(target);
      }
    if (given.flat().length === 1)
      context.addIssue({ code: "custom", message: "name one target only; a cascade has two or more" });
  });

const options = z.strictObject({
  /** Targets of the route. */
  steps,
  accept: z.enum(["agreement", "checked"]),
  /** How many answers must agree. Two, where it is not given. */
  needed: z.number().int().min(2).optional(),
  /** Of an answer that comes with log-probabilities, their mean must not be below this. */
  minimumMeanLogprob: z.number().max(0).optional(),
});
type CascadeOptions = z.output<typeof options>;

/** How many answers are looked at: that of a last step with one target is given whatever it is. */
const lookedAt = (steps: readonly (readonly unknown[])[]): number => {
  const all = steps.reduce((sum, step) => sum + step.length, 0);
  return steps.at(-1)?.length === 1 ? all - 1 : all;
};

const problems = (settings: CascadeOptions, targets: readonly string[]): readonly StrategyProblem[] => {
  const { steps, accept, needed, minimumMeanLogprob } = settings;
  const found: StrategyProblem[] = steps.flatMap((step, index) =>
    step.flatMap((target, place) =>
      targets.includes(target) ? [] : [{ path: ["steps", index, place], message: "is not one of the route's targets" }],
    ),
  );
  if (accept === "agreement" && lookedAt(steps) < (needed ?? 2))
    found.push({
      path: ["steps"],
      message: `have ${lookedAt(steps)} of the ${needed ?? 2} answers that must agree; a last step of one target is not compared`,
    });
  if (accept === "checked" && needed !== undefined)
    found.push({ path: ["needed"], message: "means nothing with 'checked'; remove it" });
  if (accept === "agreement" && minimumMeanLogprob !== undefined)
    found.push({ path: ["minimumMeanLogprob"], message: "means nothing with 'agreement'; remove it" });
  return found;
};

/** The cascade of what is possible of it now; undefined where too little is. */
const planOf = (settings: CascadeOptions, candidates: readonly Candidate[]): CascadePlan | undefined => {
  const byId = new Map(candidates.map((candidate) => [candidate.target.id, candidate]));
  const steps = settings.steps
    .map((step) => step.flatMap((id) => byId.get(id) ?? []))
    .filter(({ length }) => length > 0);
  const { accept: kind, needed = 2, minimumMeanLogprob } = settings;
  const isEnough = kind === "agreement" ? lookedAt(steps) >= needed : steps.flat().length >= 2;
  if (!isEnough) return undefined;
  const shown = steps.map((step) => step.map(({ target }) => target.id).join(" + ")).join(", then ");
  const reason = kind === "agreement" ? `${needed} that agree of ${shown}` : `the first that passes of ${shown}`;
  return { kind, steps, needed, reason, ...(minimumMeanLogprob === undefined ? {} : { minimumMeanLogprob }) };
};

const create = (settings: CascadeOptions): Strategy => ({
  kind: "cascade",
  rank(candidates, call, features): Ranking {
    const ranked = priority.rank(candidates, call, features);
    const cascade = planOf(settings, candidates);
    return cascade === undefined ? { ranked } : { ranked, cascade };
  },
});

/** Several targets asked for one answer, as the configuration says; the route's order where that cannot be. */
export const cascade: StrategyDefinition<CascadeOptions> = { kind: "cascade", options, problems, create };
