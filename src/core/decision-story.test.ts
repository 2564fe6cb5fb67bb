import { describe, expect, test } from "bun:test";
import { decidedRecord, sampleDetail, sampleFeedback } from "../../test/contracts/learning-store.ts";
import { sampleCall } from "../../test/contracts/sample-calls.ts";
import { decidedCallOf } from "./decided-call.ts";
import { DecisionTally } from "./decision-statistics.ts";
import { choiceOf, tellDecision } from "./decision-story.ts";
import { observedReward } from "./observed-reward.ts";
import type { DecidedCall, Feedback } from "./ports/learning.ts";

describe("the story of a decision", () => {
  test("tells winner, runner-up, what another would have cost, and what came of it", () => {
    const words = tellDecision(decidedRecord("a"), [sampleFeedback("a")]);
    expect(words).toEqual([
      'Route auto, strategy learned: It said "detail":{}.',
      "Policy learned (prior-1+40) took openai/small as the best, with a probability of 98 %.",
      "Expected of it: 82 % (70 % to 90 %) good enough, $0.00015, 800 ms.",
      "What weighed most in that, in logits: prior +1.25, cluster −0.5.",
      "Runner-up: openai/large, 91 % (85 % to 95 %) good enough, $0.0021; worth 0.4 against 0.69.",
      "openai/large instead: 9 points more quality, $0.00195 more.",
      "What bound the choice: utility; one whole answer more was worth $0.002.",
      "The prompt was taken for simple code.",
      "The cheapest, openai/small, was expected to cost $0.00015, the best, openai/large, $0.0021.",
      "Part of the experiment new-model, in its arm treatment.",
      "openai/small answered (ok): it did cost $0.0000045 and took 21 ms.",
      "Feedback: rating 0.75; taken together 0.75 of 1.",
    ]);
  });

  test("says so where it was taken to learn, or where nobody weighed anything", () => {
    const explored = decidedRecord("a", { detail: { explored: true, expected: [], action: "x/y" } });
    expect(tellDecision(explored, [])[1]).toContain("took x/y to learn from it");
    const plain = tellDecision(sampleCall("a"), []);
    expect(plain).toContain("Nobody has said yet how good the answer was.");
    expect(plain.join(" ")).toContain("No policy that learns took part");
    expect(tellDecision(sampleCall("a", { decision: null }), [])[0]).toContain("No decision was recorded");
  });

  test("tells how a cascade was to go, and how it went", () => {
    const chances = { settles: 0.7, right: 0.95, otherwise: 0.8 };
    const expected = [
      { action: "a/b + c/d + e/f", quality: 0.905, lower: 0.85, upper: 0.95, costUsd: 0.001, utility: 0.8 },
      { action: "e/f", quality: 0.9, lower: 0.85, upper: 0.95, costUsd: 0.01, utility: 0.7 },
    ];
    const told = (kind: "agreement" | "checked", settledAtStep?: number) => {
      const cascade = { kind, expected: chances, assumed: chances, ...(settledAtStep && { settledAtStep }) };
      return tellDecision(decidedRecord("a", { detail: { action: "a/b + c/d + e/f", expected, cascade } }), []).join(
        " ",
      );
    };
    expect(told("agreement", 1)).toContain(
      "Its first answers agree in 70 % of such calls, it was thought, and then 95 % are good enough, else 80 %. They agreed.",
    );
    expect(told("agreement", 2)).toContain("They differed, and the last target answered.");
    expect(told("checked", 1)).toContain("Its first answer passes in 70 % of such calls");
    expect(told("checked", 2)).toContain("It did not pass, and the last target answered.");
    expect(told("agreement")).toContain("It did not go as planned, so nothing was learned of a/b + c/d + e/f.");
  });

  test("tells of experiments, and of calls that no client asked for", () => {
    const decision = { strategy: "priority", reason: "the only target", candidates: [] };
    const about = { call: "req_1", route: "auto", tenant: "default", startedAt: 0 };
    const told = (more: object) => tellDecision(sampleCall("a", { decision: { ...decision, ...more } }), []).join(" ");
    expect(told({ arms: { cheaper: "next" } })).toContain("Part of the experiment cheaper, in its arm next.");
    expect(told({ beside: { kind: "shadow", ...about } })).toContain("it is the shadow of req_1.");
    expect(told({ beside: { kind: "judge", ...about } })).toContain("it is the judge's word on req_1.");
  });

  test("numbers that are none are told as unknown", () => {
    const expected = [
      { action: "a/b", quality: Number.NaN, lower: 0, upper: 1, costUsd: Number.NaN, utility: Number.NaN },
      { action: "c/d", quality: 0.5, lower: 0, upper: 1, costUsd: 0, utility: 0 },
    ];
    const words = tellDecision(decidedRecord("a", { detail: { action: "a/b", expected } }), []).join(" ");
    expect(words).toContain("unknown");
    expect(words).not.toContain("NaN");
  });

  test("differences have the sign of the other choice", () => {
    const { counterfactuals, best, cheapest } = choiceOf(sampleDetail({ action: "openai/large" }));
    expect(counterfactuals).toHaveLength(1);
    expect(counterfactuals[0]?.qualityDifference).toBeCloseTo(-0.09);
    expect(counterfactuals[0]?.costDifferenceUsd).toBeCloseTo(-0.00195);
    expect([best?.action, cheapest?.action]).toEqual(["openai/large", "openai/small"]);
  });
});

