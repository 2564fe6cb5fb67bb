import { z } from "zod";

const milliseconds = z.number().nullish();
const usageSchema = z
  .looseObject({
    inputTokens: z.number(),
    outputTokens: z.number(),
    cachedInputTokens: z.number().optional(),
    cacheWriteTokens: z.number().optional(),
    reasoningTokens: z.number().optional(),
  })
  .nullish();

const attemptSchema = z.looseObject({
  number: z.number(),
  target: z.string(),
  outcome: z.string(),
  errorCode: z.string().nullish(),
  errorMessage: z.string().nullish(),
  upstreamStatus: z.number().nullish(),
  startedAfterMilliseconds: z.number(),
  firstContentAfterMilliseconds: milliseconds,
  endedAfterMilliseconds: z.number(),
  usage: usageSchema,
  costUsd: z.number().catch(0),
  costSource: z.string().catch("unknown"),
  delivered: z.boolean().catch(false),
  contributed: z.boolean().optional().catch(undefined),
});

const decisionSchema = z.looseObject({
  strategy: z.string(),
  reason: z.string(),
  wished: z.string().nullish(),
  fallback: z.string().nullish(),
  candidates: z.array(
    z.looseObject({
      target: z.string(),
      score: z.number().nullish(),
      reason: z.string(),
      excluded: z.boolean().nullish(),
    }),
  ),
});

/** One call of the ledger, as the admin API tells it. */
export const callSchema = z.looseObject({
  id: z.string(),
  operation: z.string().catch("call"),
  keyId: z.string().nullish(),
  route: z.string(),
  requestedModel: z.string(),
  streamed: z.boolean().catch(false),
  startedAt: z.string(),
  outcome: z.string(),
  status: z.number(),
  errorCode: z.string().nullish(),
  errorMessage: z.string().nullish(),
  durationMilliseconds: z.number(),
  timeToFirstContentMilliseconds: milliseconds,
  target: z.string().nullish(),
  model: z.string().nullish(),
  usage: usageSchema,
  usageSource: z.string().catch("unknown"),
  costUsd: z.number().catch(0),
  chargeUsd: z.number().catch(0),
  decision: decisionSchema.nullish(),
  attempts: z.array(attemptSchema),
});
export type ShownCall = z.output<typeof callSchema>;
export type ShownAttempt = z.output<typeof attemptSchema>;
