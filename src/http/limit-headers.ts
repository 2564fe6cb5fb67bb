import type { CallScope } from "../core/call-scope.ts";
import type { Dialect } from "../core/chat.ts";
import type { Meter } from "../core/ports/limits.ts";

/** A duration as OpenAI writes it, which is Go's form: `250ms`, `1s`, `7.66s`, `6m0s`, `23h59m0s`. */
export const formatDuration = (milliseconds: number): string => {
  const whole = Math.max(0, Math.ceil(milliseconds));
  if (whole < 1_000) return `${whole}ms`;
  const minutes = Math.floor(whole / 60_000);
  const seconds = `${(whole % 60_000) / 1_000}s`;
  if (minutes === 0) return seconds;
  return minutes < 60 ? `${minutes}m${seconds}` : `${Math.floor(minutes / 60)}h${minutes % 60}m${seconds}`;
};

/** Names of headers that are made once: put together for each reply they would cost more than what they say. */
interface Names {
  readonly limit: string;
  readonly remaining: string;
  readonly reset: string;
}
type NamesByKind = Readonly<Record<"requests" | "tokens", Names>>;

/** https://platform.openai.com/docs/guides/rate-limits#rate-limits-in-headers */
const openAiNames: NamesByKind = {
  requests: {
    limit: "x-ratelimit-limit-requests",
    remaining: "x-ratelimit-remaining-requests",
    reset: "x-ratelimit-reset-requests",
  },
  tokens: {
    limit: "x-ratelimit-limit-tokens",
    remaining: "x-ratelimit-remaining-tokens",
    reset: "x-ratelimit-reset-tokens",
  },
};
/** https://platform.claude.com/docs/en/api/rate-limits#response-headers */
const anthropicNames: NamesByKind = {
  requests: {
    limit: "anthropic-ratelimit-requests-limit",
    remaining: "anthropic-ratelimit-requests-remaining",
    reset: "anthropic-ratelimit-requests-reset",
  },
  tokens: {
    limit: "anthropic-ratelimit-tokens-limit",
    remaining: "anthropic-ratelimit-tokens-remaining",
    reset: "anthropic-ratelimit-tokens-reset",
  },
};

/** A moment, in whole seconds of RFC 3339. */
const formatMoment = (time: number): string =>
  `${new Date(Math.ceil(time / 1_000) * 1_000).toISOString().slice(0, 19)}Z`;

type Standing = Pick<CallScope, "limits" | "head" | "elapsed">;

const addMeter = (headers: Record<string, string>, names: Names, meter: Meter): void => {
  headers[names.limit] = String(meter.limit);
  headers[names.remaining] = String(meter.remaining);
  headers[names.reset] = formatDuration(meter.resetMilliseconds);
};

const addAnthropicMeter = (
  headers: Record<string, string>,
  names: Names,
  { meter, scope }: { readonly meter: Meter; readonly scope: Standing },
): void => {
  addMeter(headers, names, meter);
  headers[names.reset] = formatMoment(scope.head.startedAt + scope.elapsed() + meter.resetMilliseconds);
};

/** Adds how the tightest of the caller's limits stand, in the headers of its dialect. */
export const addLimitHeaders = (headers: Record<string, string>, scope: Standing, dialect: Dialect): void => {
  if (scope.limits === null) return;
  const { requests, tokens } = scope.limits;
  if (dialect === "anthropic") {
    if (requests !== undefined) addAnthropicMeter(headers, anthropicNames.requests, { meter: requests, scope });
    if (tokens !== undefined) addAnthropicMeter(headers, anthropicNames.tokens, { meter: tokens, scope });
    return;
  }
  if (requests !== undefined) addMeter(headers, openAiNames.requests, requests);
  if (tokens !== undefined) addMeter(headers, openAiNames.tokens, tokens);
};
