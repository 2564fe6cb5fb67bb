import { hasOption, isDigit, isNamed, readLength, space, tab, wordBytes, zero } from "../http1-message/head-bytes.ts";
import { malformed } from "./malformed.ts";

const connection = wordBytes("connection");
const keepAlive = wordBytes("keep-alive");
const contentLength = wordBytes("content-length");
const contentEncoding = wordBytes("content-encoding");
const transferEncoding = wordBytes("transfer-encoding");
const chunked = wordBytes("chunked");
const close = wordBytes("close");
const identity = wordBytes("identity");
const timeout = wordBytes("timeout=");

/** What the fields of one head say of how long the body is, and of the connection. */
export class FramingFields {
  #bytes: Uint8Array = new Uint8Array(0);
  /** Undefined where there is none. */
  contentLength: number | undefined;
  isChunked = false;
  /** Whether the body is compressed, or otherwise not what it means. */
  isEncoded = false;
  saysClose = false;
  saysKeepAlive = false;
  /** What `Keep-Alive: timeout=` says; undefined where it says nothing. */
  keepAliveSeconds: number | undefined;

  /** For the next head. */
  reset(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.contentLength = undefined;
    this.isChunked = false;
    this.isEncoded = false;
    this.saysClose = false;
    this.saysKeepAlive = false;
    this.keepAliveSeconds = undefined;
  }

  /** A field of the head, whose line ends at `lineEnd`. Throws GatewayError `upstream_invalid_response`. */
  note(nameStart: number, nameEnd: number, lineEnd: number): void {
    const length = nameEnd - nameStart;
    // Most fields mean nothing here; those that do are told by the length of their name first.
    if (length !== 10 && length !== 14 && length !== 16 && length !== 17) return;
    const bytes = this.#bytes;
    let start = nameEnd + 1;
    let end = lineEnd;
    while (start < end && (bytes[start] === space || bytes[start] === tab)) start += 1;
    // A tab behind the value is allowed, but not everyone takes it for a blank: it is left, and refused where it matters.
    while (end > start && bytes[end - 1] === space) end -= 1;
    if (length === 14) {
      if (isNamed(bytes, nameStart, contentLength)) this.#noteLength(start, end);
    } else if (length === 17) {
      if (isNamed(bytes, nameStart, transferEncoding)) this.#noteTransferEncoding(start, end);
    } else if (length === 16) {
      if (isNamed(bytes, nameStart, contentEncoding)) this.#noteContentEncoding(start, end);
    } else if (isNamed(bytes, nameStart, connection)) this.#noteConnection(start, end);
    else if (isNamed(bytes, nameStart, keepAlive)) this.#noteKeepAlive(start, end);
  }

  #noteLength(start: number, end: number): void {
    if (this.contentLength !== undefined) throw malformed("it has more than one Content-Length");
    const length = readLength(this.#bytes, start, end);
    if (length === undefined) throw malformed("its Content-Length is not a number");
    this.contentLength = length;
  }

  #noteTransferEncoding(start: number, end: number): void {
    if (this.isChunked || end - start !== chunked.length || !isNamed(this.#bytes, start, chunked))
      throw malformed("its Transfer-Encoding is not 'chunked'");
    this.isChunked = true;
  }

  #noteContentEncoding(start: number, end: number): void {
    if (end - start === identity.length && isNamed(this.#bytes, start, identity)) return;
    if (end > start) this.isEncoded = true;
  }

  #noteConnection(start: number, end: number): void {
    const value = { bytes: this.#bytes, start, end };
    if (hasOption(value, close)) this.saysClose = true;
    if (hasOption(value, keepAlive)) this.saysKeepAlive = true;
  }

  #noteKeepAlive(start: number, end: number): void {
    for (let at = start; at + timeout.length < end; at++) {
      if (!isNamed(this.#bytes, at, timeout)) continue;
      let seconds = 0;
      for (at += timeout.length; at < end && isDigit(this.#bytes[at] as number); at++)
        seconds = Math.min(seconds * 10 + ((this.#bytes[at] as number) - zero), 86_400);
      this.keepAliveSeconds = seconds;
      return;
    }
  }
}
