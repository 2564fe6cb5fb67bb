import { GatewayError } from "../../core/errors.ts";
import { isJsonObject, type JsonObject } from "../../core/json.ts";
import type { Target } from "../../core/model.ts";
import { upstreamError } from "../upstream-error.ts";
import { codeOf, errorFacts } from "./error-facts.ts";

/** A refusal in one of the family's shapes ("Error codes", OpenAI API reference, and the servers' own). */
export const decodeError = (status: number, body: unknown, target: Target): GatewayError => {
  const facts = errorFacts(body);
  // On 401 and 403 the provider's text may repeat part of the secret.
  const message = status === 401 || status === 403 ? undefined : facts.message;
  return upstreamError({ status, target, message, code: codeOf(facts, status), param: facts.param });
};

/** True where a body or frame that came with status 200 says that the call failed. */
export const isErrorBody = (body: JsonObject): boolean => {
  const { error } = body;
  if (isJsonObject(error) || (typeof error === "string" && error !== "")) return true;
  if (body["object"] === "error") return true;
  // Cerebras sends its error bare: a message where an answer would have choices or data.
  const isBare = typeof body["message"] === "string" && ("code" in body || "type" in body || "status_code" in body);
  return isBare && !("choices" in body) && !("data" in body);
};

/**
 * A failure that came inside an answer of status 200. It has no upstream status: tokens may have been used before it,
 * so that it must not look like a refusal that cost nothing.
 */
export const failureWithin = (provider: string, body: unknown): GatewayError => {
  const facts = errorFacts(body);
  const status = facts.status ?? 500;
  const { code } = upstreamError({ status, target: { provider }, code: codeOf(facts, status) });
  const hidden = code === "upstream_authentication" || status === 401 || status === 403;
  const text = hidden || facts.message === undefined ? "it gave no reason" : facts.message.slice(0, 2_000);
  return new GatewayError(code, `Provider '${provider}' failed within its answer: ${text}`, { provider });
};
