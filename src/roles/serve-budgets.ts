import type { BudgetKeeper } from "../limits/budgets/keeper.ts";
import type { BudgetsService } from "../remote/budgets.ts";
import type { Worker } from "./worker-pool.ts";

/** So long what another worker has sent by now may lie unread. */
const wordMilliseconds = 5;

/** Serves the budgets of all workers to one of them. */
export const serveBudgets = (budgets: BudgetKeeper, worker: Worker): BudgetsService => {
  const nameOf = ({ call, hold }: { readonly call: string; readonly hold: number }): string => `${call} ${hold}`;
  /** Released while they waited: whoever asked has given up. */
  const waiting = new Set<string>();
  return {
    async "budgets.hold"(demand) {
      const name = nameOf(demand);
      waiting.add(name);
      let answer = await budgets.hold(demand, worker);
      if (answer.kind === "refused") {
        // A client that has its answer may call another worker before the first one's word on its end is read here.
        await new Promise((resolve) => setTimeout(resolve, wordMilliseconds));
        if (waiting.has(name)) answer = await budgets.hold(demand, worker);
      }
      if (!waiting.delete(name) && answer.kind === "held") budgets.release(demand, worker);
      return answer;
    },
    "budgets.release"(hold) {
      if (!waiting.delete(nameOf(hold))) budgets.release(hold, worker);
    },
    "budgets.settle": (spent) => budgets.settle(spent, worker),
    "budgets.degradation": (query) => budgets.degradation(query),
    "budgets.list": (query) => budgets.list(query),
  };
};
