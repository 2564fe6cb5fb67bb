import { z } from "zod";
import type { CascadeChances, CascadeDetail, ExpectedAction } from "../../../core/decision.ts";
import { choiceOf, tellDecision } from "../../../core/decision-story.ts";
import type { CallRecord } from "../../../core/ledger.ts";
import { toUsd } from "../../../core/money.ts";
import { observedReward } from "../../../core/observed-reward.ts";
import { type Feedback, type JudgedCall, rewardSources } from "../../../core/ports/learning.ts";
import { candidate, outcome } from "./calls.ts";
import { named, showTime, time } from "./registry.ts";

const known = z.number().nullable();
const share = known.describe("0–1; null where it is not known.");
const usd = known.describe("USD; null where it is not known.");
/** JSON has no word for what is no number. */
const knownOrNull = (value: number): number | null => (Number.isFinite(value) ? value : null);

const expectedAction = named(
  "ExpectedAction",
  z.strictObject({
    action: z.string().describe("A target, or those of a cascade joined by ` + `."),
    quality: share,
    lower: share,
    upper: share,
    costUsd: usd,
    latencyMilliseconds: z.number().optional(),
    utility: known.describe("What the policy maximised."),
    terms: z.record(z.string(), z.number()).optional().describe("Parts of `quality`, in logits."),
  }),
);
const showExpected = (action: ExpectedAction): z.input<typeof expectedAction> => ({
  ...action,
  quality: knownOrNull(action.quality),
  lower: knownOrNull(action.lower),
  upper: knownOrNull(action.upper),
  costUsd: knownOrNull(action.costUsd),
  utility: knownOrNull(action.utility),
});

const feedback = named(
  "GivenFeedback",
  z.strictObject({ source: z.enum(rewardSources), reward: z.number().min(0).max(1), giver: z.string(), at: time }),
);
const showFeedback = ({ source, reward, giver, at }: Feedback): z.input<typeof feedback> => ({
  source,
  reward,
  giver,
  at: showTime(at),
});

const chances = named(
  "CascadeChances",
  z.strictObject({
    settles: share.describe("That the first step settles it."),
    right: share.describe("That the answer is good where it does."),
    otherwise: share.describe("That the answer is good where it does not."),
  }),
);
const showChances = ({ settles, right, otherwise }: CascadeChances): z.input<typeof chances> => ({
  settles: knownOrNull(settles),
  right: knownOrNull(right),
  otherwise: knownOrNull(otherwise),
});
const cascade = named(
  "CascadeCourse",
  z.strictObject({
    kind: z.enum(["agreement", "checked"]),
    expected: chances,
    assumed: chances.describe("The same before use taught otherwise."),
    settledAtStep: z
      .int()
      .nullable()
      .describe("The step whose answer was given, from 1; null where the cascade did not go as planned."),
  }),
);
const showCascade = (detail: CascadeDetail): z.input<typeof cascade> => ({
  kind: detail.kind,
  expected: showChances(detail.expected),
  assumed: showChances(detail.assumed),
  settledAtStep: detail.settledAtStep ?? null,
});

const head = {
  id: z.string().describe("The call's id."),
  tenant: z.string(),
  route: z.string(),
  startedAt: time,
  outcome,
  target: z.string().nullable().describe("The target whose answer the client got."),
  costUsd: z.number().describe("USD over all attempts."),
  durationMilliseconds: z.number(),
};
const choice = {
  policy: z.string(),
  version: z.string(),
  action: z.string().describe("The action taken."),
  confidence: share,
  propensity: share.describe("The probability with which the policy took this action."),
  explored: z.boolean().describe("Taken to learn, not because it was thought best."),
  taskKind: z.string().nullable(),
  complexity: z.enum(["simple", "moderate", "complex"]).nullable(),
};
const reward = known.describe("0–1, by the most trusted feedback; null where there is none.");

const listed = named("ListedDecision", z.strictObject({ ...head, ...choice, reward, feedback: z.int() }));
export const decisionList = named(
  "DecisionList",
  z.strictObject({
    data: z.array(listed),
    next: z.string().nullable().describe("Give it as `before` for the page that follows; null where there is none."),
  }),
);

const showChoice = ({ detail }: Pick<JudgedCall, "detail">) => ({
  policy: detail.policy,
  version: detail.version,
  action: detail.action,
  confidence: knownOrNull(detail.confidence),
  propensity: knownOrNull(detail.propensity),
  explored: detail.explored === true,
  taskKind: detail.taskKind ?? null,
  complexity: detail.complexity ?? null,
});

export const showListed = (call: JudgedCall): z.input<typeof listed> => ({
  id: call.callId,
  tenant: call.tenant,
  route: call.route,
  startedAt: showTime(call.startedAt),
  outcome: call.outcome,
  target: call.target,
  costUsd: call.costUsd,
  durationMilliseconds: call.durationMilliseconds,
  ...showChoice(call),
  reward: observedReward(call.feedback) ?? null,
  feedback: call.feedback.length,
});

