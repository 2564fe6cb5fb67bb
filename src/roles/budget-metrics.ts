import { toUsd } from "../core/money.ts";
import type { BudgetKeeper } from "../limits/budgets/keeper.ts";
import type { BudgetSummary } from "../limits/budgets/standings.ts";
import { type MetricFamily, named } from "../telemetry/exposition.ts";

interface Shown {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge";
  readonly value: (summary: BudgetSummary) => number;
}

const shown: readonly Shown[] = [
  {
    name: "budget_limit_usd",
    help: "What each subject of a budget may spend in a period.",
    type: "gauge",
    value: ({ budget }) => toUsd(Number(budget.limit)),
  },
  {
    name: "budget_spent_usd",
    help: "Spent in the present period, by all subjects of a budget.",
    type: "gauge",
    value: ({ spent }) => toUsd(spent),
  },
  {
    name: "budget_held_usd",
    help: "Held for calls that are open, of all subjects of a budget.",
    type: "gauge",
    value: ({ held }) => toUsd(held),
  },
  {
    name: "budget_highest_share",
    help: "The largest share of its limit that any subject of a budget has spent.",
    type: "gauge",
    value: ({ highestShare }) => highestShare,
  },
  {
    name: "budget_subjects",
    help: "Subjects of a budget that have spent or held something.",
    type: "gauge",
    value: ({ subjects }) => subjects,
  },
  {
    name: "budget_refusals_total",
    help: "Attempts that a budget could not pay for.",
    type: "counter",
    value: ({ refusals }) => refusals,
  },
  {
    name: "budget_thresholds_total",
    help: "Shares of a budget that were passed (alertAt), each once in a period.",
    type: "counter",
    value: ({ thresholds }) => thresholds,
  },
];

/** One line for each budget of the configuration, however many keys or teams it is about. Empty without budgets. */
export const budgetFamilies = (keeper: BudgetKeeper | undefined): readonly MetricFamily[] => {
  const summary = keeper?.summary();
  if (summary === undefined || summary.budgets.length === 0) return [];
  const families = shown.map(
    ({ name, help, type, value }): MetricFamily => ({
      name: named(name),
      help,
      type,
      samples: summary.budgets.map((one) => ({
        suffix: "",
        labels: [
          ["budget", String(one.budget.place)],
          ["scope", one.budget.scope],
          ["per", one.budget.per],
        ],
        value: value(one),
      })),
    }),
  );
  const overruns: MetricFamily = {
    name: named("budget_overruns_total"),
    help: "Calls that cost more than was held for them.",
    type: "counter",
    samples: [{ suffix: "", labels: [], value: summary.overruns }],
  };
  return [...families, overruns];
};
