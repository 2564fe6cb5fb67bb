import { RequestHeadParser } from "./parse-request-head.ts";
import { RequestFields } from "./request-fields.ts";
import { checkHost, pathOfTarget } from "./request-target.ts";

const parser = new RequestHeadParser();

/** A request's head that was read, and what it says of the body and the connection. */
export interface RequestHead {
  readonly method: string;
  /** The path and the query. */
  readonly target: string;
  /** With its port where it has one; empty where nobody said it. */
  readonly host: string;
  readonly headers: RequestFields;
  /** -1 where no length is said. */
  readonly contentLength: number;
  readonly isChunked: boolean;
  /** Whether the client waits for a word before it sends the body. */
  readonly expectsContinue: boolean;
  /** Whether the client closes the connection after this request. */
  readonly isLast: boolean;
  /** HTTP/1.0. */
  readonly isOld: boolean;
  /** Where what follows the head begins. */
  readonly end: number;
}

/**
 * The head that begins at `start`; undefined while it is not there whole. Changes the names in the bytes to small
 * letters. Throws RequestFault as soon as the bytes cannot become a valid head.
 */
export const readRequestHead = (bytes: Uint8Array, start: number): RequestHead | undefined => {
  const end = parser.read(bytes, start);
  if (end === -1) return undefined;
  const text: string = Buffer.prototype.latin1Slice.call(bytes, start, end);
  const { method, framing, isOld } = parser;
  const host = text.slice(framing.hostStart - start, framing.hostEnd - start);
  checkHost(host);
  const target = text.slice(parser.targetStart - start, parser.targetEnd - start);
  return {
    method,
    target: pathOfTarget(method, target, host),
    host,
    headers: new RequestFields(text, parser.takeSpans()),
    contentLength: framing.contentLength,
    isChunked: framing.isChunked,
    expectsContinue: framing.expectsContinue && !isOld,
    isLast: framing.saysClose || isOld,
    isOld,
    end,
  };
};
