import { z } from "zod";
import { toUsd } from "../../../core/money.ts";
import { type BudgetPage, type BudgetStanding, budgetPeriods } from "../../../core/ports/budgets.ts";
import { limitScopes } from "../../../core/ports/limits.ts";
import { named, showOptionalTime, showTime, time } from "./registry.ts";

const standing = named(
  "Budget",
  z.strictObject({
    budget: z.int().describe("Its place in the configuration, from 0."),
    scope: z.enum(limitScopes),
    subject: z.string().describe("Whose budget it is: a key's id, a team, a model and so on; empty for everyone."),
    per: z.enum(budgetPeriods),
    begins: time,
    ends: time.nullable().describe("When it begins anew; null for one that never does."),
    limitUsd: z.number(),
    spentUsd: z.number(),
    heldUsd: z.number().describe("The most that calls which are open may cost."),
    leftUsd: z.number(),
    forecastUsd: z
      .number()
      .nullable()
      .describe("Spent by the period's end at the pace so far; null where that says nothing."),
    runsOutAt: time
      .nullable()
      .describe("When nothing will be left at that pace; null where that is not in the period."),
  }),
);

export const budgetList = named(
  "BudgetList",
  z.strictObject({
    data: z.array(standing),
    next: z.string().nullable().describe("For `after` of the next page; null where there is none."),
  }),
);

export const showBudget = (budget: BudgetStanding): z.input<typeof standing> => ({
  budget: budget.budget,
  scope: budget.scope,
  subject: budget.subject,
  per: budget.period.per,
  begins: showTime(budget.period.start),
  ends: showOptionalTime(budget.period.end),
  limitUsd: toUsd(budget.limit),
  spentUsd: toUsd(budget.spent),
  heldUsd: toUsd(budget.held),
  leftUsd: toUsd(Math.max(0, budget.limit - budget.spent - budget.held)),
  forecastUsd: budget.forecast === null ? null : toUsd(budget.forecast),
  runsOutAt: showOptionalTime(budget.runsOutAt),
});

export const showBudgets = ({ standings, more }: BudgetPage): z.input<typeof budgetList> => {
  const last = standings.at(-1);
  return {
    data: standings.map(showBudget),
    next: more && last !== undefined ? `${last.budget}.${encodeURIComponent(last.subject)}` : null,
  };
};
