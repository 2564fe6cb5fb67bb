import type { AttemptRecord, CallRecord } from "../core/ledger.ts";
import { toUsd } from "../core/money.ts";
import type { LogFields } from "./log-format.ts";
import type { Logger } from "./logger.ts";
import type { LogLevel } from "./settings.ts";

const longestName = 200;
const longestReason = 300;

const cut = (text: string | null, length: number): string | null =>
  text !== null && text.length > length ? `${text.slice(0, length)}…` : text;

const milliseconds = (value: number | null): number | null =>
  value === null ? null : Math.round(value * 1_000) / 1_000;

/** Our own faults and the upstreams' are warnings; what the client did wrong is not. */
const levelOf = ({ outcome, status }: CallRecord): LogLevel =>
  outcome === "interrupted" || (outcome === "error" && status >= 500) ? "warn" : "info";

const fieldsOf = (record: CallRecord): LogFields => {
  const last = record.attempts.at(-1);
  const answered = record.attempts.find(({ target }) => target === record.target) ?? last;
  return {
    id: record.id,
    operation: record.operation,
    outcome: record.outcome,
    status: record.status,
    code: record.errorCode,
    error: cut(record.errorMessage, longestReason),
    route: cut(record.route, longestName),
    requestedModel: cut(record.requestedModel, longestName),
    model: record.model,
    provider: answered?.provider ?? null,
    target: record.target ?? answered?.target ?? null,
    tenant: record.tenant,
    team: record.team,
    key: record.keyId,
    streamed: record.streamed,
    inputTokens: record.usage?.inputTokens ?? null,
    outputTokens: record.usage?.outputTokens ?? null,
    cachedInputTokens: record.usage?.cachedInputTokens ?? null,
    usageSource: record.usageSource,
    costUsd: toUsd(record.costPicoUsd),
    durationMilliseconds: milliseconds(record.durationMilliseconds),
    timeToFirstTokenMilliseconds: milliseconds(record.timeToFirstContentMilliseconds),
    attempts: record.attempts.length,
    strategy: record.decision?.strategy ?? null,
    decision: cut(record.decision?.reason ?? null, longestReason),
    strategyFailure: cut(record.decision?.fallback ?? null, longestReason),
  };
};

const attemptFields = (record: CallRecord, attempt: AttemptRecord): LogFields => ({
  id: record.id,
  attempt: attempt.number,
  target: attempt.target,
  provider: attempt.provider,
  model: attempt.model,
  outcome: attempt.outcome,
  code: attempt.errorCode,
  error: cut(attempt.errorMessage, longestReason),
  upstreamStatus: attempt.upstreamStatus,
  startedAfterMilliseconds: milliseconds(attempt.startedAfterMilliseconds),
  headersAfterMilliseconds: milliseconds(attempt.headersAfterMilliseconds),
  firstContentAfterMilliseconds: milliseconds(attempt.firstContentAfterMilliseconds),
  endedAfterMilliseconds: milliseconds(attempt.endedAfterMilliseconds),
  inputTokens: attempt.usage?.inputTokens ?? null,
  outputTokens: attempt.usage?.outputTokens ?? null,
  costUsd: toUsd(attempt.costPicoUsd),
  costSource: attempt.costSource,
  delivered: attempt.delivered,
});

/** Writes each settled call as one entry `call`, and at debug level each of its attempts as one entry `attempt`. */
export const logCall =
  (logger: Logger) =>
  (record: CallRecord): void => {
    const level = levelOf(record);
    if (logger.isEnabled(level)) logger[level]("call", fieldsOf(record));
    if (!logger.isEnabled("debug")) return;
    for (const attempt of record.attempts) logger.debug("attempt", attemptFields(record, attempt));
  };
