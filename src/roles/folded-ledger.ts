import type { LedgerStore } from "../core/ports/ledger-store.ts";

/** The ledger as of now: before it is read, what the journal holds is taken into the database. */
export const foldedLedger = (ledger: LedgerStore, fold: () => Promise<void>): LedgerStore => {
  const after =
    <Query, Result>(read: (query: Query) => Promise<Result>) =>
    async (query: Query): Promise<Result> => {
      await fold();
      return read(query);
    };
  return { callById: after(ledger.callById), usage: after(ledger.usage), recentCalls: after(ledger.recentCalls) };
};
