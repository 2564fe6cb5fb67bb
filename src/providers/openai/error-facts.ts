import type { ErrorCode } from "../../core/errors.ts";
import { isJsonObject, type JsonValue } from "../../core/json.ts";

/** What an error body says, whichever of the family's shapes it has. */
export interface ErrorFacts {
  readonly message: string | undefined;
  /** `code` and `type`, lower case, as far as they are text. */
  readonly labels: readonly string[];
  /** An HTTP status within the body. */
  readonly status: number | undefined;
  readonly param: string | undefined;
}

const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

/** FastAPI's and pydantic's list of faults: where and what. */
const faults = (detail: JsonValue | undefined): string | undefined => {
  if (typeof detail === "string") return detail;
  if (!Array.isArray(detail)) return undefined;
  const lines = detail.flatMap((fault: JsonValue) => {
    if (!isJsonObject(fault)) return [];
    const place = Array.isArray(fault["loc"]) ? fault["loc"].join(".") : "";
    return [`${place}: ${text(fault["msg"]) ?? "refused"}`];
  });
  return lines.length === 0 ? undefined : lines.join("; ");
};

const messageOf = (value: JsonValue | undefined): string | undefined =>
  text(value) ?? (isJsonObject(value) ? faults(value["detail"]) : undefined);

const statusOf = (value: JsonValue | undefined): number | undefined => {
  const number = typeof value === "string" && /^\d{3}$/.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isInteger(number) && number >= 400 && number < 600 ? number : undefined;
};

/**
 * Reads the shapes in use: `{error:{message,type,param,code}}` (OpenAI and most), `{code,error:"…"}` (xAI),
 * `{object:"error",message,type}` (Mistral, older vLLM), `{message,type,code}` (Cerebras), `{detail}` (FastAPI), text.
 */
export const errorFacts = (body: unknown): ErrorFacts => {
  if (!isJsonObject(body)) return { message: text(body), labels: [], status: undefined, param: undefined };
  const nested = body["error"];
  const error = isJsonObject(nested) ? nested : body;
  const message =
    messageOf(error["message"]) ?? text(nested) ?? text(error["error"]) ?? faults(error["detail"] ?? body["detail"]);
  const labels = [error["code"], error["type"]].flatMap((label) => text(label)?.toLowerCase() ?? []);
  const status = statusOf(error["code"]) ?? statusOf(error["status"]) ?? statusOf(error["status_code"]);
  return { message, labels, status, param: text(error["param"]) };
};

const codeByLabel: Readonly<Record<string, ErrorCode>> = {
  context_length_exceeded: "context_length_exceeded",
  exceed_context_size_error: "context_length_exceeded",
  context_window_exceeded: "context_length_exceeded",
  insufficient_quota: "insufficient_quota",
  billing_hard_limit_reached: "insufficient_quota",
  billing_not_active: "insufficient_quota",
  insufficient_balance: "insufficient_quota",
  credit_limit_exceeded: "insufficient_quota",
  content_policy_violation: "content_policy_violation",
  image_content_policy_violation: "content_policy_violation",
  content_filter: "content_policy_violation",
  invalid_prompt: "content_policy_violation",
  model_not_found: "model_not_found",
  model_not_available: "model_not_found",
  model_decommissioned: "model_not_found",
  invalid_model: "model_not_found",
  invalid_api_key: "upstream_authentication",
  authentication_error: "upstream_authentication",
  rate_limit_exceeded: "rate_limit_exceeded",
  rate_limit_error: "rate_limit_exceeded",
  overloaded_error: "upstream_overloaded",
  server_overloaded: "upstream_overloaded",
  capacity_exceeded: "upstream_overloaded",
};

/** Read in this order where no label tells: what the message means, for servers that have no codes. */
const codeByMessage: readonly (readonly [RegExp, ErrorCode])[] = [
  [/(incorrect|invalid|wrong|missing) api[ _-]?key|unauthorized/i, "upstream_authentication"],
  [
    /context (length|window|size)|maximum context|prompt (is|too) (too )?long|too many (input )?tokens|reduce the length/i,
    "context_length_exceeded",
  ],
  [
    /insufficient (quota|balance|credits?|funds)|exceeded your current quota|(used|out of) .*credits|spending limit/i,
    "insufficient_quota",
  ],
  [/content (policy|violates)|usage (policies|guidelines)|flagged|moderation/i, "content_policy_violation"],
  [/overloaded|at capacity|capacity exceeded/i, "upstream_overloaded"],
];

/** What the provider's own words mean; undefined where the HTTP status alone must tell. */
export const codeOf = ({ labels, message }: ErrorFacts, status: number): ErrorCode | undefined => {
  for (const label of labels) if (Object.hasOwn(codeByLabel, label)) return codeByLabel[label];
  if (status === 402) return "insufficient_quota";
  if (status === 498) return "upstream_overloaded";
  // An error of the server itself says little by its words, a refusal much.
  if (message === undefined || status === 401 || status === 404 || status === 429) return quotaOnly(message, status);
  return codeByMessage.find(([pattern]) => pattern.test(message))?.[1];
};

const quotaOnly = (message: string | undefined, status: number): ErrorCode | undefined =>
  status === 429 && message !== undefined && /exceeded your current quota|insufficient (quota|balance)/i.test(message)
    ? "insufficient_quota"
    : undefined;
