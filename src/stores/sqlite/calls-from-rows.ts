import type { AttemptRecord, CallRecord } from "../../core/ledger.ts";
import type { CallSummary } from "../../core/ports/ledger-store.ts";
import type { Usage } from "../../core/usage.ts";
import { type AttemptsTable, type CallsTable, fromJsonOrNull } from "./tables.ts";

type UsageColumns = Pick<CallsTable, "input_tokens" | "output_tokens" | "usage_json">;

const usageFrom = ({ input_tokens: inputTokens, output_tokens: outputTokens, usage_json: json }: UsageColumns) =>
  json === null && inputTokens !== null && outputTokens !== null
    ? { inputTokens, outputTokens }
    : fromJsonOrNull<Usage>(json);

// The casts below are safe: rows are written by the functions of call-rows.ts only.
export const callFromRow = (row: CallsTable): CallSummary => ({
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
  usage: usageFrom(row),
  usageSource: row.usage_source as CallRecord["usageSource"],
  costPicoUsd: row.cost,
  chargePicoUsd: row.charge,
});

const attemptFromRow = (row: Omit<AttemptsTable, "call_id">): AttemptRecord => ({
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
  usage: usageFrom(row),
  usageSource: row.usage_source as AttemptRecord["usageSource"],
  price: fromJsonOrNull(row.price_json),
  costPicoUsd: row.cost,
  costSource: row.cost_source as AttemptRecord["costSource"],
  delivered: row.delivered === 1,
  ...(row.contributed === 1 ? { contributed: true } : {}),
});

/** The attempt that stands in its call's own row. */
const soleFromRow = (row: CallsTable): readonly AttemptRecord[] =>
  row.provider === null
    ? []
    : [attemptFromRow({ ...row, number: 1, cost: row.attempt_cost, contributed: 0 } as Omit<AttemptsTable, "call_id">)];

/** All attempts of a call: that of its row, and those that stand by themselves, in the order of their numbers. */
export const attemptsFromRows = (row: CallsTable, separate: readonly AttemptsTable[]): readonly AttemptRecord[] => [
  ...soleFromRow(row),
  ...separate.map(attemptFromRow),
];
