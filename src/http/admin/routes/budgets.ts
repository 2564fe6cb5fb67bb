import { z } from "zod";
import { GatewayError } from "../../../core/errors.ts";
import type { BudgetQuery } from "../../../core/ports/budgets.ts";
import { defineRoute } from "../route.ts";
import { budgetList, showBudgets } from "../schemas/budgets.ts";

const budgetQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(500).default(100),
  after: z.string().max(2_000).optional().describe("What an earlier page gave as `next`."),
});

/** Throws `invalid_value`. */
const readCursor = (text: string): NonNullable<BudgetQuery["after"]> => {
  const match = /^(\d{1,6})\.([\x21-\x7e]*)$/.exec(text);
  try {
    if (match !== null) return { budget: Number(match[1]), subject: decodeURIComponent(match[2] ?? "") };
  } catch {
    // Not what a page gave.
  }
  throw new GatewayError("invalid_value", "Invalid value for 'after': expected what an earlier page gave as 'next'.", {
    param: "after",
  });
};

export const budgetRoutes = [
  defineRoute({
    method: "get",
    path: "/budgets",
    operationId: "listBudgets",
    tag: "ledger",
    summary: "List budgets with what each of their subjects has spent, holds and has left",
    status: 200,
    query: budgetQuery,
    response: budgetList,
    errors: ["storage_unavailable"],
    handle: async ({ query: { limit, after } }, { budgets }) => ({
      value: showBudgets(await budgets.list({ limit, ...(after === undefined ? {} : { after: readCursor(after) }) })),
    }),
  }),
];
