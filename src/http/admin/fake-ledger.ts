import type { CallRecord } from "../../core/ledger.ts";
import type { CallFilter, LedgerStore, UsageGroup } from "../../core/ports/ledger-store.ts";

/** The present of the tests. */
export const now = Date.UTC(2026, 10, 21, 12);

/** A settled call; the fifth of each is an error. */
const makeCall = (number: number): CallRecord => ({
  id: `call_${number}`,
  operation: "chat",
  tenant: "default",
  team: null,
  keyId: "key_1",
  route: "fast",
  requestedModel: "fast",
  streamed: false,
  startedAt: now + number,
  outcome: number % 5 === 0 ? "error" : "ok",
  status: 200,
  errorCode: null,
  errorMessage: null,
  durationMilliseconds: 10.5,
  timeToFirstContentMilliseconds: 5.5,
  target: "cloud/m",
  model: "m",
  usage: { inputTokens: 10, outputTokens: 5, reasoningTokens: 2 },
  usageSource: "reported",
  costPicoUsd: 20_000_000,
  chargePicoUsd: 10_000_000,
  decision: {
    strategy: "priority",
    candidates: [
      { target: "cloud/m", score: 1, reason: "first in order" },
      { target: "local/m", reason: "too small", excluded: true },
    ],
    reason: "It is first.",
  },
  attempts: [
    {
      number: 1,
      target: "cloud/m",
      provider: "cloud",
      kind: "openai",
      model: "m",
      outcome: "ok",
      errorCode: null,
      errorMessage: null,
      upstreamStatus: 200,
      startedAfterMilliseconds: 0.5,
      headersAfterMilliseconds: 4,
      firstContentAfterMilliseconds: 5.5,
      endedAfterMilliseconds: 10,
      usage: { inputTokens: 10, outputTokens: 5 },
      usageSource: "reported",
      price: { input: 1, output: 2 },
      costPicoUsd: 20_000_000,
      costSource: "reported",
      delivered: true,
    },
  ],
});

/** A ledger of so many calls; `asked` holds the filters and groups that it was asked for. */
export const makeLedger = (size: number) => {
  const calls = Array.from({ length: size }, (_, index) => makeCall(size - index));
  const asked: (CallFilter & { groupBy?: UsageGroup })[] = [];
  const ledger: LedgerStore = {
    callById: async (id) => calls.find((call) => call.id === id),
    usage: async (query) => {
      asked.push(query);
      const sums = { calls: 2, attempts: 3, failures: 1, inputTokens: 10, outputTokens: 20 };
      return [
        {
          group: "m",
          ...sums,
          costPicoUsd: 1_500_000_000_000,
          chargePicoUsd: 1,
          estimatedPicoUsd: 2,
          unpricedAttempts: 1,
        },
      ];
    },
    recentCalls: async ({ limit, before, ...filter }) => {
      asked.push(filter);
      const from = before === undefined ? 0 : calls.findIndex(({ id }) => id === before.id) + 1;
      return calls.slice(from, from + limit).map(({ attempts: _, decision: __, ...summary }) => summary);
    },
  };
  return { ledger, asked };
};
