import type { AttemptRecord, CallRecord } from "../core/ledger.ts";

/** Sums over calls. Money is in 10⁻¹² USD, exact however much it is. */
export interface LedgerSums {
  readonly calls: number;
  readonly interruptedCalls: number;
  readonly attempts: number;
  readonly costPicoUsd: bigint;
  readonly chargePicoUsd: bigint;
  /** Parts of the cost: from estimated usage, and upper bounds where the usage is not known. */
  readonly estimatedPicoUsd: bigint;
  readonly boundPicoUsd: bigint;
  /** Attempts that used something of a model without a price: they are in no sum of money. */
  readonly unpricedAttempts: number;
  /** Attempts whose provider named the cost itself: what it said, and what our price gives. */
  readonly reportedCosts: { readonly attempts: number; readonly theirsPicoUsd: bigint; readonly oursPicoUsd: bigint };
}

/** Adds up calls. */
export class LedgerTally {
  #calls = 0;
  #interrupted = 0;
  #attempts = 0;
  #unpriced = 0;
  #cost = 0n;
  #charge = 0n;
  #estimated = 0n;
  #bound = 0n;
  #compared = 0;
  #theirs = 0n;
  #ours = 0n;

  add(call: Omit<CallRecord, "decision">): void {
    this.#calls += 1;
    if (call.outcome === "interrupted") this.#interrupted += 1;
    this.#cost += whole(call.costPicoUsd);
    this.#charge += whole(call.chargePicoUsd);
    for (const attempt of call.attempts) this.#addAttempt(attempt);
  }

  #addAttempt({ costSource, costPicoUsd, usage, price }: AttemptRecord): void {
    this.#attempts += 1;
    if (costSource === "estimated") this.#estimated += whole(costPicoUsd);
    if (costSource === "bound") this.#bound += whole(costPicoUsd);
    if (costSource === "unpriced") this.#unpriced += 1;
    if (usage?.reportedCostPicoUsd === undefined || price === null) return;
    this.#compared += 1;
    this.#theirs += whole(usage.reportedCostPicoUsd);
    this.#ours += whole(costPicoUsd);
  }

  sums(): LedgerSums {
    return {
      calls: this.#calls,
      interruptedCalls: this.#interrupted,
      attempts: this.#attempts,
      costPicoUsd: this.#cost,
      chargePicoUsd: this.#charge,
      estimatedPicoUsd: this.#estimated,
      boundPicoUsd: this.#bound,
      unpricedAttempts: this.#unpriced,
      reportedCosts: { attempts: this.#compared, theirsPicoUsd: this.#theirs, oursPicoUsd: this.#ours },
    };
  }
}

// What is no whole number is told of as a difference; it must not end the look at the others.
const whole = (amount: number): bigint => (Number.isInteger(amount) ? BigInt(amount) : 0n);