describe("what is known of an answer", () => {
  const word = (source: Feedback["source"], reward: number, giver = "a") =>
    sampleFeedback("x", { source, reward, giver, id: `${source}${reward}${giver}` });
  const cases: readonly [string, readonly Feedback[], number | undefined][] = [
    ["nothing", [], undefined],
    ["the most trusted", [word("implicit", 0), word("rating", 0.5), word("verifier", 1)], 1],
    [
      "the mean of givers, however often each speaks",
      [word("rating", 0), word("rating", 0.2), word("rating", 1, "b")],
      0.55,
    ],
  ];
  test.each(cases)("%s", (_, feedback, expected) => {
    const reward = observedReward(feedback);
    if (expected === undefined) expect(reward).toBeUndefined();
    else expect(reward).toBeCloseTo(expected);
  });
});

describe("statistics", () => {
  const judged = (id: string, detail: Parameters<typeof sampleDetail>[0], feedback: readonly Feedback[] = []) => ({
    ...(decidedCallOf(decidedRecord(id, { detail: detail ?? {} })) as DecidedCall),
    feedback,
  });
  test("of nothing are nought", () => {
    expect(new DecisionTally().statistics()).toMatchObject({
      calls: 0,
      meanReward: null,
      actions: [],
      bestConstant: null,
    });
  });

  test("compare what was taken with the best target on every call", () => {
    const tally = new DecisionTally();
    tally.add(judged("a", {}, [sampleFeedback("a", { reward: 1 })]));
    tally.add(judged("b", {}, [sampleFeedback("b", { reward: 0 })]));
    tally.add(judged("c", { action: "openai/large", explored: true, propensity: 0.02 }));
    const cascade = { action: "openai/small + x/y", quality: 0.99, lower: 0.9, upper: 1, costUsd: 1, utility: 0 };
    tally.add(judged("d", { expected: [...sampleDetail().expected, cascade] }));
    const { bestConstant, actions, ...rest } = tally.statistics();
    expect(rest).toMatchObject({ calls: 4, explorationShare: 0.25, judged: 2, meanReward: 0.5 });
    expect(rest.judgedExpectedQuality).toBeCloseTo(0.82);
    expect(rest.meanPropensity).toBeCloseTo((3 * 0.98 + 0.02) / 4);
    expect(actions.map(({ action, calls, explored, meanReward }) => [action, calls, explored, meanReward])).toEqual([
      ["openai/small", 3, 0, 0.5],
      ["openai/large", 1, 1, null],
    ]);
    expect(bestConstant?.action).toBe("openai/large");
    expect(bestConstant?.expectedCostUsd).toBeCloseTo(4 * 0.0021);
    expect(bestConstant?.savedUsd).toBeCloseTo(4 * 0.0021 - (3 * 0.00015 + 0.0021));
    expect(bestConstant?.savedShare).toBeCloseTo(0.696, 2);
  });
});
