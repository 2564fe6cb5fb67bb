import type { Call } from "../../core/call.ts";
import type { CallRecord } from "../../core/ledger.ts";
import type { Target } from "../../core/model.ts";
import type { PicoUsd } from "../../core/money.ts";
import type {
  Bound,
  Budgets,
  HoldAnswer,
  HoldDemand,
  Holding,
  Spender,
  SpendingGuard,
  Unaffordable,
} from "../../core/ports/budgets.ts";
import type { CompiledBudget } from "./compile-budgets.ts";
import { shortOf, tooMuch, unbounded } from "./refusals.ts";

export interface BudgetGuardParts {
  readonly budgets: Budgets;
  /** Of this instant: also a call that began before a reload is held by what is in force now. */
  readonly compiled: () => readonly CompiledBudget[];
  /** Told of the time in the process that keeps the sums; absent: that is this one. */
  readonly onTime?: (now: number) => void;
}

/** Holds money for the attempts of one process, and tells what they cost in the end. */
export class BudgetGuard implements SpendingGuard {
  readonly #parts: BudgetGuardParts;
  /** Calls that have held something. */
  readonly #calls = new Set<string>();
  #last = 0;

  constructor(parts: BudgetGuardParts) {
    this.#parts = parts;
  }

  hold(call: Call, target: Target, bound: Bound): Holding | Promise<Holding> | undefined {
    const compiled = this.#parts.compiled();
    if (compiled.length === 0) return undefined;
    const { head } = call.scope;
    if (!concerns(compiled, head, target.id)) return undefined;
    if (bound.cost === null) return refuse(call, target, unbounded(call, target, bound.missing));
    if (!Number.isSafeInteger(bound.cost)) return refuse(call, target, tooMuch(target));
    const demand = demandOf(call, target, { amount: bound.cost, hold: ++this.#last });
    const answer = this.#parts.budgets.hold(demand);
    return answer instanceof Promise
      ? answer.then((known) => this.#take(call, target, { demand, answer: known }))
      : this.#take(call, target, { demand, answer });
  }

  /** The call's settlement stands in the journal. */
  settle({ id, attempts }: CallRecord): void {
    if (!this.#calls.delete(id)) return;
    const spent = attempts.map(({ target, costPicoUsd }) => ({ target, cost: costPicoUsd }));
    this.#parts.budgets.settle({ call: id, attempts: spent });
  }

  #take(call: Call, target: Target, { demand, answer }: { demand: HoldDemand; answer: HoldAnswer }): Holding {
    this.#parts.onTime?.(answer.now);
    if (answer.kind === "refused") return refuse(call, target, shortOf(target, demand.amount, answer.shortage));
    this.#calls.add(call.id);
    return { kind: "held", release: () => this.#parts.budgets.release(demand) };
  }
}

const concerns = (compiled: readonly CompiledBudget[], spender: Spender, target: string): boolean => {
  for (const budget of compiled) if (budget.accountOf(spender, target) !== undefined) return true;
  return false;
};

const refuse = (call: Call, target: Target, why: Unaffordable): Holding => {
  call.scope.note(`${target.id} passed over: ${why.reason}`);
  return { kind: "refused", ...why };
};

const demandOf = (
  { id, scope }: Call,
  target: Target,
  { amount, hold }: { readonly amount: PicoUsd; readonly hold: number },
): HoldDemand => {
  const { tenant, team, keyId, route, startedAt } = scope.head;
  return { call: id, hold, startedAt, spender: { tenant, team, keyId, route }, target: target.id, amount };
};
