import { type ErrorCode, GatewayError } from "../../core/errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import type { Target } from "../../core/model.ts";
import { upstreamError } from "../upstream-error.ts";

/** The error in a body or frame: `{error: {code, message, status}}`, also as the one element of an array. */
export const errorIn = (body: unknown): JsonObject | undefined => {
  const envelope: unknown = Array.isArray(body) ? body[0] : body;
  if (!isJsonObject(envelope)) return undefined;
  const { error } = envelope;
  if (typeof error === "string") return { message: error };
  return isJsonObject(error) ? error : undefined;
};

const detailsOf = (error: JsonObject): readonly JsonObject[] =>
  Array.isArray(error["details"]) ? error["details"].filter(isJsonObject) : [];

/** True where a quota of a whole day, or one of zero, is used up: waiting a moment does not help. */
const isLongExhausted = (error: JsonObject, message: string): boolean => {
  const quotaIds = detailsOf(error).flatMap(({ violations }) =>
    Array.isArray(violations)
      ? violations.flatMap((violation) => (isJsonObject(violation) ? [violation["quotaId"]] : []))
      : [],
  );
  return (
    quotaIds.some((id) => typeof id === "string" && id.includes("PerDay")) ||
    /\blimit: 0\b|credits? (are|is) depleted/i.test(message)
  );
};

const messageCodes: readonly (readonly [RegExp, ErrorCode])[] = [
  [/api key (not valid|expired|not found)|API_KEY_INVALID/i, "upstream_authentication"],
  [/token count.*exceeds|exceeds the maximum number of (input )?tokens/is, "context_length_exceeded"],
  [/request payload size exceeds/i, "payload_too_large"],
  [/enable billing|billing (is )?(not enabled|disabled)/i, "insufficient_quota"],
];

/** Codes by canonical status ("Troubleshooting guide", ai.google.dev); the HTTP status says the rest. */
const codeOf = (error: JsonObject, message: string): ErrorCode | undefined => {
  if (detailsOf(error).some(({ reason }) => reason === "API_KEY_INVALID")) return "upstream_authentication";
  switch (error["status"]) {
    case "INVALID_ARGUMENT":
    case "FAILED_PRECONDITION":
      return messageCodes.find(([pattern]) => pattern.test(message))?.[1];
    case "RESOURCE_EXHAUSTED":
      return isLongExhausted(error, message) ? "insufficient_quota" : "rate_limit_exceeded";
    case "UNAVAILABLE":
      return "upstream_overloaded";
    case "INTERNAL":
    case "DEADLINE_EXCEEDED":
    case "CANCELLED":
    case "UNKNOWN":
      return "upstream_error";
    case "UNAUTHENTICATED":
    case "PERMISSION_DENIED":
      return "upstream_authentication";
    case "NOT_FOUND":
      return "model_not_found";
    default:
      return undefined;
  }
};

/** `RetryInfo` says how long to wait, as `22s` or `1.5s`. */
const retryAfter = (error: JsonObject): number | undefined => {
  for (const { retryDelay } of detailsOf(error)) {
    const seconds = typeof retryDelay === "string" ? /^(\d+(?:\.\d+)?)s$/.exec(retryDelay)?.[1] : undefined;
    if (seconds !== undefined) return Math.ceil(Number(seconds) * 1_000);
  }
  return undefined;
};

/** A refusal of Gemini's as a GatewayError ("Status", google.rpc). */
export const decodeGeminiError = (status: number, body: unknown, target: Pick<Target, "provider">): GatewayError => {
  const error = errorIn(body);
  if (error === undefined)
    return upstreamError({ status, target, message: typeof body === "string" ? body : undefined });
  const message = typeof error["message"] === "string" ? error["message"] : "";
  const decoded = upstreamError({ status, target, message, code: codeOf(error, message) });
  const retryAfterMilliseconds = retryAfter(error);
  if (retryAfterMilliseconds === undefined) return decoded;
  return new GatewayError(decoded.code, decoded.message, {
    provider: target.provider,
    upstreamStatus: status,
    retryAfterMilliseconds,
  });
};

/** An error within an answer of status 200; the error names its own status. */
export const decodeEmbeddedError = (error: JsonObject, provider: string): GatewayError => {
  const code = error["code"];
  const status = typeof code === "number" && code >= 400 && code < 600 ? code : 500;
  return decodeGeminiError(status, { error }, { provider });
};

/** Throws `content_policy_violation` where Gemini blocked the prompt itself. */
export const refuseBlockedPrompt = (feedback: JsonValue | undefined, provider: string): void => {
  const reason = isJsonObject(feedback) ? feedback["blockReason"] : undefined;
  if (typeof reason !== "string" || reason === "BLOCK_REASON_UNSPECIFIED") return;
  throw new GatewayError(
    "content_policy_violation",
    `Provider '${provider}' blocked the prompt (${reason.slice(0, 100)}). Change the prompt, or use another model.`,
    { provider },
  );
};
