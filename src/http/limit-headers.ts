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

/** https://platform.openai.com/docs/guides/rate-limits#rate-limits-in-headers */
const openAiHeaders = (kind: "requests" | "tokens", { limit, remaining, resetMilliseconds }: Meter) => ({
  [`x-ratelimit-limit-${kind}`]: String(limit),
  [`x-ratelimit-remaining-${kind}`]: String(remaining),
  [`x-ratelimit-reset-${kind}`]: formatDuration(resetMilliseconds),
});

/** https://platform.claude.com/docs/en/api/rate-limits#response-headers: the reset is a moment, in RFC 3339. */
const anthropicHeaders = (
  kind: "requests" | "tokens",
  { limit, remaining, resetMilliseconds }: Meter,
  now: number,
) => ({
  [`anthropic-ratelimit-${kind}-limit`]: String(limit),
  [`anthropic-ratelimit-${kind}-remaining`]: String(remaining),
  [`anthropic-ratelimit-${kind}-reset`]: `${new Date(Math.ceil((now + resetMilliseconds) / 1_000) * 1_000).toISOString().slice(0, 19)}Z`,
});

/** How the tightest of the caller's limits stand, in the headers of its dialect. */
export const limitHeaders = (
  scope: Pick<CallScope, "limits" | "head" | "elapsed">,
  dialect: Dialect,
): Record<string, string> => {
  const headers: Record<string, string> = {};
  for (const kind of ["requests", "tokens"] as const) {
    const meter = scope.limits?.[kind];
    if (meter === undefined) continue;
    const written =
      dialect === "anthropic"
        ? anthropicHeaders(kind, meter, scope.head.startedAt + scope.elapsed())
        : openAiHeaders(kind, meter);
    Object.assign(headers, written);
  }
  return headers;
};
