import { expect, test } from "bun:test";
import type { LimitStanding } from "../core/ports/limits.ts";
import { addLimitHeaders, formatDuration } from "./limit-headers.ts";

test.each([
  [0, "0ms"],
  [0.2, "1ms"],
  [250, "250ms"],
  [1_000, "1s"],
  [7_660, "7.66s"],
  [59_999, "59.999s"],
  [60_000, "1m0s"],
  [179_560, "2m59.56s"],
  [360_000, "6m0s"],
  [3_600_000, "1h0m0s"],
  [86_400_000, "24h0m0s"],
  [-5, "0ms"],
])("%d milliseconds are %s", (milliseconds, text) => {
  expect(formatDuration(milliseconds)).toBe(text);
});

const scope = (limits: LimitStanding | null) => ({
  limits,
  head: { startedAt: Date.UTC(2026, 10, 24, 12) } as never,
  since: 1_500,
  // As in a scope, whose methods need it.
  elapsed() {
    return this.since;
  },
});
const limitHeaders = (...[standing, dialect]: readonly [ReturnType<typeof scope>, "openai" | "anthropic"]) => {
  const headers = {};
  addLimitHeaders(headers, standing, dialect);
  return headers;
};
const standing = { requests: { limit: 60, remaining: 59, resetMilliseconds: 60_000 } };

test("each dialect has its own names, and only for what is limited", () => {
  expect(limitHeaders(scope(standing), "openai")).toEqual({
    "x-ratelimit-limit-requests": "60",
    "x-ratelimit-remaining-requests": "59",
    "x-ratelimit-reset-requests": "1m0s",
  });
  expect(limitHeaders(scope({ tokens: standing.requests }), "anthropic")).toEqual({
    "anthropic-ratelimit-tokens-limit": "60",
    "anthropic-ratelimit-tokens-remaining": "59",
    "anthropic-ratelimit-tokens-reset": "2026-11-24T12:01:02Z",
  });
  expect(limitHeaders(scope(null), "openai")).toEqual({});
});
