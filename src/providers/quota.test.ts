import { describe, expect, test } from "bun:test";
import { exhaustedFor, quotaOf } from "./quota.ts";

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

describe("quotaOf", () => {
  const tokens = { "x-ratelimit-limit-tokens": "1000", "x-ratelimit-remaining-tokens": "250" };
  const requests = { "x-ratelimit-limit-requests": "10", "x-ratelimit-remaining-requests": "1" };
  const cases: readonly (readonly [string, Record<string, string>, ReturnType<typeof quotaOf>])[] = [
    ["nothing said", {}, undefined],
    ["one limit", tokens, { of: "tokens", left: 0.25, resetsIn: undefined }],
    [
      "the nearest of two to its end",
      { ...tokens, ...requests, "x-ratelimit-reset-requests": "6s" },
      { of: "requests", left: 0.1, resetsIn: 6_000 },
    ],
    [
      "Anthropic's",
      {
        "anthropic-ratelimit-tokens-limit": "80",
        "anthropic-ratelimit-tokens-remaining": "80",
        "anthropic-ratelimit-tokens-reset": "2026-01-01T00:00:30Z",
      },
      { of: "tokens", left: 1, resetsIn: 30_000 },
    ],
    ["no limit named", { "x-ratelimit-remaining-tokens": "250" }, undefined],
    ["nonsense", { "x-ratelimit-limit-tokens": "many", "x-ratelimit-remaining-tokens": "-1" }, undefined],
    ["a limit of nothing", { "x-ratelimit-limit-tokens": "0", "x-ratelimit-remaining-tokens": "0" }, undefined],
    [
      "more left than there is",
      { "x-ratelimit-limit-tokens": "1", "x-ratelimit-remaining-tokens": "9" },
      { of: "tokens", left: 1, resetsIn: undefined },
    ],
  ];
  for (const [name, headers, expected] of cases)
    test(name, () => {
      expect(quotaOf(new Headers(headers), () => now)).toEqual(expected);
    });
});
