import type { AttemptRecord, CallRecord } from "../../core/ledger.ts";
import type { CallSummary } from "../../core/ports/ledger-store.ts";
import { type AttemptsTable, type CallsTable, fromJsonOrNull, toJsonOrNull } from "./tables.ts";

// Arithmetic on prices ends in whole numbers; should one not, the sums in the database stay exact all the same. What is
// no amount must not become one: JSON makes null of NaN, and null would round to nothing owed.
const money = (amount: unknown): number => {
  if (typeof amount !== "number" || !Number.isFinite(amount)) throw new TypeError(`${String(amount)} is no amount.`);
  return Math.round(amount);
};

export const callRow = (call: CallRecord): CallsTable => ({
  id: call.id,
  operation: call.operation,
  tenant: call.tenant,
  team: call.team,
  key_id: call.keyId,
  route: call.route,
  requested_model: call.requestedModel,
  streamed: call.streamed ? 1 : 0,
  started_at: call.startedAt,
  outcome: call.outcome,
  status: call.status,
  error_code: call.errorCode,
  error_message: call.errorMessage,
  duration: call.durationMilliseconds,
  first_content_after: call.timeToFirstContentMilliseconds,
  target: call.target,
  model: call.model,
  input_tokens: call.usage?.inputTokens ?? null,
  output_tokens: call.usage?.outputTokens ?? null,
  usage_json: toJsonOrNull(call.usage),
  usage_source: call.usageSource,
  cost: money(call.costPicoUsd),
  charge: money(call.chargePicoUsd),
  decision_json: toJsonOrNull(call.decision),
});

export const attemptRow = (callId: string, attempt: AttemptRecord): AttemptsTable => ({
  call_id: callId,
  number: attempt.number,
  target: attempt.target,
  provider: attempt.provider,
  kind: attempt.kind,
  model: attempt.model,
  outcome: attempt.outcome,
  error_code: attempt.errorCode,
  error_message: attempt.errorMessage,
  upstream_status: attempt.upstreamStatus,
  started_after: attempt.startedAfterMilliseconds,
  headers_after: attempt.headersAfterMilliseconds,
  first_content_after: attempt.firstContentAfterMilliseconds,
  ended_after: attempt.endedAfterMilliseconds,
  input_tokens: attempt.usage?.inputTokens ?? null,
  output_tokens: attempt.usage?.outputTokens ?? null,
  usage_json: toJsonOrNull(attempt.usage),
  usage_source: attempt.usageSource,
  price_json: toJsonOrNull(attempt.price),
  cost: money(attempt.costPicoUsd),
  cost_source: attempt.costSource,
  delivered: attempt.delivered ? 1 : 0,
});

// The casts below are safe: rows are written by the functions above only.
export const callFromRow = (row: Omit<CallsTable, "decision_json">): CallSummary => ({
  id: row.id,
  operation: row.operation as CallRecord["operation"],
  tenant: row.tenant,
  team: row.team,
  keyId: row.key_id,
  route: row.route,
  requestedModel: row.requested_model,
  streamed: row.streamed === 1,
  startedAt: row.started_at,
  outcome: row.outcome as CallRecord["outcome"],
  status: row.status,
  errorCode: row.error_code as CallRecord["errorCode"],
  errorMessage: row.error_message,
  durationMilliseconds: row.duration,
  timeToFirstContentMilliseconds: row.first_content_after,
  target: row.target,
  model: row.model,
  usage: fromJsonOrNull(row.usage_json),
  usageSource: row.usage_source as CallRecord["usageSource"],
  costPicoUsd: row.cost,
  chargePicoUsd: row.charge,
});

export const attemptFromRow = (row: AttemptsTable): AttemptRecord => ({
  number: row.number,
  target: row.target,
  provider: row.provider,
  kind: row.kind,
  model: row.model,
  outcome: row.outcome as AttemptRecord["outcome"],
  errorCode: row.error_code as AttemptRecord["errorCode"],
  errorMessage: row.error_message,
  upstreamStatus: row.upstream_status,
  startedAfterMilliseconds: row.started_after,
  headersAfterMilliseconds: row.headers_after,
  firstContentAfterMilliseconds: row.first_content_after,
  endedAfterMilliseconds: row.ended_after,
  usage: fromJsonOrNull(row.usage_json),
  usageSource: row.usage_source as AttemptRecord["usageSource"],
  price: fromJsonOrNull(row.price_json),
  costPicoUsd: row.cost,
  costSource: row.cost_source as AttemptRecord["costSource"],
  delivered: row.delivered === 1,
});
