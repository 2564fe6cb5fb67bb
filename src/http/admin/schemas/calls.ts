import { z } from "zod";
import type { Decision } from "../../../core/decision.ts";
import type { AttemptRecord, CallRecord } from "../../../core/ledger.ts";
import { toUsd } from "../../../core/money.ts";
import type { CallSummary } from "../../../core/ports/ledger-store.ts";
import type { Usage } from "../../../core/usage.ts";
import { named, showTime, time } from "./registry.ts";

export const outcome = z
  .enum(["ok", "error", "aborted", "interrupted"])
  .describe("How it ended. `interrupted`: the program died before it could settle.");
const usageSource = z.enum(["reported", "estimated", "unknown"]);
const milliseconds = z.number();
const usd = z.number().describe("USD.");

const tokens = z.int().optional();
const usage = named(
  "TokenUsage",
  z.strictObject({
    inputTokens: z.int(),
    outputTokens: z.int(),
    cachedInputTokens: tokens,
    cacheWriteTokens: tokens,
    longCacheWriteTokens: tokens.describe("Part of cacheWriteTokens that was written for an hour."),
    audioInputTokens: tokens,
    cachedAudioInputTokens: tokens,
    imageInputTokens: tokens,
    reasoningTokens: tokens,
    audioOutputTokens: tokens,
    imageOutputTokens: tokens,
    acceptedPredictionTokens: tokens,
    rejectedPredictionTokens: tokens,
    searches: tokens.describe("Searches that the provider made for the answer."),
    reportedCostUsd: z.number().optional().describe("What the provider itself says that it cost, in USD."),
  }),
);

const call = {
  id: z.string(),
  operation: z.string(),
  tenant: z.string(),
  team: z.string().nullable(),
  keyId: z.string().nullable(),
  route: z.string(),
  requestedModel: z.string(),
  streamed: z.boolean(),
  startedAt: time,
  outcome,
  status: z.int().describe("HTTP status that the client saw, or would have seen."),
  errorCode: z.string().nullable(),
  errorMessage: z.string().nullable(),
  durationMilliseconds: milliseconds,
  timeToFirstContentMilliseconds: milliseconds.nullable(),
  target: z.string().nullable().describe("The target whose answer the client got."),
  model: z.string().nullable(),
  usage: usage.nullable(),
  usageSource,
  costUsd: usd.describe("USD over all attempts."),
  chargeUsd: usd.describe("USD over the attempts that the client got content from."),
};

export const callResponse = named("CallSummary", z.strictObject(call));

const attempt = named(
  "Attempt",
  z.strictObject({
    number: z.int(),
    target: z.string(),
    provider: z.string(),
    kind: z.string(),
    model: z.string(),
    outcome,
    errorCode: z.string().nullable(),
    errorMessage: z.string().nullable(),
    upstreamStatus: z.int().nullable(),
    startedAfterMilliseconds: milliseconds,
    headersAfterMilliseconds: milliseconds.nullable(),
    firstContentAfterMilliseconds: milliseconds.nullable(),
    endedAfterMilliseconds: milliseconds,
    usage: usage.nullable(),
    usageSource,
    costUsd: usd,
    costSource: z.enum(["reported", "estimated", "bound", "unpriced", "none"]),
    delivered: z.boolean().describe("Whether the client got content from it."),
    contributed: z
      .literal(true)
      .optional()
      .describe("It did not, but the answer that it got was chosen by looking at this one's. Charged all the same."),
  }),
);

export const candidate = z.strictObject({
  target: z.string(),
  score: z.number().optional(),
  reason: z.string(),
  excluded: z.literal(true).optional(),
});

const beside = named(
  "BesideCall",
  z
    .strictObject({
      kind: z.enum(["shadow", "judge"]),
      call: z.string().describe("The client's call."),
      route: z.string(),
      tenant: z.string(),
      startedAt: time,
      agrees: z.boolean().optional().describe("Whether the shadow came to the same answer."),
      shadow: z.string().optional().describe("The shadow's call that was judged beside the client's."),
      reward: z.number().optional().describe("What the judge found of the shadow's answer, or of the client's alone."),
    })
    .describe("Of a call that the gateway made by itself: what it is about."),
);

const decision = named(
  "Decision",
  z.strictObject({
    strategy: z.string(),
    wished: z.string().optional().describe("What the client asked of the choice."),
    reason: z.string(),
    candidates: z.array(candidate),
    fallback: z.string().optional(),
    notes: z.array(z.string()).optional(),
    ending: z
      .enum(["length", "refusal", "contentFilter"])
      .optional()
      .describe("Why the answer ended, where not by itself; told of decisions of policies that learn."),
    arms: z
      .record(z.string(), z.string())
      .optional()
      .describe("Experiments that the call is part of, and its arm in each."),
    beside: beside.optional(),
  }),
);

export const callDetail = named(
  "Call",
  z.strictObject({ ...call, decision: decision.nullable(), attempts: z.array(attempt) }),
);
export const callList = named(
  "CallList",
  z.strictObject({
    data: z.array(callResponse),
    next: z.string().nullable().describe("Give it as `before` for the page that follows; null where there is none."),
  }),
);

const showTokens = (counted: Usage | null): z.input<typeof usage> | null => {
  if (counted === null) return null;
  const { reportedCostPicoUsd, ...counts } = counted;
  return reportedCostPicoUsd === undefined ? counts : { ...counts, reportedCostUsd: toUsd(reportedCostPicoUsd) };
};

export const showCall = (record: CallSummary): z.input<typeof callResponse> => ({
  id: record.id,
  operation: record.operation,
  tenant: record.tenant,
  team: record.team,
  keyId: record.keyId,
  route: record.route,
  requestedModel: record.requestedModel,
  streamed: record.streamed,
  startedAt: showTime(record.startedAt),
  outcome: record.outcome,
  status: record.status,
  errorCode: record.errorCode,
  errorMessage: record.errorMessage,
  durationMilliseconds: record.durationMilliseconds,
  timeToFirstContentMilliseconds: record.timeToFirstContentMilliseconds,
  target: record.target,
  model: record.model,
  usage: showTokens(record.usage),
  usageSource: record.usageSource,
  costUsd: toUsd(record.costPicoUsd),
  chargeUsd: toUsd(record.chargePicoUsd),
});

const showAttempt = ({ costPicoUsd, price: _, ...record }: AttemptRecord): z.input<typeof attempt> => ({
  ...record,
  usage: showTokens(record.usage),
  costUsd: toUsd(costPicoUsd),
});

/** What a policy that learns thought is told with the decision itself. */
const showDecision = ({ candidates, notes, ...decided }: Decision): z.input<typeof decision> => {
  // Digests of whose call it was are nobody's business.
  const { detail: _, units: __, arms, beside: about, ...rest } = decided;
  return {
    ...rest,
    candidates: candidates.map((one) => ({ ...one })),
    ...(notes === undefined ? {} : { notes: [...notes] }),
    ...(arms === undefined ? {} : { arms: { ...arms } }),
    ...(about === undefined ? {} : { beside: { ...about, startedAt: showTime(about.startedAt) } }),
  };
};

export const showCallDetail = (record: CallRecord): z.input<typeof callDetail> => ({
  ...showCall(record),
  decision: record.decision === null ? null : showDecision(record.decision),
  attempts: record.attempts.map(showAttempt),
});
