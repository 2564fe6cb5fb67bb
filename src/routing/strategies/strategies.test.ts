import { describe, expect, test } from "bun:test";
import { makeCall, makeTarget } from "../../../test/support/make-call.ts";
import type { Call } from "../../core/call.ts";
import type { Features, TargetLoad } from "../../core/ports/strategy.ts";
import type { Candidate } from "../../core/route.ts";
import { plainStrategies as strategies } from "./index.ts";

const candidates: readonly Candidate[] = [
  { target: makeTarget("a/x", { price: { input: 10, output: 30 } }), weight: 3 },
  { target: makeTarget("b/x", { price: { input: 1, output: 2 } }), weight: 1 },
  { target: makeTarget("c/x", { openWeights: true }), weight: 0 },
];

const loads: Readonly<Record<string, TargetLoad>> = {
  "a/x": { inFlight: 2, latencyMilliseconds: 100 },
  "b/x": { inFlight: 0, latencyMilliseconds: 300 },
  "c/x": { inFlight: 1, latencyMilliseconds: undefined },
};

type StrategyKind = keyof typeof strategies;

const order = (kind: StrategyKind, features: Partial<Features> = {}): string => {
  const { call } = makeCall({ targets: candidates.map(({ target }) => target) });
  return strategies[kind]
    .rank(candidates, call as unknown as Call, {
      sequence: 0,
      random: 0,
      estimatedInputTokens: 1_000,
      load: (id) => loads[id] ?? { inFlight: 0, latencyMilliseconds: undefined },
      ...features,
    })
    .map(({ candidate }) => candidate.target.provider)
    .join("");
};

describe("strategies", () => {
  const cases: readonly (readonly [StrategyKind, Partial<Features>, string])[] = [
    ["priority", {}, "abc"],
    ["round-robin", { sequence: 0 }, "abc"],
    ["round-robin", { sequence: 1 }, "bca"],
    ["round-robin", { sequence: 5 }, "cab"],
    ["least-latency", {}, "cab"],
    ["least-busy", {}, "bca"],
    ["cost-first", {}, "cba"],
    ["weighted", { random: 0.7 }, "abc"],
    ["weighted", { random: 0.8 }, "bac"],
    ["random", { random: 0.99 }, "cba"],
  ];
  for (const [kind, features, expected] of cases)
    test(`${kind} with ${JSON.stringify(features)} gives ${expected}`, () => {
      expect(order(kind, features)).toBe(expected);
    });

  test("weighted draws in proportion, and a weight of 0 only when nothing else is left", () => {
    const first = { a: 0, b: 0, c: 0 };
    for (let step = 0; step < 1_000; step++) first[order("weighted", { random: step / 1_000 })[0] as "a"]++;
    expect(first).toEqual({ a: 750, b: 250, c: 0 });
  });

  test("random gives every order equally often", () => {
    const seen = new Map<string, number>();
    for (let step = 0; step < 6_000; step++) {
      const drawn = order("random", { random: (step + 0.5) / 6_000 });
      seen.set(drawn, (seen.get(drawn) ?? 0) + 1);
    }
    expect([...seen.values()]).toEqual([1_000, 1_000, 1_000, 1_000, 1_000, 1_000]);
  });

  test("every strategy ranks every candidate once, with a reason", () => {
    const { call } = makeCall({ targets: [] });
    for (const strategy of Object.values(strategies)) {
      const ranked = strategy.rank(candidates, call as unknown as Call, {
        sequence: 7,
        random: 0.4,
        estimatedInputTokens: 1,
        load: () => ({ inFlight: 0, latencyMilliseconds: undefined }),
      });
      expect(new Set(ranked.map(({ candidate }) => candidate)).size).toBe(candidates.length);
      expect(ranked.every(({ reason }) => reason.length > 0)).toBe(true);
    }
  });
});
