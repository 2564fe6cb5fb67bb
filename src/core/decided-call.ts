import type { CallRecord } from "./ledger.ts";
import { toUsd } from "./money.ts";
import type { DecidedCall } from "./ports/learning.ts";

/** What policies learn from a settled call; undefined where none that learns decided it. */
export const decidedCallOf = (record: CallRecord): DecidedCall | undefined => {
  const detail = record.decision?.detail;
  if (detail === undefined) return undefined;
  return {
    callId: record.id,
    tenant: record.tenant,
    keyId: record.keyId,
    userId: detail.userId ?? null,
    route: record.route,
    startedAt: record.startedAt,
    outcome: record.outcome,
    targets: [...new Set(record.attempts.map(({ target }) => target))],
    target: record.target,
    costUsd: toUsd(record.costPicoUsd),
    durationMilliseconds: record.durationMilliseconds,
    detail,
  };
};
