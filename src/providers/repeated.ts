import { GatewayError } from "../core/errors.ts";
import type { WireRequest } from "../core/ports/transport.ts";
import { withoutQuotes } from "../core/without-quotes.ts";

/** Headers that say nothing which is not known anyway. Every other one may be a credential. */
const plainHeaders: ReadonlySet<string> = new Set([
  ...["accept", "accept-encoding", "connection", "content-length", "content-type", "host", "user-agent"],
  ...["anthropic-version", "anthropic-beta"],
]);
const shortestCredential = 8;

/** A text without the credentials that a provider was sent: it may repeat them, whatever their form. */
export const withoutCredentials = (text: string, { headers }: WireRequest): string => {
  let clean = text;
  for (const [name, value] of Object.entries(headers)) {
    if (plainHeaders.has(name.toLowerCase())) continue;
    const secret = value.replace(/^Bearer /, "");
    if (secret.length >= shortestCredential) clean = clean.replaceAll(secret, "[secret]");
  }
  return clean;
};

/**
 * An error that may hold a provider's words, made fit to be told and to be kept: without the credentials that the provider
 * was sent, and for ledger and log without what it repeats of the caller's words, which are stored nowhere.
 */
export const withoutRepeats = (thrown: unknown, sent: WireRequest, request: unknown): unknown => {
  if (!(thrown instanceof GatewayError)) return thrown;
  const message = withoutCredentials(thrown.message, sent);
  const param = thrown.param === undefined ? undefined : withoutCredentials(thrown.param, sent);
  const recorded = withoutQuotes(message, request);
  if (message === thrown.message && recorded === message && param === thrown.param) return thrown;
  const { code, retryAfterMilliseconds, provider, upstreamStatus, cause } = thrown;
  return new GatewayError(code, message, {
    recorded,
    ...(param === undefined ? {} : { param }),
    ...(retryAfterMilliseconds === undefined ? {} : { retryAfterMilliseconds }),
    ...(provider === undefined ? {} : { provider }),
    ...(upstreamStatus === undefined ? {} : { upstreamStatus }),
    ...(cause === undefined ? {} : { cause }),
  });
};
