import { type ErrorCode, type ErrorDetails, GatewayError } from "../core/errors.ts";
import { maskSecrets } from "../core/mask-secrets.ts";
import type { Target } from "../core/model.ts";

const codeOfStatus = (status: number): ErrorCode => {
  // A redirect is never followed: it could lead anywhere.
  if (status < 400) return "upstream_invalid_response";
  if (status === 401 || status === 403) return "upstream_authentication";
  if (status === 404) return "model_not_found";
  if (status === 408 || status === 504) return "upstream_error";
  if (status === 409 || status === 425) return "upstream_error";
  if (status === 413) return "context_length_exceeded";
  if (status === 429) return "rate_limit_exceeded";
  if (status === 503 || status === 529) return "upstream_overloaded";
  if (status >= 500) return "upstream_error";
  return "upstream_rejected_request";
};

export interface UpstreamFailure {
  readonly status: number;
  /** Who failed; its name is all that is needed. */
  readonly target: Pick<Target, "provider">;
  /** The provider's own message; absent where it sent none. */
  readonly message?: string | undefined;
  /** What the provider's own error code means, where it says more than the status. */
  readonly code?: ErrorCode | undefined;
  readonly param?: string | undefined;
}

/**
 * A provider's refusal as a GatewayError. The provider's text is handed on, except where it refuses the credential:
 * that text may repeat part of the secret.
 */
export const upstreamError = ({ status, target, message, code, param }: UpstreamFailure): GatewayError => {
  const effective = code ?? codeOfStatus(status);
  const details: ErrorDetails = {
    provider: target.provider,
    upstreamStatus: status,
    ...(param === undefined ? {} : { param }),
  };
  if (effective === "upstream_authentication")
    return new GatewayError(
      effective,
      `Provider '${target.provider}' refused its credential (HTTP ${status}). Check the key of this provider.`,
      details,
    );
  const text = message === undefined || message === "" ? "it gave no reason" : maskSecrets(message.slice(0, 2_000));
  return new GatewayError(effective, `Provider '${target.provider}' answered HTTP ${status}: ${text}`, details);
};

/** A body or frame that is not in the provider's wire format. */
export const malformed = (provider: string, what: string): GatewayError =>
  new GatewayError("upstream_invalid_response", `Provider '${provider}' sent ${what}.`, { provider });