export const decisionResponse = named(
  "DecisionStory",
  z.strictObject({
    ...head,
    strategy: z.string().nullable(),
    reason: z.string().nullable(),
    fallback: z.string().nullable(),
    notes: z.array(z.string()),
    candidates: z.array(candidate),
    choice: z
      .strictObject({
        ...choice,
        binding: z.string(),
        lambdaUsd: usd.describe("USD that one whole answer more was worth."),
        arms: z.record(z.string(), z.string()),
        expected: z.array(expectedAction).describe("Everything that was weighed, best first."),
        cascade: cascade.nullable().describe("Null where one target was asked."),
        runnerUp: z.string().nullable(),
        cheapest: z.string().nullable(),
        best: z.string().nullable().describe("Of the highest expected quality."),
        counterfactuals: z
          .array(
            z.strictObject({
              action: z.string(),
              expectedQuality: share,
              expectedCostUsd: usd,
              qualityDifference: known,
              costDifferenceUsd: usd,
            }),
          )
          .describe("What every other action was expected to give, and how that differs from the one taken."),
      })
      .nullable()
      .describe("Null where no policy that learns decided."),
    feedback: z.array(feedback),
    reward,
    story: z.array(z.string()).describe("The same in sentences."),
  }),
);

const showDetail = (detail: NonNullable<NonNullable<CallRecord["decision"]>["detail"]>) => {
  const { runnerUp, cheapest, best, counterfactuals } = choiceOf(detail);
  return {
    ...showChoice({ detail }),
    binding: detail.binding,
    lambdaUsd: detail.lambda === undefined ? null : knownOrNull(detail.lambda),
    arms: { ...detail.arms },
    expected: detail.expected.map(showExpected),
    cascade: detail.cascade === undefined ? null : showCascade(detail.cascade),
    runnerUp: runnerUp?.action ?? null,
    cheapest: cheapest?.action ?? null,
    best: best?.action ?? null,
    counterfactuals: counterfactuals.map((other) => ({
      action: other.action,
      expectedQuality: knownOrNull(other.expectedQuality),
      expectedCostUsd: knownOrNull(other.expectedCostUsd),
      qualityDifference: knownOrNull(other.qualityDifference),
      costDifferenceUsd: knownOrNull(other.costDifferenceUsd),
    })),
  };
};

export const showDecision = (call: CallRecord, given: readonly Feedback[]): z.input<typeof decisionResponse> => ({
  id: call.id,
  tenant: call.tenant,
  route: call.route,
  startedAt: showTime(call.startedAt),
  outcome: call.outcome,
  target: call.target,
  costUsd: toUsd(call.costPicoUsd),
  durationMilliseconds: call.durationMilliseconds,
  strategy: call.decision?.strategy ?? null,
  reason: call.decision?.reason ?? null,
  fallback: call.decision?.fallback ?? null,
  notes: [...(call.decision?.notes ?? [])],
  candidates: (call.decision?.candidates ?? []).map((one) => ({ ...one })),
  choice: call.decision?.detail === undefined ? null : showDetail(call.decision.detail),
  feedback: given.map(showFeedback),
  reward: observedReward(given) ?? null,
  story: [...tellDecision(call, given)],
});

export const statisticsResponse = named(
  "DecisionStatistics",
  z.strictObject({
    route: z.string().nullable(),
    since: time.nullable(),
    until: time.nullable(),
    calls: z.int().describe("Decisions that were looked at: the newest, 10,000 at most."),
    complete: z.boolean().describe("Whether these are all."),
    explorationShare: z.number(),
    meanPropensity: z.number(),
    costUsd: z.number(),
    expectedCostUsd: z.number(),
    expectedQuality: z.number(),
    judged: z.int().describe("Calls with feedback."),
    judgedExpectedQuality: known.describe("What was expected of those."),
    meanReward: known.describe("What feedback says of those."),
    actions: z.array(
      z.strictObject({
        action: z.string(),
        calls: z.int(),
        share: z.number(),
        explored: z.int(),
        meanCostUsd: z.number(),
        meanExpectedQuality: z.number(),
        judged: z.int(),
        meanReward: known,
      }),
    ),
    bestConstant: z
      .strictObject({
        action: z.string(),
        expectedQuality: z.number(),
        expectedCostUsd: z.number().describe("USD over the same calls."),
        savedUsd: z.number().describe("USD that the actions taken were expected to cost less."),
        savedShare: known,
      })
      .nullable()
      .describe("The single target of the highest expected quality, on every one of these calls."),
  }),
);

export const forgottenResponse = named(
  "ForgottenUser",
  z.strictObject({
    tenant: z.string(),
    user: z.string(),
    calls: z.int().describe("Calls that something was kept of."),
  }),
);
