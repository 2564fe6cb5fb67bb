import type { AttemptRecord, CallRecord, DispatchedRecord } from "../core/ledger.ts";

const message = "The program ended before this call was settled; its cost is the most that it can have been.";

/**
 * The calls that dispatches without a settlement stand for. What they used is not known, so each attempt costs its
 * upper bound, and nothing is charged, since nobody knows what was delivered.
 */
export const interruptedCalls = (dispatches: readonly DispatchedRecord[]): readonly CallRecord[] =>
  [...Map.groupBy(dispatches, ({ call }) => call.id).values()].map(interruptedCall);

const interruptedCall = (dispatches: readonly DispatchedRecord[]): CallRecord => {
  const { call } = dispatches[0] as DispatchedRecord;
  const attempts = dispatches.map(interruptedAttempt);
  return {
    ...call,
    outcome: "interrupted",
    status: 500,
    errorCode: "internal_error",
    errorMessage: message,
    durationMilliseconds: Math.max(...attempts.map(({ endedAfterMilliseconds }) => endedAfterMilliseconds)),
    timeToFirstContentMilliseconds: null,
    target: null,
    model: null,
    usage: null,
    usageSource: "unknown",
    costPicoUsd: attempts.reduce((sum, { costPicoUsd }) => sum + costPicoUsd, 0),
    chargePicoUsd: 0,
    decision: null,
    attempts,
  };
};

const interruptedAttempt = (dispatch: DispatchedRecord): AttemptRecord => ({
  number: dispatch.attempt,
  target: dispatch.target,
  provider: dispatch.provider,
  kind: dispatch.kind,
  model: dispatch.model,
  outcome: "interrupted",
  errorCode: "internal_error",
  errorMessage: message,
  upstreamStatus: null,
  startedAfterMilliseconds: dispatch.startedAfterMilliseconds,
  headersAfterMilliseconds: null,
  firstContentAfterMilliseconds: null,
  endedAfterMilliseconds: dispatch.startedAfterMilliseconds,
  usage: null,
  usageSource: "unknown",
  price: dispatch.price,
  costPicoUsd: dispatch.worstCasePicoUsd ?? 0,
  costSource: dispatch.worstCasePicoUsd === null ? "unpriced" : "bound",
  delivered: false,
});
