import type { AttemptRecord, CallRecord, DispatchedRecord } from "../../src/core/ledger.ts";

/** A settled attempt, for contract suites and ledger tests. */
export const sampleAttempt = (changes: Partial<AttemptRecord> = {}): AttemptRecord => ({
  number: 1,
  target: "openai/small",
  provider: "openai",
  kind: "openai",
  model: "small",
  outcome: "ok",
  errorCode: null,
  errorMessage: null,
  upstreamStatus: 200,
  startedAfterMilliseconds: 0.25,
  headersAfterMilliseconds: 12.5,
  firstContentAfterMilliseconds: 13,
  endedAfterMilliseconds: 20,
  usage: { inputTokens: 10, outputTokens: 5, cachedInputTokens: 4 },
  usageSource: "reported",
  price: { input: 0.15, output: 0.6 },
  costPicoUsd: 4_500_000,
  costSource: "reported",
  delivered: true,
  ...changes,
});

/** A settled call with one attempt. */
export const sampleCall = (id: string, changes: Partial<CallRecord> = {}): CallRecord => ({
  id,
  operation: "chat",
  tenant: "default",
  team: null,
  keyId: "key-1",
  route: "auto",
  requestedModel: "auto",
  streamed: true,
  startedAt: Date.UTC(2026, 10, 30, 12),
  outcome: "ok",
  status: 200,
  errorCode: null,
  errorMessage: null,
  durationMilliseconds: 20.5,
  timeToFirstContentMilliseconds: 13,
  target: "openai/small",
  model: "small",
  usage: { inputTokens: 10, outputTokens: 5, cachedInputTokens: 4 },
  usageSource: "reported",
  costPicoUsd: 4_500_000,
  chargePicoUsd: 4_500_000,
  decision: {
    strategy: "cheapest",
    reason: "It costs least.",
    candidates: [{ target: "openai/small", score: 1, reason: "cheap – näher" }],
  },
  attempts: [sampleAttempt()],
  ...changes,
});

/** The dispatch of a call's attempt. */
export const sampleDispatch = (id: string, changes: Partial<DispatchedRecord> = {}): DispatchedRecord => {
  const { operation, tenant, team, keyId, route, requestedModel, streamed, startedAt } = sampleCall(id);
  return {
    type: "dispatched",
    call: { id, operation, tenant, team, keyId, route, requestedModel, streamed, startedAt },
    attempt: 1,
    target: "openai/small",
    provider: "openai",
    kind: "openai",
    model: "small",
    startedAfterMilliseconds: 0.25,
    price: { input: 0.15, output: 0.6 },
    worstCasePicoUsd: 9_000_000_000,
    ...changes,
  };
};
