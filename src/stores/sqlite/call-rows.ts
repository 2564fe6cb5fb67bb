import type { AttemptRecord } from "../../core/ledger.ts";
import type { Price } from "../../core/money.ts";
import type { FoldedCall } from "../../core/ports/ledger-store.ts";
import type { Usage } from "../../core/usage.ts";
import type { AttemptsTable, CallsTable } from "./tables.ts";

// Arithmetic on prices ends in whole numbers; should one not, the sums in the database stay exact all the same. What is
// no amount must not become one: JSON makes null of NaN, and null would round to nothing owed.
const money = (amount: unknown): number => {
  if (typeof amount !== "number" || !Number.isFinite(amount)) throw new TypeError(`${String(amount)} is no amount.`);
  return Math.round(amount);
};

/** Null where the columns of the totals say it all. */
const usageDetails = (usage: Usage | null): string | null => {
  if (usage === null) return null;
  let kinds = 0;
  for (const _ in usage) kinds += 1;
  return kinds === 2 ? null : JSON.stringify(usage);
};

const priceTexts = new WeakMap<Price, string>();
/** The same few prices stand beside many attempts. */
const priceText = (price: Price | null): string | null => {
  if (price === null) return null;
  const known = priceTexts.get(price);
  if (known !== undefined) return known;
  const text = JSON.stringify(price);
  priceTexts.set(price, text);
  return text;
};

/** What a call's row has of its decision. */
export type DecisionColumns = Pick<CallsTable, "decision_json" | "decision_id">;

const isSameUsage = (one: Usage | null, other: Usage | null): boolean =>
  one === other || JSON.stringify(one) === JSON.stringify(other);

// What the columns of `calls` would not refuse by themselves, since most of them are empty for other calls.
const isWhole = ({ provider, kind, costSource, startedAfterMilliseconds, endedAfterMilliseconds }: AttemptRecord) =>
  typeof provider === "string" &&
  typeof kind === "string" &&
  typeof costSource === "string" &&
  Number.isFinite(startedAfterMilliseconds) &&
  Number.isFinite(endedAfterMilliseconds);

/** The only attempt of a call, where all that the call has in common with it is the same. */
export const soleAttempt = (call: FoldedCall): AttemptRecord | undefined => {
  const [attempt] = call.attempts;
  return call.attempts.length === 1 &&
    attempt?.number === 1 &&
    attempt.target === call.target &&
    attempt.model === call.model &&
    attempt.outcome === call.outcome &&
    attempt.errorCode === call.errorCode &&
    attempt.errorMessage === call.errorMessage &&
    attempt.firstContentAfterMilliseconds === call.timeToFirstContentMilliseconds &&
    attempt.usageSource === call.usageSource &&
    attempt.contributed === undefined &&
    isSameUsage(attempt.usage, call.usage) &&
    isWhole(attempt)
    ? attempt
    : undefined;
};

/** The columns in the order of `callColumns`. */
export const callRow = (call: FoldedCall, sole: AttemptRecord | undefined, decision: DecisionColumns): CallsTable => ({
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
  usage_json: usageDetails(call.usage),
  usage_source: call.usageSource,
  cost: money(call.costPicoUsd),
  charge: money(call.chargePicoUsd),
  decision_json: decision.decision_json,
  decision_id: decision.decision_id,
  provider: sole?.provider ?? null,
  kind: sole?.kind ?? null,
  upstream_status: sole?.upstreamStatus ?? null,
  started_after: sole?.startedAfterMilliseconds ?? null,
  headers_after: sole?.headersAfterMilliseconds ?? null,
  ended_after: sole?.endedAfterMilliseconds ?? null,
  price_json: sole === undefined ? null : priceText(sole.price),
  attempt_cost: sole === undefined ? null : money(sole.costPicoUsd),
  cost_source: sole?.costSource ?? null,
  delivered: sole === undefined ? null : sole.delivered ? 1 : 0,
});

/** The columns in the order of `attemptColumns`. */
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
  usage_json: usageDetails(attempt.usage),
  usage_source: attempt.usageSource,
  price_json: priceText(attempt.price),
  cost: money(attempt.costPicoUsd),
  cost_source: attempt.costSource,
  delivered: attempt.delivered ? 1 : 0,
  contributed: attempt.contributed === true ? 1 : 0,
});
