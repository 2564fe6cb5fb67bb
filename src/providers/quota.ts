import type { WireResponse } from "../core/ports/transport.ts";

/** `6m0s`, `1.5s`, `250ms`, or a bare number of seconds. */
const parseDuration = (text: string): number | undefined => {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1_000;
  const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== text) return undefined;
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (units[unit ?? ""] ?? 0), 0);
};

const families = [
  // OpenAI and those who speak like it ("Rate limits: headers").
  { remaining: "x-ratelimit-remaining-requests", reset: "x-ratelimit-reset-requests" },
  { remaining: "x-ratelimit-remaining-tokens", reset: "x-ratelimit-reset-tokens" },
  // Anthropic ("Rate limits: response headers"): the reset is an RFC 3339 time.
  { remaining: "anthropic-ratelimit-requests-remaining", reset: "anthropic-ratelimit-requests-reset" },
  { remaining: "anthropic-ratelimit-tokens-remaining", reset: "anthropic-ratelimit-tokens-reset" },
] as const;

/**
 * How long the provider will take no further call, as its quota headers say: milliseconds; undefined where something is
 * left or they say nothing. `now`: milliseconds since 1970.
 */
export const exhaustedFor = (headers: WireResponse["headers"], now: () => number): number | undefined => {
  let longest: number | undefined;
  for (const { remaining, reset } of families) {
    if (headers.get(remaining) !== "0") continue;
    const value = headers.get(reset)?.trim() ?? "";
    const date = /^\d{4}-/.test(value) ? Date.parse(value) - now() : Number.NaN;
    const wait = Number.isNaN(date) ? parseDuration(value) : Math.max(0, date);
    if (wait !== undefined) longest = Math.max(longest ?? 0, wait);
  }
  return longest;
};
