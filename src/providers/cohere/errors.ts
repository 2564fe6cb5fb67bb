import { type ErrorCode, GatewayError } from "../../core/errors.ts";
import { isJsonObject, type JsonObject } from "../../core/json.ts";
import type { Target } from "../../core/model.ts";
import { upstreamError } from "../upstream-error.ts";

const messageOf = (body: unknown): string | undefined => {
  if (typeof body === "string") return body === "" ? undefined : body;
  if (!isJsonObject(body)) return undefined;
  const message = body["message"] ?? body["error"];
  return typeof message === "string" && message !== "" ? message : undefined;
};

/** The API has no codes, so the words tell ("Errors (status codes and description)"). */
const codeByMessage: readonly (readonly [RegExp, ErrorCode])[] = [
  [/max tokens must be/i, "upstream_rejected_request"],
  [/too many tokens|context (length|window)|maximum context/i, "context_length_exceeded"],
  [/content (policy|moderation)|blocked (input|output)|usage (policy|guidelines)/i, "content_policy_violation"],
];

const codeOf = (status: number, message: string | undefined): ErrorCode | undefined => {
  if (status === 402) return "insufficient_quota";
  if (status === 499) return "upstream_error";
  // A trial key has a rate by the minute and a quota by the month.
  if (status === 429) return /month|billing/i.test(message ?? "") ? "insufficient_quota" : undefined;
  if (status !== 400 && status !== 422) return undefined;
  return codeByMessage.find(([pattern]) => pattern.test(message ?? ""))?.[1];
};

/** A refusal in Cohere's shape, `{message}`. */
export const decodeError = (status: number, body: unknown, target: Target): GatewayError => {
  const message = status === 401 || status === 403 ? undefined : messageOf(body);
  return upstreamError({ status, target, message, code: codeOf(status, message) });
};

/** True where a body or frame that came with status 200 only says that the call failed. */
export const isErrorBody = (body: JsonObject): boolean =>
  body["type"] === "error" || (typeof body["message"] === "string" && !("finish_reason" in body) && !("delta" in body));

/**
 * A failure that came inside an answer of status 200. It has no upstream status: tokens may have been used before it,
 * so that it must not look like a refusal that cost nothing.
 */
export const failureWithin = (provider: string, message: unknown, code: ErrorCode = "upstream_error"): GatewayError => {
  const text = messageOf(message) ?? "it gave no reason";
  return new GatewayError(code, `Provider '${provider}' failed within its answer: ${text.slice(0, 2_000)}`, {
    provider,
  });
};
