import { z } from "zod";

const known = z.number().nullish();

const expected = z.looseObject({
  action: z.string(),
  quality: known,
  lower: known,
  upper: known,
  costUsd: known,
  latencyMilliseconds: known,
  utility: known,
});

/** A decision as the admin API explains it. */
export const storySchema = z.looseObject({
  story: z.array(z.string()),
  choice: z.looseObject({ action: z.string(), expected: z.array(expected) }).nullish(),
});
export type ShownStory = z.output<typeof storySchema>;

const listed = z.looseObject({
  id: z.string(),
  route: z.string(),
  startedAt: z.string(),
  policy: z.string(),
  action: z.string(),
  confidence: known,
  propensity: known,
  explored: z.boolean().catch(false),
  target: z.string().nullish(),
  outcome: z.string(),
  costUsd: z.number().catch(0),
  reward: known,
});
export const listSchema = z.looseObject({ data: z.array(listed), next: z.string().nullish() });

export const statisticsSchema = z.looseObject({
  calls: z.number(),
  complete: z.boolean().catch(true),
  explorationShare: z.number(),
  costUsd: z.number(),
  expectedCostUsd: z.number(),
  expectedQuality: z.number(),
  judged: z.number(),
  judgedExpectedQuality: known,
  meanReward: known,
  actions: z.array(
    z.looseObject({
      action: z.string(),
      calls: z.number(),
      share: z.number(),
      explored: z.number(),
      meanCostUsd: z.number(),
      meanExpectedQuality: z.number(),
      judged: z.number(),
      meanReward: known,
    }),
  ),
  bestConstant: z
    .looseObject({
      action: z.string(),
      expectedQuality: z.number(),
      expectedCostUsd: z.number(),
      savedUsd: z.number(),
      savedShare: known,
    })
    .nullish(),
});
export type ShownStatistics = z.output<typeof statisticsSchema>;

export const previewSchema = z.looseObject({
  route: z.string(),
  strategy: z.string(),
  target: z.string(),
  reason: z.string(),
  confidence: known,
  action: z.string().nullish(),
  candidates: z.array(
    z.looseObject({ target: z.string(), score: known, reason: z.string(), excluded: z.boolean().nullish() }),
  ),
  expected: z.array(
    z.looseObject({
      action: z.string(),
      quality: known,
      lower: known,
      upper: known,
      cost_usd: known,
      latency_milliseconds: known,
      utility: known,
    }),
  ),
  notes: z.array(z.string()).catch([]),
});
