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
  {
    of: "requests",
    limit: "x-ratelimit-limit-requests",
    remaining: "x-ratelimit-remaining-requests",
    reset: "x-ratelimit-reset-requests",
  },
  {
    of: "tokens",
    limit: "x-ratelimit-limit-tokens",
    remaining: "x-ratelimit-remaining-tokens",
    reset: "x-ratelimit-reset-tokens",
  },
  // Anthropic ("Rate limits: response headers"): the reset is an RFC 3339 time.
  {
    of: "requests",
    limit: "anthropic-ratelimit-requests-limit",
    remaining: "anthropic-ratelimit-requests-remaining",
    reset: "anthropic-ratelimit-requests-reset",
  },
  {
    of: "tokens",
    limit: "anthropic-ratelimit-tokens-limit",
    remaining: "anthropic-ratelimit-tokens-remaining",
    reset: "anthropic-ratelimit-tokens-reset",
  },
] as const;

type Headers = WireResponse["headers"];

/** Milliseconds until a limit begins anew; undefined where the header says nothing that is understood. */
const resetIn = (headers: Headers, reset: string, now: () => number): number | undefined => {
  const value = headers.get(reset)?.trim() ?? "";
  const date = /^\d{4}-/.test(value) ? Date.parse(value) - now() : Number.NaN;
  return Number.isNaN(date) ? parseDuration(value) : Math.max(0, date);
};

/**
 * How long the provider will take no further call, as its quota headers say: milliseconds; undefined where something is
 * left or they say nothing. `now`: milliseconds since 1970.
 */
export const exhaustedFor = (headers: Headers, now: () => number): number | undefined => {
  let longest: number | undefined;
  for (const { remaining, reset } of families) {
    if (headers.get(remaining) !== "0") continue;
    const wait = resetIn(headers, reset, now);
    if (wait !== undefined) longest = Math.max(longest ?? 0, wait);
  }
  return longest;
};

/** What is left of the limit that is nearest to its end. */
export interface Quota {
  readonly of: "requests" | "tokens";
  /** Share of the limit, 0–1. */
  readonly left: number;
  /** Milliseconds until it begins anew; undefined where that is not said. */
  readonly resetsIn: number | undefined;
}

const count = (value: string | null): number | undefined =>
  value !== null && /^\d{1,15}$/.test(value.trim()) ? Number(value) : undefined;

/** What the quota headers say is left; undefined where they say nothing. `now`: milliseconds since 1970. */
export const quotaOf = (headers: Headers, now: () => number): Quota | undefined => {
  let nearest: Quota | undefined;
  for (const { of, limit, remaining, reset } of families) {
    const whole = count(headers.get(limit));
    const rest = count(headers.get(remaining));
    if (whole === undefined || whole === 0 || rest === undefined) continue;
    const left = Math.min(1, rest / whole);
    if (nearest === undefined || left < nearest.left) nearest = { of, left, resetsIn: resetIn(headers, reset, now) };
  }
  return nearest;
};
