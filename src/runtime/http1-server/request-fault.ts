/** Why a request is refused before anybody is asked: it is not HTTP/1.1, can be read in more than one way, or is too long. */
export class RequestFault extends Error {
  override readonly name = "RequestFault";

  constructor(
    readonly status: 400 | 408 | 417 | 431 | 501 | 505,
    readonly code: string,
    what: string,
  ) {
    super(what);
  }
}

/** The bytes are not HTTP/1.1, or can be read in more than one way. */
export const malformed = (what: string): RequestFault =>
  new RequestFault(400, "malformed_request", `The request is not valid HTTP/1.1: ${what}.`);

/** The head is longer than this server reads. */
export const headTooLarge = (what: string): RequestFault =>
  new RequestFault(431, "request_head_too_large", `The request's head is too large: ${what}.`);
