import { z } from "zod";
import { budgetPeriods } from "../../core/ports/budgets.ts";
import { limitScopes } from "../../core/ports/limits.ts";

const name = z.string().min(1).max(500);
const share = z.number().gt(0, "expected a share above 0 and up to 1").max(1, "expected a share above 0 and up to 1");

/** More than any account has, and exact to a millionth. */
const mostUsd = 1_000_000_000;

/** One entry under `budgets`. */
export const budgetSchema = z
  .strictObject({
    scope: z.enum(limitScopes),
    /** Only these, each by itself; absent: each one that there is. */
    match: z.union([name, z.array(name).min(1)], "expected a name or a list of names").optional(),
    /** What may be spent within a period; 0 lets only calls on that cost nothing. */
    usd: z.number().min(0).max(mostUsd),
    per: z.enum(budgetPeriods),
    /** Shares of the budget whose passing is told of in the log and in the metrics. */
    alertAt: z.array(share).max(10).default([]),
    /** What becomes of calls that it cannot pay for; or the route that carries calls once a share of it is spent. */
    whenSpent: z
      .union(
        [z.literal("stop"), z.strictObject({ degradeTo: name, at: share.default(0.8) })],
        "expected 'stop', or degradeTo with the name of a route",
      )
      .default("stop"),
    /** Asked of the provider where the client sets no limit of its own, so that its worst case stays small. */
    maxOutputTokens: z.number().int().min(1).max(1_000_000_000).optional(),
  })
  .superRefine(({ scope, match }, context) => {
    if (scope === "everyone" && match !== undefined)
      context.addIssue({ code: "custom", path: ["match"], message: "means nothing for everyone; remove it" });
  });
export type BudgetRule = z.output<typeof budgetSchema>;

/** The `budgets` key. */
export const budgetsSchema = z.array(budgetSchema).max(1_000).default([]);
