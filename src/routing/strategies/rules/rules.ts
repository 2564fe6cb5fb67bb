import { z } from "zod";
import type { Call } from "../../../core/call.ts";
import type { Features, Ranking, Strategy, StrategyDefinition, StrategyParts } from "../../../core/ports/strategy.ts";
import type { Candidate } from "../../../core/route.ts";
import { type NestedStrategies, problemsAt, type StrategySettings, unknownNames } from "../nested-strategies.ts";
import { listed, putFirst } from "../put-first.ts";
import { toRanking } from "../to-ranking.ts";
import { compileExpression } from "./expression.ts";
import { RuleContext } from "./rule-context.ts";
import { type Rule, sift } from "./sift.ts";

type Names = readonly string[] | undefined;

interface RuleOptions {
  readonly name?: string | undefined;
  readonly when: string;
  /** Only these, in this order where no strategy ranks them. */
  readonly targets?: Names;
  /** These first, in this order. */
  readonly prefer?: Names;
  readonly exclude?: Names;
  readonly strategy?: StrategySettings | undefined;
}

interface Options {
  readonly rules: readonly RuleOptions[];
  readonly otherwise: StrategySettings;
}

const filtersOf = ({ targets, exclude }: RuleOptions): boolean => targets !== undefined || exclude !== undefined;

class Rules implements Strategy {
  readonly kind = "rules";
  readonly asksAlways = true;
  readonly readsQuota?: true;
  readonly #rules: readonly Rule[];
  readonly #otherwise: Strategy;
  readonly #parts: StrategyParts;

  constructor(rules: readonly Rule[], otherwise: Strategy, parts: StrategyParts) {
    this.#rules = rules;
    this.#otherwise = otherwise;
    this.#parts = parts;
    if ([otherwise, ...rules.flatMap(({ strategy }) => strategy ?? [])].some(({ readsQuota }) => readsQuota))
      this.readsQuota = true;
  }

  rank(candidates: readonly Candidate[], call: Call, features: Features): Ranking {
    const { clock, classify } = this.#parts;
    const context = new RuleContext({ call, features, clock, classify });
    const { left, filtered, notes, decisive } = sift(this.#rules, candidates, context);
    if (left.length === 0) return { ranked: [], filtered, notes };
    const ranking = this.#order(left, decisive, { call, features });
    return {
      ...ranking,
      filtered: [...filtered, ...(ranking.filtered ?? [])],
      notes: [...notes, ...(ranking.notes ?? [])],
    };
  }

  #order(
    left: readonly Candidate[],
    rule: Rule | undefined,
    { call, features }: { call: Call; features: Features },
  ): Ranking {
    if (rule === undefined) return toRanking(this.#otherwise.rank(left, call, features));
    const { name, targets, prefer, strategy } = rule;
    const by = `rule '${name}'`;
    if (strategy === undefined && targets !== undefined && prefer === undefined)
      return { ranked: listed(targets, left, { score: 0, reason: by }) };
    const ranking = toRanking((strategy ?? this.#otherwise).rank(left, call, features));
    const told = {
      ...ranking,
      ranked: ranking.ranked.map((entry) => ({ ...entry, reason: `${by}: ${entry.reason}` })),
    };
    if (prefer === undefined) return told;
    const open = ranking.ranked.map(({ candidate }) => candidate);
    return putFirst(listed(prefer, open, { score: 0, reason: `${by} prefers it` }), told);
  }
}

const expression = z.string().superRefine((text, context) => {
  try {
    compileExpression(text);
  } catch (thrown) {
    context.addIssue({ code: "custom", message: thrown instanceof Error ? thrown.message : "is not an expression" });
  }
});

const names = z.array(z.string().min(1)).min(1).optional();

const optionsOf = (nested: NestedStrategies) =>
  z.strictObject({
    rules: z
      .array(
        z
          .strictObject({
            name: z.string().min(1).max(100).optional(),
            when: expression,
            targets: names,
            prefer: names,
            exclude: names,
            strategy: nested.schema.optional(),
          })
          .refine(
            ({ targets, prefer, exclude, strategy }) =>
              [targets, prefer, exclude, strategy].some((said) => said !== undefined),
            "says nothing to do: give it targets, prefer, exclude or strategy",
          ),
      )
      .min(1)
      .max(100),
    otherwise: nested.schema.default({ kind: "priority" }),
  });

/**
 * Rules on what a call holds and who sends it, in the Common Expression Language. They are asked in order: those that only
 * exclude add up, and the first one with targets, a preference or a strategy decides.
 */
export const rulesDefinition = (nested: NestedStrategies): StrategyDefinition<Options> => ({
  kind: "rules",
  options: optionsOf(nested),
  create: ({ rules, otherwise }, parts) =>
    new Rules(
      rules.map(({ name, when, strategy, ...rule }, index) => ({
        ...rule,
        name: name ?? String(index + 1),
        matches: compileExpression(when),
        strategy: strategy && nested.create(strategy, parts),
      })),
      nested.create(otherwise, parts),
      parts,
    ),
  filters: ({ rules, otherwise }) =>
    nested.filters(otherwise) ||
    rules.some((rule) => filtersOf(rule) || (rule.strategy !== undefined && nested.filters(rule.strategy))),
  problems: ({ rules, otherwise }, targets) => [
    ...rules.flatMap((rule, index) => [
      ...unknownNames(["rules", index, "targets"], rule.targets, targets),
      ...unknownNames(["rules", index, "prefer"], rule.prefer, targets),
      ...unknownNames(["rules", index, "exclude"], rule.exclude, targets),
      ...(rule.strategy === undefined
        ? []
        : problemsAt(["rules", index, "strategy"], nested.problems(rule.strategy, targets))),
    ]),
    ...problemsAt(["otherwise"], nested.problems(otherwise, targets)),
  ],
});
