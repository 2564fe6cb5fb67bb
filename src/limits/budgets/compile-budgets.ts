import type { BudgetPeriod, Spender } from "../../core/ports/budgets.ts";
import type { LimitScope } from "../../core/ports/limits.ts";
import { withoutKey } from "../compile-rules.ts";
import { namesTeam, teamSubject } from "../team-subject.ts";
import type { BudgetRule } from "./settings.ts";

/** What sums are kept by. `target` is a model at one provider, `model` the same at all of them. */
export type Dimension = LimitScope | "target";

/** One sum that a budget looks at, and that money which concerns it is added to. */
export interface Account {
  readonly dimension: Dimension;
  readonly subject: string;
}

export interface CompiledBudget {
  /** Its place in the configuration. */
  readonly place: number;
  readonly scope: LimitScope;
  readonly per: BudgetPeriod;
  readonly limit: bigint;
  /** The limit for sums that a number holds exactly: Infinity where no such sum reaches it. */
  readonly numericLimit: number;
  readonly alertAt: readonly number[];
  readonly degrade: { readonly route: string; readonly at: number } | undefined;
  readonly maxOutputTokens: number | undefined;
  readonly match: ReadonlySet<string> | undefined;
  /** The sum that a spender's use of a target counts in; undefined where it is no concern of this budget. */
  accountOf(spender: Spender, target: string): Account | undefined;
}

const decimals = 12;

/** USD in 10⁻¹² USD, exactly as the number is written. */
export const amountOf = (usd: number): bigint => {
  const [whole = "0", fraction = ""] = (usd < 1e-6 ? usd.toFixed(decimals) : String(usd)).split(".");
  return BigInt(whole + fraction.slice(0, decimals).padEnd(decimals, "0"));
};

/** The model of `provider/model`; names of models may hold slashes too. */
export const modelOf = (target: string): string => target.slice(target.indexOf("/") + 1);

type Find = CompiledBudget["accountOf"];

// Most calls after each other are of the same few: the account of the last one is made once, not with each look.

const named = (
  dimension: Dimension,
  nameOf: (spender: Spender) => string | null,
  match: ReadonlySet<string> | undefined,
): Find => {
  let last: Account | undefined;
  return (spender) => {
    const subject = nameOf(spender);
    if (last !== undefined && subject === last.subject) return last;
    if (subject === null || match?.has(subject) === false) return undefined;
    last = { dimension, subject };
    return last;
  };
};

const findTeam = (match: ReadonlySet<string> | undefined): Find => {
  let last: { readonly of: Pick<Spender, "tenant" | "team">; readonly account: Account } | undefined;
  return ({ tenant, team }) => {
    if (team === null) return undefined;
    if (last?.of.team === team && last.of.tenant === tenant) return last.account;
    const subject = teamSubject({ tenant, team });
    if (match !== undefined && !namesTeam(match, subject)) return undefined;
    last = { of: { tenant, team }, account: { dimension: "team", subject } };
    return last.account;
  };
};

const accountOfModel = (target: string, match: ReadonlySet<string> | undefined): Account | undefined => {
  if (match?.has(target)) return { dimension: "target", subject: target };
  const model = modelOf(target);
  return match === undefined || match.has(model) ? { dimension: "model", subject: model } : undefined;
};

const findModel = (match: ReadonlySet<string> | undefined): Find => {
  let last: { readonly target: string; readonly account: Account | undefined } | undefined;
  return (_, target) => {
    if (target !== last?.target) last = { target, account: accountOfModel(target, match) };
    return last.account;
  };
};

const everybody: Account = { dimension: "everyone", subject: "" };

const finderOf = ({ scope }: BudgetRule, match: ReadonlySet<string> | undefined): Find => {
  switch (scope) {
    case "key":
      return named("key", ({ keyId }) => keyId ?? withoutKey, match);
    case "team":
      return findTeam(match);
    case "tenant":
      return named("tenant", ({ tenant }) => tenant, match);
    case "route":
      return named("route", ({ route }) => route, match);
    case "model":
      return findModel(match);
    case "everyone":
      return () => everybody;
  }
};

/** The configuration's budgets; `routes` are the names of those that it declares. */
export const compileBudgets = (rules: readonly BudgetRule[], routes: ReadonlySet<string>): readonly CompiledBudget[] =>
  rules.map((rule, place) => {
    // A name that no route of the configuration has is whatever a client wrote.
    const all = rule.scope === "route" ? routes : undefined;
    const match = rule.match === undefined ? all : new Set([rule.match].flat());
    const limit = amountOf(rule.usd);
    return {
      place,
      scope: rule.scope,
      per: rule.per,
      limit,
      numericLimit: limit > BigInt(Number.MAX_SAFE_INTEGER) ? Number.POSITIVE_INFINITY : Number(limit),
      alertAt: rule.alertAt.toSorted((left, right) => left - right),
      degrade: rule.whenSpent === "stop" ? undefined : { route: rule.whenSpent.degradeTo, at: rule.whenSpent.at },
      maxOutputTokens: rule.maxOutputTokens,
      match,
      accountOf: finderOf(rule, match),
    };
  });
