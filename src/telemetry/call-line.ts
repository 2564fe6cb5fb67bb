import type { CallRecord } from "../core/ledger.ts";
import { toUsd } from "../core/money.ts";
import { LabelTree } from "./label-tree.ts";
import type { LogFields } from "./log-format.ts";
import { quoteId, quoteText } from "./quote-text.ts";

/** Characters of a text that says why. */
export const longestReason = 300;
const longestName = 200;

/** The text, cut where a client or a provider may make it long. */
export const cut = (text: string | null, length: number): string | null =>
  text !== null && text.length > length ? `${text.slice(0, length)}…` : text;

/** To the microsecond. */
export const milliseconds = (value: number | null): number | null =>
  value === null ? null : Math.round(value * 1_000) / 1_000;

const providerOf = ({ attempts, target }: CallRecord): string | null => {
  for (const attempt of attempts) if (attempt.target === target) return attempt.provider;
  return attempts.at(-1)?.provider ?? null;
};

/** What the log says of a call. */
export const callFields = (record: CallRecord): LogFields => ({
  id: record.id,
  operation: record.operation,
  outcome: record.outcome,
  status: record.status,
  code: record.errorCode,
  error: cut(record.errorMessage, longestReason),
  route: cut(record.route, longestName),
  requestedModel: cut(record.requestedModel, longestName),
  model: record.model,
  provider: providerOf(record),
  target: record.target ?? record.attempts.at(-1)?.target ?? null,
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
});

const quoted = (text: string | null): string => (text === null ? "null" : quoteText(text));
const number = (value: number | null): string =>
  value === null || Number.isFinite(value) ? String(value) : `"${value}"`;

/** What calls of one key at one target mostly have in common. */
interface Common
  extends Pick<
    CallRecord,
    "operation" | "outcome" | "status" | "route" | "requestedModel" | "model" | "tenant" | "team" | "keyId" | "streamed"
  > {
  readonly provider: string | null;
  /** How it stands in a line. */
  readonly text: string;
}

const textOf = (record: CallRecord, provider: string | null): string =>
  `,"operation":${quoted(record.operation)},"outcome":${quoted(record.outcome)},"status":${number(record.status)}` +
  `,"code":${quoted(record.errorCode)},"error":${quoted(cut(record.errorMessage, longestReason))}` +
  `,"route":${quoted(cut(record.route, longestName))}` +
  `,"requestedModel":${quoted(cut(record.requestedModel, longestName))},"model":${quoted(record.model)}` +
  `,"provider":${quoted(provider)},"target":${quoted(record.target ?? record.attempts.at(-1)?.target ?? null)}` +
  `,"tenant":${quoted(record.tenant)},"team":${quoted(record.team)},"key":${quoted(record.keyId)}` +
  `,"streamed":${record.streamed}`;

const isSame = (one: Common, other: CallRecord, provider: string | null): boolean =>
  one.requestedModel === other.requestedModel &&
  one.route === other.route &&
  one.model === other.model &&
  one.provider === provider &&
  one.status === other.status &&
  one.outcome === other.outcome &&
  one.streamed === other.streamed &&
  one.operation === other.operation &&
  one.tenant === other.tenant &&
  one.team === other.team &&
  one.keyId === other.keyId;

const commonOf = (record: CallRecord, provider: string | null, text: string): Common => {
  const { operation, outcome, status, route, requestedModel, model, tenant, team, keyId, streamed } = record;
  return { operation, outcome, status, route, requestedModel, model, tenant, team, keyId, streamed, provider, text };
};

/** How many texts are kept; then all are made anew. */
const mostKept = 500;
const longestKept = 1_000;
/** What held a secret is looked at again each time, so that none is kept. */
const mayKeep = ({ route, requestedModel }: CallRecord, text: string): boolean =>
  text.length <= longestKept &&
  route.length <= longestName &&
  requestedModel.length <= longestName &&
  !text.includes("[secret]");

/**
 * Gives a writer of {@link callFields} as JSON, `,"id":"req_…","operation":"chat"…`, to the letter what `formatJson` makes
 * of them: a line stands on every call, and most of it is the same from one call to the next.
 */
export const createCallLine = (): ((record: CallRecord) => string) => {
  let places = new LabelTree<Common>();
  let kept = 0;

  const keep = (target: string, common: Common): void => {
    kept += 1;
    if (kept > mostKept) {
      places = new LabelTree();
      kept = 1;
    }
    places.at(target).at(common.keyId ?? "").value = common;
  };

  const common = (record: CallRecord): string => {
    const provider = providerOf(record);
    const { target } = record;
    if (target === null || record.errorCode !== null || record.errorMessage !== null) return textOf(record, provider);
    const known = places.find(target)?.find(record.keyId ?? "")?.value;
    if (known !== undefined && isSame(known, record, provider)) return known.text;
    const text = textOf(record, provider);
    if (mayKeep(record, text)) keep(target, commonOf(record, provider, text));
    return text;
  };

  return (record) => {
    const { usage, decision } = record;
    return (
      `,"id":${quoteId(record.id)}${common(record)},"inputTokens":${number(usage?.inputTokens ?? null)}` +
      `,"outputTokens":${number(usage?.outputTokens ?? null)}` +
      `,"cachedInputTokens":${number(usage?.cachedInputTokens ?? null)},"usageSource":${quoted(record.usageSource)}` +
      `,"costUsd":${number(toUsd(record.costPicoUsd))}` +
      `,"durationMilliseconds":${number(milliseconds(record.durationMilliseconds))}` +
      `,"timeToFirstTokenMilliseconds":${number(milliseconds(record.timeToFirstContentMilliseconds))}` +
      `,"attempts":${record.attempts.length},"strategy":${quoted(decision?.strategy ?? null)}` +
      `,"decision":${quoted(cut(decision?.reason ?? null, longestReason))}` +
      `,"strategyFailure":${quoted(cut(decision?.fallback ?? null, longestReason))}`
    );
  };
};
