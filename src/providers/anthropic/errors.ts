import { type ErrorCode, GatewayError } from "../../core/errors.ts";
import { isJsonObject, type JsonObject } from "../../core/json.ts";
import type { Target } from "../../core/model.ts";
import { upstreamError } from "../upstream-error.ts";

/** The types of "Errors" (Anthropic API reference), where they say more than the HTTP status. */
const codeByType: Readonly<Record<string, ErrorCode>> = {
  authentication_error: "upstream_authentication",
  permission_error: "upstream_authentication",
  billing_error: "insufficient_quota",
  not_found_error: "model_not_found",
  rate_limit_error: "rate_limit_exceeded",
  overloaded_error: "upstream_overloaded",
  timeout_error: "upstream_error",
  api_error: "upstream_error",
};

/** What a refusal of the request means by its words: the API has one type for all of them. */
const codeByMessage: readonly (readonly [RegExp, ErrorCode])[] = [
  [
    /prompt is too long|input is too long|exceeds? (the )?(context|model's)|context (window|limit|length)/i,
    "context_length_exceeded",
  ],
  [/credit balance|usage limits|insufficient (balance|quota|credits)/i, "insufficient_quota"],
  [/content filter|usage policy|content policy/i, "content_policy_violation"],
];

interface Facts {
  readonly type: string;
  readonly message: string | undefined;
}

const factsOf = (body: unknown): Facts => {
  if (!isJsonObject(body)) return { type: "", message: typeof body === "string" && body !== "" ? body : undefined };
  const error = isJsonObject(body["error"]) ? body["error"] : body;
  const { type, message } = error;
  return {
    type: typeof type === "string" ? type : "",
    message: typeof message === "string" && message !== "" ? message : undefined,
  };
};

const codeOf = ({ type, message }: Facts): ErrorCode | undefined => {
  const known = Object.hasOwn(codeByType, type) ? codeByType[type] : undefined;
  if (known !== undefined || message === undefined) return known;
  return codeByMessage.find(([pattern]) => pattern.test(message))?.[1];
};

/** The field at fault: the API begins its message with the path (`messages.0.content: …`). */
const paramOf = (message: string | undefined): string | undefined =>
  message === undefined
    ? undefined
    : /^((?:messages|tools|system|tool_choice|thinking|output_config)[\w.]*|[a-z]+_[a-z_]+): /.exec(message)?.[1];

/** A refusal in Anthropic's shape, `{type: "error", error: {type, message}}`. */
export const decodeError = (status: number, body: unknown, target: Target): GatewayError => {
  const facts = factsOf(body);
  const message = status === 401 || status === 403 ? undefined : facts.message;
  const isRefusal = status === 400 || status === 402 || status === 413 || status === 422 || facts.type !== "";
  return upstreamError({
    status,
    target,
    message,
    code: status === 402 ? "insufficient_quota" : isRefusal ? codeOf(facts) : undefined,
    param: paramOf(message),
  });
};

/** True where a body or frame that came with status 200 says that the call failed. */
export const isErrorBody = (body: JsonObject): boolean => body["type"] === "error" || isJsonObject(body["error"]);

/**
 * A failure that came inside an answer of status 200. It has no upstream status: tokens may have been used before it,
 * so that it must not look like a refusal that cost nothing.
 */
export const failureWithin = (provider: string, body: unknown): GatewayError => {
  const facts = factsOf(body);
  const code = codeOf(facts) ?? "upstream_error";
  const text = code === "upstream_authentication" || facts.message === undefined ? "it gave no reason" : facts.message;
  return new GatewayError(code, `Provider '${provider}' failed within its answer: ${text.slice(0, 2_000)}`, {
    provider,
  });
};
