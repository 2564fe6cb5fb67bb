import { GatewayError } from "../core/errors.ts";

/** The call that has the key goes on at this moment. */
export const inFlight = (): GatewayError =>
  new GatewayError(
    "idempotency_in_flight",
    "A request with this Idempotency-Key is being answered at this moment. Send it again in a second to get that answer.",
    { retryAfterMilliseconds: 1_000 },
  );

/** The key was used for something else. */
export const mismatch = (): GatewayError =>
  new GatewayError(
    "idempotency_mismatch",
    "This Idempotency-Key was sent before with another body or to another path. Send each request with a key of its own.",
    { param: "Idempotency-Key" },
  );

/** The call was carried out and billed, and its answer is not there to be sent again. */
export const notStored = (callId: string): GatewayError =>
  new GatewayError(
    "idempotency_not_stored",
    `The request with this Idempotency-Key was answered (${callId}), and its answer was not kept: it was too long, or could not be stored or read. Send it with another key to have it answered, and charged, anew.`,
  );
