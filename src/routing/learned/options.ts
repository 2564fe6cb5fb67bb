import { z } from "zod";

/** What is asked of the gate where nothing is said. */
export const usualGate = { delta: 0.01, minJudged: 200 } as const;

const share = z.number().min(0);

/** What stands beside `kind: learned` under a route's `strategy`. */
export const learnedOptions = z.strictObject({
  /**
   * What is wanted of money: one of three trade-offs; at least a share of the best single target's quality; λ, the
   * quality (0–1) that a USD must buy; or so many USD per 1,000 calls.
   */
  goal: z
    .union(
      [
        z.enum(["cost-first", "balanced", "quality-first"]),
        z.strictObject({ keep: z.number().min(0.5).max(1) }),
        z.strictObject({ lambda: z.number().min(0) }),
        z.strictObject({ spend: z.number().positive() }),
      ],
      "expected 'cost-first', 'balanced', 'quality-first', {keep}, {lambda} or {spend}",
    )
    .default("balanced"),
  /** What to start from: the prior that comes with the program, the targets' prices, or a file of `router train`. */
  model: z.string().min(1).default("shipped"),
  explore: z
    .strictObject({
      /** Share of the calls that are used to learn. */
      share: share.max(0.02).default(0.01),
      /** More of them for the route's first calls, until so much money was spent on trials. */
      warmUp: z
        .strictObject({
          calls: z.number().int().min(1).max(100_000),
          share: share.max(0.2).default(0.2),
          maxUsd: z.number().min(0),
        })
        .optional(),
    })
    .default({ share: 0.01 }),
  /** Quality (0–1) that an answer one second sooner is worth. */
  latencyWeight: z.number().min(0).max(1).default(0),
  /** `off`: the policy serves without proof. */
  gate: z
    .union(
      [
        z.literal("off"),
        z.strictObject({
          delta: z.number().min(0).max(0.5).default(usualGate.delta),
          minJudged: z.number().int().min(20).max(100_000).default(usualGate.minJudged),
        }),
      ],
      "expected 'off' or {delta, minJudged}",
    )
    .default(usualGate),
  /** Whether several targets may be asked for one answer, where answers can be compared or checked. */
  cascades: z.boolean().default(false),
  /** Whether what calls and feedback teach changes decisions. */
  learn: z.boolean().default(true),
});
export type LearnedOptions = z.output<typeof learnedOptions>;

/** Quality that the usual cost of the route's dearest target must buy, for each trade-off. */
const worth = { "quality-first": 0.05, balanced: 0.25, "cost-first": 1 } as const;

/** USD that a policy may spend on a call, where it is paced by money. */
export const usdPerCallOf = (goal: LearnedOptions["goal"]): number | undefined =>
  typeof goal === "object" && "spend" in goal ? goal.spend / 1_000 : undefined;

/**
 * λ to begin with, in quality per USD: a trade-off is relative to what the route's dearest target costs for a usual call
 * (USD). 0 where nothing costs anything.
 */
export const firstLambda = (goal: LearnedOptions["goal"], dearestUsd: number): number => {
  if (typeof goal === "object" && "lambda" in goal) return goal.lambda;
  if (dearestUsd <= 0) return 0;
  return worth[typeof goal === "string" ? goal : "balanced"] / dearestUsd;
};
