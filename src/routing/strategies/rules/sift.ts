import { namesAnyTarget } from "../../../core/names-target.ts";
import type { FilteredOut, Strategy } from "../../../core/ports/strategy.ts";
import type { Candidate } from "../../../core/route.ts";
import { type Condition, ExpressionFault } from "./expression.ts";
import type { RuleContext } from "./rule-context.ts";

/** A rule as it is asked. */
export interface Rule {
  readonly name: string;
  readonly matches: Condition;
  readonly targets?: readonly string[] | undefined;
  readonly prefer?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
  readonly strategy: Strategy | undefined;
}

/** What rules made of the candidates. */
export interface Sifted {
  readonly left: readonly Candidate[];
  readonly filtered: readonly FilteredOut[];
  readonly notes: readonly string[];
  /** The rule that decides; undefined where none does. */
  readonly decisive: Rule | undefined;
}

/** A rule that fails does not match, and is noted. */
const isMatch = (rule: Rule, context: RuleContext, notes: string[]): boolean => {
  try {
    return rule.matches(context);
  } catch (thrown) {
    const reason = thrown instanceof ExpressionFault ? thrown.message : "it failed";
    notes.push(`rule '${rule.name}' could not be evaluated and did not match: ${reason}`);
    return false;
  }
};

/** The first rule with more to say than what it excludes decides. */
export const sift = (rules: readonly Rule[], candidates: readonly Candidate[], context: RuleContext): Sifted => {
  let left = candidates;
  const filtered: FilteredOut[] = [];
  const notes: string[] = [];
  const drop = (reason: string, isOut: (candidate: Candidate) => boolean): void => {
    for (const candidate of left) if (isOut(candidate)) filtered.push({ candidate, reason });
    left = left.filter((candidate) => !isOut(candidate));
  };
  for (const rule of rules) {
    if (!isMatch(rule, context, notes)) continue;
    const { name, exclude, targets, prefer, strategy } = rule;
    if (exclude !== undefined) drop(`rule '${name}' excludes it`, ({ target }) => namesAnyTarget(exclude, target));
    if (targets !== undefined)
      drop(`rule '${name}' sends the call elsewhere`, ({ target }) => !namesAnyTarget(targets, target));
    if (targets !== undefined || prefer !== undefined || strategy !== undefined)
      return { left, filtered, notes, decisive: rule };
  }
  return { left, filtered, notes, decisive: undefined };
};
