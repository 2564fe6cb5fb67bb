import { describe, expect, test } from "bun:test";
import { costOf, fromUsd, type Price, toUsd } from "./money.ts";
import type { Usage } from "./usage.ts";

const mini: Price = { input: 0.15, output: 0.6, cacheRead: 0.075 };
const claude: Price = { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 };
const tiered: Price = { input: 1.25, output: 10, tiers: [{ aboveInputTokens: 200_000, input: 2.5, output: 15 }] };

const cases: readonly (readonly [string, Usage, Price, number])[] = [
  ["input and output", { inputTokens: 1_000, outputTokens: 100 }, mini, 0.00021],
  [
    "cached input once, at its own rate",
    { inputTokens: 1_000, outputTokens: 0, cachedInputTokens: 400 },
    mini,
    0.00012,
  ],
  [
    "cache read and write",
    { inputTokens: 1_000, outputTokens: 10, cachedInputTokens: 500, cacheWriteTokens: 300 },
    claude,
    0.002025,
  ],
  ["reasoning without a rate of its own", { inputTokens: 0, outputTokens: 100, reasoningTokens: 60 }, mini, 0.00006],
  [
    "reasoning with one",
    { inputTokens: 0, outputTokens: 100, reasoningTokens: 60 },
    { ...mini, reasoning: 1 },
    0.000084,
  ],
  ["at a tier's threshold", { inputTokens: 200_000, outputTokens: 10 }, tiered, 0.2501],
  ["above a tier's threshold", { inputTokens: 200_001, outputTokens: 10 }, tiered, 0.5001525],
  ["one token of the cheapest kind", { inputTokens: 1, outputTokens: 0 }, { input: 0.0375, output: 0 }, 3.75e-8],
];

describe("costOf", () => {
  for (const [name, usage, price, usd] of cases)
    test(name, () => {
      expect(costOf(usage, price)).toBe(fromUsd(usd));
    });

  test("adds up without drift", () => {
    const one = costOf({ inputTokens: 1, outputTokens: 1 }, mini);
    let sum = 0;
    for (let count = 0; count < 1_000_000; count++) sum += one;
    expect(toUsd(sum)).toBe(0.75);
  });
});
