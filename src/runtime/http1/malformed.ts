import { GatewayError } from "../../core/errors.ts";

/** The upstream's bytes are not HTTP/1.1, or can be read in more than one way. */
export const malformed = (what: string): GatewayError =>
  new GatewayError("upstream_invalid_response", `The upstream's response is not valid HTTP: ${what}.`);
