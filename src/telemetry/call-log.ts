import type { AttemptRecord, CallRecord } from "../core/ledger.ts";
import { toUsd } from "../core/money.ts";
import { callFields, createCallLine, cut, longestReason, milliseconds } from "./call-line.ts";
import type { LogFields } from "./log-format.ts";
import type { Logger } from "./logger.ts";
import type { LogLevel } from "./settings.ts";

/** Our own faults and the upstreams' are warnings; what the client did wrong is not. */
const levelOf = ({ outcome, status }: CallRecord): LogLevel =>
  outcome === "interrupted" || (outcome === "error" && status >= 500) ? "warn" : "info";

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
  ...(attempt.contributed === true ? { contributed: true } : {}),
});

/** Writes each settled call as one entry `call`, and at debug level each of its attempts as one entry `attempt`. */
export const logCall = (logger: Logger): ((record: CallRecord) => void) => {
  const shape = { message: "call", fields: callFields, json: createCallLine() };
  return (record) => {
    logger.write(levelOf(record), shape, record);
    if (!logger.isEnabled("debug")) return;
    for (const attempt of record.attempts) logger.debug("attempt", attemptFields(record, attempt));
  };
};
