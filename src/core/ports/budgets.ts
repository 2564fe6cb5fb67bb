import type { Call } from "../call.ts";
import type { GatewayError } from "../errors.ts";
import type { Target } from "../model.ts";
import type { PicoUsd } from "../money.ts";
import type { LimitScope } from "./limits.ts";

/** Calendar periods in UTC, a week from its Monday; `ever`: all time. */
export const budgetPeriods = ["day", "week", "month", "ever"] as const;
export type BudgetPeriod = (typeof budgetPeriods)[number];

/** A stretch of time, in milliseconds since 1970: `start` is part of it, `end` is not; an end of null: none. */
export interface Period {
  readonly per: BudgetPeriod;
  readonly start: number;
  readonly end: number | null;
}

/** For whom and through which route money is spent: what the ledger knows of a call, too. */
export interface Spender {
  readonly tenant: string;
  readonly team: string | null;
  readonly keyId: string | null;
  readonly route: string;
}

/** The most that one attempt may cost, to be held before it is dispatched. */
export interface HoldDemand {
  readonly call: string;
  /** Tells the holds of one call apart. */
  readonly hold: number;
  /** Of the call, by the clock of periods: it counts in the period in which it began. */
  readonly startedAt: number;
  readonly spender: Spender;
  /** `provider/model`. */
  readonly target: string;
  readonly amount: PicoUsd;
}

/** Which budget stands in the way. Amounts are in 10⁻¹² USD; they may be too large to be exact. */
export interface Shortage {
  readonly scope: LimitScope;
  readonly subject: string;
  readonly period: Period;
  readonly limit: number;
  readonly left: number;
  /** Whether another route is to carry such calls. */
  readonly degradeTo: string | null;
}

/** `now`: of the clock of periods, which is one for all processes. */
export type HoldAnswer =
  | { readonly kind: "held"; readonly now: number }
  | { readonly kind: "refused"; readonly now: number; readonly shortage: Shortage };

/** What the attempts of a call cost, as its settlement in the journal says. */
export interface Spent {
  readonly call: string;
  readonly attempts: readonly SpentAttempt[];
}
export interface SpentAttempt {
  readonly target: string;
  readonly cost: PicoUsd;
}

/** The route that carries calls of a spender while a budget of theirs is nearly spent; null where it is not. */
export interface Degradation {
  readonly route: string;
  /** One clause for people. */
  readonly reason: string;
}

/**
 * Holds money and counts what was spent. All budgets that a demand concerns hold its amount, or none does: of each,
 * what was spent and what is held never exceed its limit, whoever asks in parallel. Asynchronous by contract, since
 * with several processes the sums are one; those of one process answer at once.
 */
export interface Budgets {
  /** What is held is given back by `settle` of its call or by `release`. Throws `storage_unavailable`. */
  hold(demand: HoldDemand): HoldAnswer | Promise<HoldAnswer>;
  /** The attempt was not dispatched. */
  release(hold: Pick<HoldDemand, "call" | "hold">): void;
  /** The call's settlement stands in the journal: its costs take the place of all its holds. */
  settle(spent: Spent): void;
  /** Whether another route is to carry a call to one of these targets. Throws `storage_unavailable`. */
  degradation(query: DegradationQuery): Degradation | null | Promise<Degradation | null>;
  /** How budgets stand. Throws `storage_unavailable`. */
  list(query: BudgetQuery): Promise<BudgetPage>;
}

export interface DegradationQuery extends Pick<HoldDemand, "startedAt" | "spender"> {
  readonly targets: readonly string[];
}

/** A page of what {@link Budgets.list} has: after this budget and subject. */
export interface BudgetQuery {
  readonly limit: number;
  readonly after?: { readonly budget: number; readonly subject: string };
}

/** One budget of one subject, as it stands. Amounts are in 10⁻¹² USD; they may be too large to be exact. */
export interface BudgetStanding {
  /** Its place in the configuration, from 0. */
  readonly budget: number;
  readonly scope: LimitScope;
  readonly subject: string;
  readonly period: Period;
  readonly limit: number;
  readonly spent: number;
  readonly held: number;
  /** By the period's end, at the pace so far; null where the period has no end or has only begun. */
  readonly forecast: number | null;
  /** When nothing will be left at that pace, in milliseconds since 1970; null where that is not within the period. */
  readonly runsOutAt: number | null;
}

export interface BudgetPage {
  readonly standings: readonly BudgetStanding[];
  readonly more: boolean;
}

/** What hinders an attempt: the reason in one clause for the decision, and what the client is told if all are so. */
export interface Unaffordable {
  readonly reason: string;
  readonly error: GatewayError;
}

/** A hold of one attempt: `release` where it is not dispatched after all. */
export type Holding =
  | { readonly kind: "held"; readonly release: () => void }
  | ({ readonly kind: "refused" } & Unaffordable);

/** Asked before each dispatch. */
export interface SpendingGuard {
  /** Undefined where no budget concerns the attempt. Throws `storage_unavailable`. */
  hold(call: Call, target: Target, bound: Bound): Holding | Promise<Holding> | undefined;
}

/** The most that an attempt can cost; or why nobody knows. */
export type Bound =
  | { readonly cost: PicoUsd }
  | { readonly cost: null; readonly missing: "price" | "output" | "media" | "tools" };

/** What the ledger has of a period: sums by whatever the budgets ask for, all else null. */
export interface SpentSum {
  readonly spender: { readonly [Field in keyof Spender]: Spender[Field] | null };
  /** Null where sums by target are not asked for. */
  readonly target: string | null;
  /** Whole USD, and 10⁻¹² USD below one. */
  readonly usd: number;
  readonly pico: number;
}

/** A call whose dispatches are in the ledger without a settlement. */
export interface OpenSpending {
  readonly call: string;
  readonly startedAt: number;
  readonly spender: Spender;
  readonly attempts: readonly SpentAttempt[];
}

/** By which columns sums of a period are asked for. */
export interface SpendingQuestion {
  readonly period: Pick<Period, "start" | "end">;
  readonly by: readonly (keyof Spender | "target")[];
}

export interface SpendingAnswer {
  /** One list for each question. */
  readonly sums: readonly (readonly SpentSum[])[];
  readonly open: readonly OpenSpending[];
  /** Of the calls that were asked for: those that are settled, and so part of the sums. */
  readonly settled: readonly Spent[];
  /** When the latest call of all began; null where there is none. */
  readonly latest: number | null;
}

/** What was spent, as the ledger has it once every journal is folded. Throws `storage_unavailable`. */
export interface SpendingLedger {
  spending(query: {
    readonly questions: readonly SpendingQuestion[];
    readonly calls: readonly string[];
  }): Promise<SpendingAnswer>;
}
