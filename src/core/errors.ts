/** How one kind of failure is shown and handled: the row of {@link errorTable} for its code. */
export interface ErrorKind {
  /** HTTP status of the reply. */
  readonly status: number;
  /** `error.type` in OpenAI's envelope. */
  readonly type: string;
  /** Whether asking the same target again may help. */
  readonly retryable: boolean;
  /** Whether another target may do better. */
  readonly fallback: boolean;
}

const clientFault = (status: number): ErrorKind => ({
  status,
  type: "invalid_request_error",
  retryable: false,
  fallback: false,
});
const upstreamFault = (status: number, retryable: "retryable" | "final"): ErrorKind => ({
  status,
  type: "server_error",
  retryable: retryable === "retryable",
  fallback: true,
});

/** Every failure that a caller can see. The code is stable: clients may branch on it. */
export const errorTable = {
  invalid_json: clientFault(400),
  invalid_encoding: clientFault(400),
  duplicate_key: clientFault(400),
  json_too_deep: clientFault(400),
  invalid_value: clientFault(400),
  missing_required_parameter: clientFault(400),
  unsupported_parameter: { ...clientFault(400), fallback: true },
  context_length_exceeded: { ...clientFault(400), fallback: true },
  content_policy_violation: clientFault(400),
  upstream_rejected_request: clientFault(400),
  invalid_api_key: { status: 401, type: "authentication_error", retryable: false, fallback: false },
  missing_api_key: { status: 401, type: "authentication_error", retryable: false, fallback: false },
  permission_denied: { status: 403, type: "permission_error", retryable: false, fallback: false },
  forbidden_origin: { status: 403, type: "permission_error", retryable: false, fallback: false },
  model_not_found: { ...clientFault(404), fallback: true },
  not_found: clientFault(404),
  method_not_allowed: clientFault(405),
  conflict: clientFault(409),
  precondition_failed: clientFault(412),
  precondition_required: clientFault(428),
  idempotency_in_flight: clientFault(409),
  idempotency_not_stored: clientFault(409),
  invalid_configuration: clientFault(422),
  idempotency_mismatch: clientFault(422),
  payload_too_large: clientFault(413),
  unsupported_media_type: clientFault(415),
  client_closed_request: { status: 499, type: "invalid_request_error", retryable: false, fallback: false },
  rate_limit_exceeded: { status: 429, type: "rate_limit_error", retryable: true, fallback: true },
  insufficient_quota: { status: 429, type: "insufficient_quota", retryable: false, fallback: true },
  internal_error: { status: 500, type: "server_error", retryable: false, fallback: false },
  upstream_error: upstreamFault(502, "retryable"),
  upstream_unreachable: upstreamFault(502, "retryable"),
  /** Nobody listens there: nothing of the request arrived. */
  upstream_refused: upstreamFault(503, "retryable"),
  upstream_invalid_response: upstreamFault(502, "final"),
  upstream_authentication: upstreamFault(502, "final"),
  upstream_overloaded: upstreamFault(503, "retryable"),
  upstream_timeout: upstreamFault(504, "final"),
  no_target_available: { status: 503, type: "server_error", retryable: false, fallback: false },
  overloaded: { status: 503, type: "server_error", retryable: true, fallback: false },
  shutting_down: { status: 503, type: "server_error", retryable: false, fallback: false },
  storage_unavailable: { status: 503, type: "server_error", retryable: false, fallback: false },
} as const satisfies Record<string, ErrorKind>;

/** A stable name for one kind of failure. */
export type ErrorCode = keyof typeof errorTable;

/** What a failure carries beside its code and message. */
export interface ErrorDetails {
  /** The request field at fault, as a path (`messages.0.content`). */
  readonly param?: string;
  /** How long to wait before trying again; Infinity: it would be in vain. */
  readonly retryAfterMilliseconds?: number;
  /** The provider that failed, and the HTTP status that it sent. */
  readonly provider?: string;
  readonly upstreamStatus?: number;
  /** The message as it may be kept, where it must not be kept as it is told: providers repeat what callers said. */
  readonly recorded?: string;
  readonly cause?: unknown;
}

/**
 * The one error class. The message says what happened, to what, and what to do next; it never holds a secret or a
 * prompt, since it is sent to the caller and written to the log.
 */
export class GatewayError extends Error {
  override readonly name = "GatewayError";
  readonly param: string | undefined;
  readonly retryAfterMilliseconds: number | undefined;
  readonly provider: string | undefined;
  readonly upstreamStatus: number | undefined;
  /** The message for ledger and log. */
  readonly recorded: string;

  constructor(
    readonly code: ErrorCode,
    message: string,
    details: ErrorDetails = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.param = details.param;
    this.retryAfterMilliseconds = details.retryAfterMilliseconds;
    this.provider = details.provider;
    this.upstreamStatus = details.upstreamStatus;
    this.recorded = details.recorded ?? message;
  }

  get kind(): ErrorKind {
    return errorTable[this.code];
  }
}

/** Any thrown value as a GatewayError; what was not one becomes `internal_error`, with the cause kept. */
export const toGatewayError = (thrown: unknown): GatewayError =>
  thrown instanceof GatewayError
    ? thrown
    : new GatewayError("internal_error", "The gateway failed on this request. The log has the cause.", {
        cause: thrown,
      });
