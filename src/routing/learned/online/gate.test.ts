import { describe, expect, test } from "bun:test";
import { SeededRandom } from "../../../../test/support/seeded-random.ts";
import { Gate, type GateVerdict, type JudgedDecision } from "./gate.ts";

interface World {
  /** Share of right answers of the policy's choice and of the constant that serves. */
  readonly policy: number;
  readonly constant: number;
  readonly seed?: number;
  readonly share?: number;
}

/** Calls of a route that serves `best` and tries `choice` at times; what is expected of both is wrong. */
const judgedCalls = ({ policy, constant, seed = 1, share = 0.2 }: World, count: number): JudgedDecision[] => {
  const random = new SeededRandom(seed).next;
  return Array.from({ length: count }, () => {
    const isTrial = random() < share;
    return {
      choice: "choice",
      taken: isTrial ? "choice" : "best",
      propensity: isTrial ? share : 1 - share,
      reward: random() < (isTrial ? policy : constant) ? 1 : 0,
      lambda: 10,
      expected: [
        { action: "choice", quality: 0.6, costUsd: 0.001 },
        { action: "best", quality: 0.6, costUsd: 0.001 },
      ],
    };
  });
};
const settings = { delta: 0.01, minJudged: 200 };
const verdictAfter = (calls: readonly JudgedDecision[], gate = new Gate(settings)): GateVerdict => {
  for (const call of calls) gate.observe(call);
  return gate.verdict;
};

describe("the gate", () => {
  test("opens for a policy that is better", () => {
    const verdict = verdictAfter(judgedCalls({ policy: 0.9, constant: 0.5 }, 600));
    // It always takes the same: no better than that target alone, and no worse.
    expect(verdict).toMatchObject({ mode: "serving", overConstant: { against: "choice", value: 0, lower: 0 } });
  });

  test("says by how much a policy is better than any one target, by the least certain", () => {
    // Right where it takes the one for one kind of prompt and the other for the other.
    const first = judgedCalls({ policy: 0.9, constant: 0.5 }, 600);
    const second = judgedCalls({ policy: 0.3, constant: 0.7, seed: 2 }, 600);
    const calls = first.flatMap((call, place) => [call, { ...(second[place] as JudgedDecision), choice: "best" }]);
    const { mode, overConstant } = verdictAfter(calls);
    expect(mode).toBe("serving");
    // 0.8 on average, against 0.6 of either.
    expect(Math.abs((overConstant?.value ?? 0) - 0.2)).toBeLessThan(0.1);
    expect(overConstant?.lower).toBeLessThan((overConstant?.value ?? 0) - 0.02);
  });

  test("stays closed before there is enough, whatever is seen", () => {
    expect(verdictAfter(judgedCalls({ policy: 1, constant: 0 }, 180)).mode).toBe("shadow");
  });

  test("hardly ever opens for a policy that is worse", () => {
    let opened = 0;
    for (let seed = 1; seed <= 100; seed++)
      if (verdictAfter(judgedCalls({ policy: 0.6, constant: 0.7, seed }, 400)).mode === "serving") opened++;
    expect(opened).toBeLessThanOrEqual(5);
  });

  test("closes again where the policy has become worse", () => {
    const gate = new Gate(settings);
    expect(verdictAfter(judgedCalls({ policy: 0.9, constant: 0.5 }, 600), gate).mode).toBe("serving");
    const events: (GateVerdict | undefined)[] = judgedCalls({ policy: 0.2, constant: 0.6, seed: 2 }, 800).map((call) =>
      gate.observe(call),
    );
    expect(events.find((event) => event !== undefined)?.mode).toBe("shadow");
    expect(gate.verdict.mode).toBe("shadow");
  });

  test("opens for a policy that is cheaper at the same quality", () => {
    const calls = judgedCalls({ policy: 0.7, constant: 0.7, share: 0.5 }, 1_500).map((call) => ({
      ...call,
      expected: call.expected.map((one) => ({ ...one, costUsd: one.action === "best" ? 0.03 : 0.001 })),
    }));
    expect(verdictAfter(calls).mode).toBe("serving");
  });

  test("does not count what cannot be judged", () => {
    const foreign = judgedCalls({ policy: 1, constant: 0 }, 300).map((call) => ({ ...call, taken: "gone" }));
    expect(verdictAfter(foreign).judged).toBe(0);
  });

  test("keeps its evidence over a restart", () => {
    const gate = new Gate(settings);
    verdictAfter(judgedCalls({ policy: 0.9, constant: 0.5 }, 590), gate);
    const restored = new Gate(settings, JSON.parse(JSON.stringify(gate.toState())));
    expect(restored.verdict).toEqual(gate.verdict);
    const more = judgedCalls({ policy: 0.9, constant: 0.5, seed: 3 }, 40);
    expect(verdictAfter(more, restored).judged).toBeGreaterThan(580);
  });
});
