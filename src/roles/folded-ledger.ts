import type { LedgerStore } from "../core/ports/ledger-store.ts";

/** A question whose answer is as of now: before it is read, what the journal holds is taken into the database. */
export const foldedFirst =
  <Query, Result>(read: (query: Query) => Promise<Result>, fold: () => Promise<void>) =>
  async (query: Query): Promise<Result> => {
    await fold();
    return read(query);
  };

/** The ledger as of now. */
export const foldedLedger = (
  { callById, usage, recentCalls }: LedgerStore,
  fold: () => Promise<void>,
): LedgerStore => ({
  callById: foldedFirst(callById, fold),
  usage: foldedFirst(usage, fold),
  recentCalls: foldedFirst(recentCalls, fold),
});
