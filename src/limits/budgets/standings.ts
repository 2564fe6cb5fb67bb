import type { BudgetPage, BudgetQuery, BudgetStanding, Period } from "../../core/ports/budgets.ts";
import { subjectOfName } from "../team-subject.ts";
import type { Book, Sum } from "./book.ts";
import type { CompiledBudget } from "./compile-budgets.ts";
import { ExactSum } from "./exact-sum.ts";

export interface StandingsParts {
  readonly budgets: ReadonlyMap<CompiledBudget, Book>;
  readonly now: number;
  readonly query: BudgetQuery;
}

/** By the end of a period at the pace so far. Too little of it gone says nothing. */
const shortestMilliseconds = 60_000;

const paceOf = (spent: number, { start, end }: Period, now: number): number | null =>
  end === null || now - start < shortestMilliseconds ? null : spent / (now - start);

const standingOf = (
  { place, scope, limit }: CompiledBudget,
  { subject, ...sum }: Pick<Sum, "subject" | "spent" | "held">,
  { period, now }: { readonly period: Period; readonly now: number },
): BudgetStanding => {
  const spent = Number(sum.spent.value);
  const pace = paceOf(spent, period, now);
  const runsOutAt = pace === null || pace === 0 ? null : Math.max(now, period.start + Number(limit) / pace);
  const { start, end } = period;
  return {
    budget: place,
    scope,
    subject,
    period,
    limit: Number(limit),
    spent,
    held: Number(sum.held.value),
    forecast: pace === null || end === null ? null : Math.round(pace * (end - start)),
    runsOutAt: runsOutAt === null || end === null || runsOutAt >= end ? null : Math.round(runsOutAt),
  };
};

const nothing = new ExactSum();

const namedBy = ({ scope, match = new Set() }: CompiledBudget): readonly string[] => {
  if (scope === "everyone") return [""];
  return scope === "team" ? [...match].map(subjectOfName) : [...match];
};

/** Names that a budget is about stand there also where nothing was spent yet. */
const subjectsOf = (budget: CompiledBudget, book: Book): readonly Pick<Sum, "subject" | "spent" | "held">[] => {
  const sums = new Map<string, Pick<Sum, "subject" | "spent" | "held">>();
  for (const subject of namedBy(budget)) sums.set(subject, { subject, spent: nothing, held: nothing });
  for (const sum of book.sumsOf(budget)) sums.set(sum.subject, sum);
  return [...sums.values()].sort((left, right) => (left.subject < right.subject ? -1 : 1));
};

/** One page of all budgets with their subjects, in the configuration's order, then by subject. */
export const listStandings = ({ budgets, now, query }: StandingsParts): BudgetPage => {
  const { limit, after } = query;
  const standings: BudgetStanding[] = [];
  for (const [budget, book] of budgets) {
    if (after !== undefined && budget.place < after.budget) continue;
    for (const sum of subjectsOf(budget, book)) {
      if (after !== undefined && budget.place === after.budget && sum.subject <= after.subject) continue;
      if (standings.length === limit) return { standings, more: true };
      standings.push(standingOf(budget, sum, { period: book.period, now }));
    }
  }
  return { standings, more: false };
};

/** One budget with all of its subjects together. */
export interface BudgetSummary {
  readonly budget: CompiledBudget;
  readonly subjects: number;
  readonly spent: number;
  readonly held: number;
  /** The largest share of its limit that any subject has spent. */
  readonly highestShare: number;
  readonly refusals: number;
  readonly thresholds: number;
}
export interface Summary {
  readonly budgets: readonly BudgetSummary[];
  readonly overruns: number;
}

interface Counts {
  readonly refusals: ReadonlyMap<number, number>;
  readonly thresholds: ReadonlyMap<number, number>;
  readonly overruns: number;
}

/** What the metrics show: one line for each budget, however many subjects it has. */
export const summarize = (books: readonly (readonly [CompiledBudget, Book])[], counts: Counts): Summary => ({
  overruns: counts.overruns,
  budgets: books.map(([budget, book]) => {
    const sums = book.ready ? book.sumsOf(budget) : [];
    const highest = sums.reduce((most, { spent }) => Math.max(most, Number(spent.value)), 0);
    return {
      budget,
      subjects: sums.length,
      spent: sums.reduce((total, { spent }) => total + Number(spent.value), 0),
      held: sums.reduce((total, { held }) => total + Number(held.value), 0),
      highestShare: budget.limit === 0n ? (highest > 0 ? 1 : 0) : highest / Number(budget.limit),
      refusals: counts.refusals.get(budget.place) ?? 0,
      thresholds: counts.thresholds.get(budget.place) ?? 0,
    };
  }),
});
