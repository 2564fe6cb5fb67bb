import { z } from "zod";
import { assignmentUnits, type ExperimentReport, experimentMetrics } from "../../../core/ports/experiments.ts";
import { named, showOptionalTime, time } from "./registry.ts";

const metric = z
  .enum(experimentMetrics)
  .describe("Cost in USD per call, latency in milliseconds, errors and reward 0–1.");

const outline = {
  name: z.string(),
  route: z.string(),
  state: z.enum(["running", "stopped", "waiting", "over"]).describe("`waiting` and `over`: outside of its time."),
  unit: z.enum(assignmentUnits).describe("Whose calls stay in one arm."),
  share: z.number().describe("Of the units, so many take part."),
  control: z.string().describe("The arm that the others are compared with."),
  primary: metric.describe("The metric that the verdict is made by."),
};

const experiment = named(
  "Experiment",
  z.strictObject({
    ...outline,
    arms: z.array(
      z.strictObject({
        arm: z.string(),
        weight: z.number(),
        changes: z.array(z.string()).describe("What the route has otherwise for this arm."),
      }),
    ),
  }),
);

const estimate = named(
  "Estimate",
  z.strictObject({
    calls: z.int(),
    mean: z.number(),
    lower: z.number().describe("The interval holds at every look at once."),
    upper: z.number(),
  }),
);

const shadow = named(
  "Shadow",
  z.strictObject({
    route: z.string(),
    runs: z.string().describe("The target, or the kind of strategy that chooses among the route's targets."),
    share: z.number(),
    maxUsdPerDay: z.number(),
    pairs: z.int().describe("Calls that were answered and asked again in the background."),
    servedUsd: z.number().describe("What the clients' calls of these pairs cost."),
    shadowUsd: z.number(),
    cost: estimate.nullable().describe("Per pair, the shadow's less the client's, in USD."),
    latency: estimate.nullable().describe("Per pair, the shadow's less the client's, in milliseconds."),
    errors: estimate.nullable().describe("The share of shadows that failed."),
    agreement: estimate.nullable().describe("The share of comparable pairs with the same answer."),
    judged: estimate.nullable().describe("The judge's mean word on the shadow's answer: above a half, it is better."),
  }),
);

export const experimentList = named(
  "ExperimentList",
  z.strictObject({
    data: z.array(experiment),
    shadows: z.array(shadow).describe("Only for who may see all tenants."),
  }),
);

export const experimentReport = named(
  "ExperimentReport",
  z.strictObject({
    ...outline,
    since: time.nullable(),
    until: time.nullable(),
    confidence: z.number(),
    minimumUnits: z.int(),
    arms: z.array(
      z.strictObject({
        arm: z.string(),
        weight: z.number(),
        units: z.int(),
        calls: z.int(),
        estimates: z.strictObject({
          reward: estimate.nullable(),
          cost: estimate.nullable(),
          latency: estimate.nullable(),
          errors: estimate.nullable(),
        }),
      }),
    ),
    comparisons: z
      .array(
        z.strictObject({
          arm: z.string(),
          metric,
          difference: z.number().describe("The arm's mean less the control's."),
          lower: z.number(),
          upper: z.number(),
          pValue: z.number().describe("May be looked at any time."),
        }),
      )
      .describe("Empty of what has fewer units than `minimumUnits`."),
    sampleRatioPValue: z.number().describe("Of the units being shared out as configured; a low one tells of a fault."),
    verdict: z.strictObject({
      kind: z.enum(["mismatch", "collecting", "undecided", "decided"]),
      best: z.string().nullable(),
      text: z.string(),
    }),
  }),
);

export const showExperimentReport = (
  report: ExperimentReport,
  { since, until }: { readonly since: number | null; readonly until: number | null },
): z.input<typeof experimentReport> => ({
  ...report,
  since: showOptionalTime(since),
  until: showOptionalTime(until),
  arms: [...report.arms],
  comparisons: [...report.comparisons],
});
