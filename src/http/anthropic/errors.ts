import type { ErrorCode, GatewayError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";

/** Anthropic's error types: https://platform.claude.com/docs/en/api/errors. */
export type AnthropicErrorType =
  | "invalid_request_error"
  | "authentication_error"
  | "permission_error"
  | "not_found_error"
  | "conflict_error"
  | "request_too_large"
  | "rate_limit_error"
  | "api_error"
  | "timeout_error"
  | "overloaded_error";

const typeOfStatus: Readonly<Record<number, AnthropicErrorType>> = {
  401: "authentication_error",
  403: "permission_error",
  404: "not_found_error",
  409: "conflict_error",
  413: "request_too_large",
  429: "rate_limit_error",
  504: "timeout_error",
};

/** Codes that Anthropic shows otherwise than by our status: 529 is its own status for an overloaded service. */
const special: Partial<Record<ErrorCode, { readonly status: number; readonly type: AnthropicErrorType }>> = {
  upstream_overloaded: { status: 529, type: "overloaded_error" },
  overloaded: { status: 529, type: "overloaded_error" },
};

const typeOf = (status: number): AnthropicErrorType =>
  typeOfStatus[status] ?? (status < 500 ? "invalid_request_error" : "api_error");

/** The HTTP status and the body of an error on Anthropic's routes. */
export interface AnthropicError {
  readonly status: number;
  readonly body: JsonObject;
}

/** The error in Anthropic's envelope; `code` (stable) and `param` are ours, beside Anthropic's fields. */
export const encodeAnthropicError = (error: GatewayError, requestId: string): AnthropicError => {
  const { status } = error.kind;
  const shown = special[error.code] ?? { status, type: typeOf(status) };
  return {
    status: shown.status,
    body: {
      type: "error",
      error: {
        type: shown.type,
        message: error.message,
        code: error.code,
        ...(error.param === undefined ? {} : { param: error.param }),
      },
      request_id: requestId,
    },
  };
};
