import { type Check, median } from "../support/checks.ts";
import type { LedgerRows } from "../support/ledger-rows.ts";
import type { Receipt } from "../support/receipt.ts";
import { providerName } from "../support/send-call.ts";
import type { Dispatch } from "../upstream/journal.ts";

/** Calls that must be under way when the program is killed. */
export const leastInFlight = 200;

/** One `kill -9`. */
export interface Kill {
  /** Milliseconds since 1970, just before the signal. */
  readonly at: number;
  /** `fold`: at the moment at which the database was written; `random`: at any. */
  readonly aim: "fold" | "random";
  /** Calls that clients had sent and not got whole. */
  readonly inFlight: number;
  /** Requests that the upstream had not ended. */
  readonly openUpstream: number;
}

export const inFlightCheck = (kills: readonly Kill[], wanted: number): Check => {
  const counts = kills.map(({ openUpstream }) => openUpstream);
  return {
    name: `${wanted} kills, each with at least ${leastInFlight} calls in flight`,
    figure: `at the upstream: least ${Math.min(...counts)}, median ${median(counts)}; ${kills.filter(({ aim }) => aim === "fold").length} aimed at a fold`,
    faults: [
      ...(kills.length === wanted ? [] : [`only ${kills.length} kills`]),
      ...kills.flatMap(({ openUpstream }, index) =>
        openUpstream < leastInFlight ? [`kill ${index + 1}: ${openUpstream} in flight`] : [],
      ),
    ],
  };
};

/** A call whose last dispatch was open when the program died cannot have been settled. */
export const interruptionCheck = (
  kills: readonly Kill[],
  { dispatches, ledger }: { readonly dispatches: readonly Dispatch[]; readonly ledger: LedgerRows },
): Check => {
  const outcomes = new Map(ledger.calls.map(({ requestedModel, outcome }) => [requestedModel, outcome]));
  const died = (from: number, to: number): boolean => kills.some(({ at }) => from < at && at <= to);
  const open = dispatches.filter(({ receivedAt, ending }) => ending?.how === "aborted" && died(receivedAt, ending.at));
  return {
    name: "what was under way at a kill is recorded as interrupted",
    figure: `${open.length} dispatches`,
    faults: [
      ...(open.length === 0 ? ["nothing was under way: nothing was proved"] : []),
      ...open.flatMap(({ model }) => {
        const outcome = outcomes.get(`${providerName}/${model}`);
        return outcome === "interrupted" ? [] : [`${model}: recorded as ${outcome ?? "nothing"}`];
      }),
    ],
  };
};

/** While the program lives it fails no call that the upstream does not fail. */
export const failureCheck = (receipts: readonly Receipt[], kills: readonly Kill[]): Check => ({
  name: "no call broke other than by a kill",
  faults: receipts.flatMap(({ model, ending, sentAt, endedAt, error }) => {
    if (ending !== "broken") return [];
    // The client hears of a kill a little later.
    const isKilled = kills.some(({ at }) => sentAt <= at + 50 && at <= endedAt);
    return isKilled ? [] : [`${model}: ${error}`];
  }),
});
