import { describe, expect, test } from "bun:test";
import type { ExpectedAction } from "../../core/decision.ts";
import type { JudgedCall } from "../../core/ports/learning.ts";
import { constantPolicy, loggedCallOf, pricedPolicy } from "./logged-call.ts";
import { choosingPolicy, runBacktest } from "./run-backtest.ts";

/** Uniform in [0, 1), from a seed (xorshift; Marsaglia, 2003). */
const randomFrom = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4_294_967_296;
  };
};

/** Share of good answers, and price; the dear target is needed for hard prompts only. */
const truth = {
  "a/cheap": { easy: 0.9, hard: 0.3, costUsd: 0.001 },
  "b/dear": { easy: 0.92, hard: 0.85, costUsd: 0.01 },
  "c/bad": { easy: 0.5, hard: 0.2, costUsd: 0.004 },
} as const;
type Target = keyof typeof truth;
const targets = Object.keys(truth) as readonly Target[];
type Kind = "easy" | "hard";

const feedbackOn = (callId: string, reward: number) => [
  { id: "1", callId, tenant: "default", giver: "key:k", source: "rating" as const, reward, at: 0 },
];

interface World {
  readonly seed: number;
  readonly calls: number;
  /** What the policy of then thought of a target; the truth where absent. */
  readonly thinks?: (target: Target, kind: Kind) => number;
  readonly judgedShare?: number;
}

/** What a policy of then left behind that mostly takes the dear target. */
const recorded = ({ seed, calls, thinks, judgedShare = 1 }: World): readonly JudgedCall[] => {
  const random = randomFrom(seed);
  const think = thinks ?? ((target, kind) => truth[target][kind]);
  return Array.from({ length: calls }, (_, number): JudgedCall => {
    const kind: Kind = random() < 0.5 ? "easy" : "hard";
    const explores = random() < 0.3;
    const action: Target = explores ? (targets[Math.floor(random() * 3)] as Target) : "b/dear";
    const { costUsd } = truth[action];
    const callId = `call ${number}`;
    const isGood = random() < truth[action][kind];
    const expected = targets.map((target): ExpectedAction => {
      const quality = think(target, kind);
      return { action: target, quality, lower: quality, upper: quality, costUsd: truth[target].costUsd, utility: 0 };
    });
    return {
      ...{ callId, tenant: "default", keyId: "k", userId: null, route: "smart", startedAt: number, outcome: "ok" },
      ...{ targets: [action], target: action, costUsd, durationMilliseconds: 100 },
      detail: {
        ...{ policy: "learned", version: "1", confidence: 0.5, action, binding: "utility", expected },
        propensity: action === "b/dear" ? 0.8 : 0.1,
      },
      feedback: random() < judgedShare ? feedbackOn(callId, isGood ? 1 : 0) : [],
    };
  });
};

const storeOf = (calls: readonly JudgedCall[]) => ({
  judgedCalls: async ({ before, limit }: { readonly before?: { readonly id: string }; readonly limit: number }) => {
    const newest = calls.toReversed();
    const from = before === undefined ? 0 : newest.findIndex(({ callId }) => callId === before.id) + 1;
    return newest.slice(from, from + limit);
  },
});
const query = { route: "smart" };

