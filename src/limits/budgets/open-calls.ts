import type { PicoUsd } from "../../core/money.ts";
import type { Spender, SpentAttempt } from "../../core/ports/budgets.ts";
import type { Book, Sum } from "./book.ts";
import type { CompiledBudget } from "./compile-budgets.ts";

/** What one attempt holds, and of which sums. */
export interface Held {
  readonly hold: number;
  readonly target: string;
  readonly amount: PicoUsd;
  readonly of: Sum[];
  /** What its target's costs concern, as it was found when they were held. */
  readonly found?: Found;
}

/** One budget that a cost concerns, and the sum that it counts in. */
export interface Claim {
  readonly budget: CompiledBudget;
  readonly book: Book;
  readonly sum: Sum;
}

export interface Found {
  readonly claims: readonly Claim[];
  /** Which budgets and books these are of: those of another generation say nothing about the claims of now. */
  readonly generation: number;
}

/** A call that holds money. */
export interface OpenCall {
  readonly id: string;
  readonly startedAt: number;
  readonly spender: Spender;
  readonly held: Held[];
  /** Who will tell of its settlement; undefined: nobody, so the ledger has to be asked. */
  asker: object | undefined;
}

/** Gives back what an attempt holds. */
export const giveBack = ({ of, amount }: Held): void => {
  for (const sum of of) sum.held.add(-amount);
};

export interface TargetOverrun {
  readonly target: string;
  readonly spent: bigint;
  readonly held: bigint;
}
const none: readonly TargetOverrun[] = [];

/** Nearly every call has one attempt, and costs no more than was held for it. */
const isWithin = (held: readonly Held[], attempts: readonly SpentAttempt[]): boolean => {
  if (held.length > 1 || attempts.length > 1) return false;
  const own = held[0];
  const attempt = attempts[0];
  return own !== undefined && attempt?.target === own.target && attempt.cost <= own.amount;
};

/** Targets whose attempts cost more than was held for them, with both sums. Of others nothing was held, nor need be. */
export const overruns = ({ held }: OpenCall, attempts: readonly SpentAttempt[]): readonly TargetOverrun[] => {
  if (isWithin(held, attempts)) return none;
  const cost = new Map<string, bigint>();
  for (const attempt of attempts) cost.set(attempt.target, (cost.get(attempt.target) ?? 0n) + BigInt(attempt.cost));
  return [...cost].flatMap(([target, spent]) => {
    const own = held.filter((one) => one.target === target);
    const most = own.reduce((sum, { amount }) => sum + BigInt(amount), 0n);
    return own.length > 0 && spent > most ? [{ target, spent, held: most }] : [];
  });
};
