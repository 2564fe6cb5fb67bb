import type {
  BudgetPage,
  BudgetQuery,
  Budgets,
  Degradation,
  DegradationQuery,
  HoldAnswer,
  HoldDemand,
  Spent,
} from "../core/ports/budgets.ts";

/** Budgets as another process keeps them for one asker, whose calls are looked up in the ledger when it ends. */
export interface BudgetsService {
  "budgets.hold"(demand: HoldDemand): HoldAnswer | Promise<HoldAnswer>;
  "budgets.release"(hold: Pick<HoldDemand, "call" | "hold">): void;
  "budgets.settle"(spent: Spent): void;
  "budgets.degradation"(query: DegradationQuery): Degradation | null | Promise<Degradation | null>;
  "budgets.list"(query: BudgetQuery): Promise<BudgetPage>;
}

/** The questions of {@link BudgetsService}; those with an answer reject where nobody gives it. */
export interface BudgetsPeer {
  "budgets.hold"(demand: HoldDemand): Promise<HoldAnswer>;
  "budgets.release"(hold: Pick<HoldDemand, "call" | "hold">): void;
  "budgets.settle"(spent: Spent): void;
  "budgets.degradation"(query: DegradationQuery): Promise<Degradation | null>;
  "budgets.list"(query: BudgetQuery): Promise<BudgetPage>;
}

/** An attempt waits no longer than this to hear whether it may be dispatched; then it is not. */
export const budgetsPatienceMilliseconds = 2_000;

/** Budgets whose sums another process keeps: one question for each dispatch, and a word when the call is settled. */
export class RemoteBudgets implements Budgets {
  readonly #peer: BudgetsPeer;

  constructor(peer: BudgetsPeer) {
    this.#peer = peer;
  }

  async hold(demand: HoldDemand): Promise<HoldAnswer> {
    try {
      return await this.#peer["budgets.hold"](demand);
    } catch (error) {
      // It may be held yet, and nobody would ever give it back. What is sent later is also read later.
      this.release(demand);
      throw error;
    }
  }

  release({ call, hold }: Pick<HoldDemand, "call" | "hold">): void {
    this.#peer["budgets.release"]({ call, hold });
  }

  settle(spent: Spent): void {
    this.#peer["budgets.settle"](spent);
  }

  degradation(query: DegradationQuery): Promise<Degradation | null> {
    return this.#peer["budgets.degradation"](query);
  }

  list(query: BudgetQuery): Promise<BudgetPage> {
    return this.#peer["budgets.list"](query);
  }
}