describe("a policy on recorded calls", () => {
  // Half of the prompts are hard: this price sends these to the dear target, the others to the cheap one.
  const lambda = 20;
  const right = { quality: (0.9 + 0.85) / 2, costUsd: (0.001 + 0.01) / 2 };

  test("is estimated as it would have done, also where what was expected was wrong", async () => {
    for (const seed of [1, 2, 3]) {
      // Wrong by a tenth everywhere, in the same order.
      const thinks = (target: Target, kind: Kind): number => truth[target][kind] - 0.1;
      const calls = recorded({ seed, calls: 6_000, thinks });
      const { policy, today, lifts, ...rest } = await runBacktest(storeOf(calls), query, pricedPolicy(lambda));
      expect(rest).toMatchObject({ calls: 6_000, judged: 6_000, leftOut: 0, complete: true });
      expect(Math.abs((policy.quality?.value ?? 0) - right.quality), `seed ${seed}`).toBeLessThan(0.04);
      expect(policy.costUsd?.value).toBeCloseTo(right.costUsd, 3);
      const spread = (policy.quality?.upper ?? 0) - (policy.quality?.lower ?? 0);
      expect(spread).toBeGreaterThan(0.02);
      expect(spread).toBeLessThan(0.15);
      expect(policy.effectiveCalls).toBeLessThan(3_000);
      expect(today.agreement).toBe(1);
      expect(today.effectiveCalls).toBeCloseTo(6_000, 0);
      expect(rest.bestConstant?.policy).toBe("b/dear");
      // To toss for a target costs as much, and hits the wrong prompts.
      expect(rest.zeroRouter?.costUsd?.value).toBeCloseTo(policy.costUsd?.value ?? 0, 4);
      const overZero = lifts.find(({ over }) => over === "zero router");
      expect(overZero?.quality?.lower).toBeGreaterThan(0.05);
      expect(overZero?.costUsd?.value).toBeCloseTo(0, 4);
      const overToday = lifts.find(({ over }) => over === "today");
      expect(overToday?.costUsd?.upper).toBeLessThan(0);
    }
  });

  test("that always takes one target is that target", async () => {
    const calls = recorded({ seed: 7, calls: 4_000 });
    const { policy } = await runBacktest(storeOf(calls), query, constantPolicy("a/cheap"));
    expect(Math.abs((policy.quality?.value ?? 0) - 0.6)).toBeLessThan(0.05);
    expect(policy.costUsd?.value).toBeCloseTo(0.001, 6);
    expect(policy.agreement).toBeCloseTo(0.1, 1);
    expect(policy.latencyMilliseconds).toBeNull();
  });

  test("that was always right a few times is not certain to be", async () => {
    const calls = recorded({ seed: 3, calls: 40 })
      .filter(({ detail }) => detail.action === "b/dear")
      .slice(0, 6)
      .map((call) => ({ ...call, feedback: feedbackOn(call.callId, 1) }));
    const { today } = await runBacktest(storeOf(calls), query, constantPolicy("b/dear"));
    expect(today.quality?.value).toBe(1);
    expect(today.quality?.lower).toBeLessThan(0.7);
  });

  test("says how much it rests on", async () => {
    const calls = recorded({ seed: 11, calls: 500, judgedShare: 0.1 });
    const report = await runBacktest(storeOf(calls), query, constantPolicy("c/bad"));
    expect(report.judged).toBeLessThan(100);
    expect(report.notes).toHaveLength(2);
    expect(report.policy.quality?.value).toBeGreaterThanOrEqual(0);
  });
});

describe("calls that say nothing", () => {
  test("are left out, and counted", async () => {
    const calls = recorded({ seed: 3, calls: 100 });
    const without = calls.map((call, number) =>
      number % 2 === 0
        ? call
        : {
            ...call,
            detail: { ...call.detail, expected: call.detail.expected.filter(({ action }) => action !== "a/cheap") },
          },
    );
    // Where the cheap one was taken and not weighed, the call says nothing at all.
    const report = await runBacktest(storeOf(without), query, constantPolicy("a/cheap"));
    expect(report.calls).toBe(50);
    expect(report.leftOut).toBeGreaterThan(30);
    expect(report.notes.join(" ")).toContain("not weighed then");
  });

  test("alone are an error that says so", async () => {
    const calls = recorded({ seed: 3, calls: 10 });
    const constant = { kind: "constant", target: "nobody/knows" } as const;
    for (const store of [storeOf(calls), storeOf([])]) {
      const thrown: unknown = await runBacktest(store, query, choosingPolicy(constant)).catch(
        (error: unknown) => error,
      );
      expect((thrown as { code?: string }).code).toBe("invalid_value");
    }
  });

  const broken: readonly [string, (call: JudgedCall) => JudgedCall][] = [
    ["no answer", (call) => ({ ...call, outcome: "error" })],
    ["no probability", (call) => ({ ...call, detail: { ...call.detail, propensity: Number.NaN } })],
    ["an impossible one", (call) => ({ ...call, detail: { ...call.detail, propensity: 0 } })],
    ["what was taken was not weighed", (call) => ({ ...call, detail: { ...call.detail, action: "x/y" } })],
  ];
  test.each(broken)("%s", (_, change) => {
    const [call] = recorded({ seed: 5, calls: 1 });
    expect(loggedCallOf(call as JudgedCall)).toBeDefined();
    expect(loggedCallOf(change(call as JudgedCall))).toBeUndefined();
  });

  test("expectations that are no numbers are not chosen", () => {
    const [call] = recorded({ seed: 5, calls: 1, thinks: (target) => (target === "b/dear" ? Number.NaN : 0.5) });
    expect(pricedPolicy(0).choose(call as JudgedCall)).toBe("a/cheap");
  });
});
