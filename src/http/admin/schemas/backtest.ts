import { z } from "zod";
import type { BacktestReport } from "../../../core/ports/backtest.ts";
import { named } from "./registry.ts";

const estimated = named(
  "Estimate",
  z.strictObject({ value: z.number(), lower: z.number(), upper: z.number() }).describe("With its 95 % interval."),
).nullable();

const line = named(
  "BacktestLine",
  z.strictObject({
    policy: z.string(),
    quality: estimated.describe("0–1, over judged calls."),
    costUsd: estimated.describe("USD per call."),
    latencyMilliseconds: estimated,
    agreement: z.number().describe("Share of the calls in which it would have taken what was taken."),
    effectiveCalls: z.number().describe("So many judged calls of its own would tell as much."),
  }),
);

export const backtestResponse = named(
  "BacktestReport",
  z.strictObject({
    route: z.string(),
    calls: z.int().describe("Recorded calls that were looked at: the newest, 10,000 at most."),
    complete: z.boolean().describe("Whether these are all."),
    judged: z.int(),
    leftOut: z.int().describe("Calls in which it would have taken what was not weighed then."),
    policy: line,
    today: line.describe("What was really done."),
    bestConstant: line.nullable().describe("The single target of the highest estimated quality."),
    zeroRouter: line.nullable().describe("The mixture of two single targets that costs as much as the policy."),
    lifts: z
      .array(z.strictObject({ over: z.string(), quality: estimated, costUsd: estimated }))
      .describe("How the policy differs from others, paired call by call; positive is more."),
    notes: z.array(z.string()),
  }),
);

export const showBacktest = (report: BacktestReport): z.input<typeof backtestResponse> => ({
  ...report,
  lifts: report.lifts.map((lift) => ({ ...lift })),
  notes: [...report.notes],
});
