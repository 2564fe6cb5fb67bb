import { describe, expect, test } from "bun:test";
import { exhaustedFor } from "./quota.ts";

const now = Date.parse("2026-01-01T00:00:00Z");

describe("exhaustedFor", () => {
  const cases: readonly (readonly [string, Record<string, string>, number | undefined])[] = [
    ["nothing said", {}, undefined],
    ["something left", { "x-ratelimit-remaining-requests": "7", "x-ratelimit-reset-requests": "1s" }, undefined],
    ["nothing left", { "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "6m0s" }, 360_000],
    ["fractions", { "x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "1.5s" }, 1_500],
    ["milliseconds", { "x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "250ms" }, 250],
    ["a bare number", { "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "2" }, 2_000],
    [
      "a time",
      { "anthropic-ratelimit-requests-remaining": "0", "anthropic-ratelimit-requests-reset": "2026-01-01T00:00:30Z" },
      30_000,
    ],
    [
      "a time that has passed",
      { "anthropic-ratelimit-tokens-remaining": "0", "anthropic-ratelimit-tokens-reset": "2025-01-01T00:00:30Z" },
      0,
    ],
    ["nonsense", { "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "soon" }, undefined],
    [
      "the longer of two",
      {
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": "1s",
        "x-ratelimit-remaining-tokens": "0",
        "x-ratelimit-reset-tokens": "3s",
      },
      3_000,
    ],
  ];
  for (const [name, headers, expected] of cases)
    test(name, () => {
      expect(exhaustedFor(new Headers(headers), () => now)).toBe(expected as number);
    });
});
