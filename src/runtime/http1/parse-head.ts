import {
  carriageReturn,
  colon,
  comma,
  del,
  hyphen,
  isNamed,
  isTokenByte,
  lineFeed,
  nameBytes,
  space,
  tab,
  zero,
} from "./head-bytes.ts";
import { malformed } from "./malformed.ts";

/** What the head of a response says of itself. Its fields are kept as bytes until somebody asks for one. */
export interface ResponseHead {
  readonly status: number;
  readonly bytes: Uint8Array;
  /** Where the first field begins. */
  readonly fieldsStart: number;
  /** The first byte behind the head. */
  readonly end: number;
  /** Undefined where there is none. */
  readonly contentLength: number | undefined;
  readonly isChunked: boolean;
  readonly isEncoded: boolean;
  /** Whether the connection may carry another request. */
  readonly isPersistent: boolean;
  /** What `Keep-Alive: timeout=` says; undefined where it says nothing. */
  readonly keepAliveSeconds: number | undefined;
}

/** Bytes of a head, and of all interim heads before it. */
export const maxHeadBytes = 65_536;
/** Fields of a head. */
export const maxFields = 256;

const versionBytes = nameBytes("HTTP/1.");
const connection = nameBytes("connection");
const keepAlive = nameBytes("keep-alive");
const contentLength = nameBytes("content-length");
const contentEncoding = nameBytes("content-encoding");
const transferEncoding = nameBytes("transfer-encoding");
const chunked = nameBytes("chunked");
const close = nameBytes("close");
const identity = nameBytes("identity");
const timeout = nameBytes("timeout=");

/** The first place that belongs to no name. Letters and hyphens are told without the table. */
const endOfName = (bytes: Uint8Array, from: number, end: number): number => {
  for (let at = from; at < end; at++) {
    const byte = bytes[at] as number;
    const small = byte | 0x20;
    if ((small < 0x61 || small > 0x7a) && byte !== hyphen && isTokenByte[byte] !== 1) return at;
  }
  return end;
};

/** Where the CR LF stands that ends the line; -1 where it has not come. What is passed over may be any text. */
const endOfLine = (bytes: Uint8Array, from: number, end: number): number => {
  for (let at = from; at < end; at++) {
    const byte = bytes[at] as number;
    if ((byte >= space && byte !== del) || byte === tab) continue;
    if (byte !== carriageReturn) throw malformed("a line of its head holds a control character");
    if (at + 1 >= end) return -1;
    if (bytes[at + 1] !== lineFeed) throw malformed("a line of its head does not end with CR LF");
    return at;
  }
  return -1;
};

const isDigit = (byte: number): boolean => byte >= zero && byte <= zero + 9;

/** Reads one head after the other; holds what is known of the present one. Strict: RFC 9112 without its leniencies. */
export class HeadReader {
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #end = 0;
  #status = 0;
  #contentLength: number | undefined;
  #isChunked = false;
  #isEncoded = false;
  #isOld = false;
  #saysClose = false;
  #saysKeepAlive = false;
  #keepAliveSeconds: number | undefined;

  /**
   * The head that begins at `start`; undefined while it is not there whole. Throws GatewayError
   * `upstream_invalid_response` as soon as the bytes cannot become a valid head.
   */
  read(bytes: Uint8Array, start: number): ResponseHead | undefined {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = bytes.length;
    this.#contentLength = undefined;
    this.#isChunked = false;
    this.#isEncoded = false;
    this.#saysClose = false;
    this.#saysKeepAlive = false;
    this.#keepAliveSeconds = undefined;
    const isWhole = this.#readStatusLine();
    const fieldsStart = this.#at;
    if (!isWhole || !this.#readFields()) {
      if (this.#end - start > maxHeadBytes) throw malformed(`its head is longer than ${maxHeadBytes} bytes`);
      return undefined;
    }
    return this.#head(start, fieldsStart);
  }

  #head(start: number, fieldsStart: number): ResponseHead {
    if (this.#at - start > maxHeadBytes) throw malformed(`its head is longer than ${maxHeadBytes} bytes`);
    if (this.#isChunked && this.#contentLength !== undefined)
      throw malformed("it has both Content-Length and Transfer-Encoding");
    if (this.#isChunked && this.#isOld) throw malformed("Transfer-Encoding in HTTP/1.0");
    return {
      status: this.#status,
      bytes: this.#bytes,
      fieldsStart,
      end: this.#at,
      contentLength: this.#contentLength,
      isChunked: this.#isChunked,
      isEncoded: this.#isEncoded,
      isPersistent: !this.#saysClose && (!this.#isOld || this.#saysKeepAlive),
      keepAliveSeconds: this.#keepAliveSeconds,
    };
  }

  #readStatusLine(): boolean {
    const bytes = this.#bytes;
    const start = this.#at;
    const end = this.#end;
    for (let index = 0; index < versionBytes.length; index++) {
      if (start + index >= end) return false;
      if (bytes[start + index] !== versionBytes[index]) throw malformed("it does not begin with HTTP/1.x");
    }
    if (start + 13 > end) return false;
    const minor = bytes[start + 7] as number;
    if ((minor !== zero && minor !== zero + 1) || bytes[start + 8] !== space)
      throw malformed("it does not begin with HTTP/1.0 or HTTP/1.1");
    this.#isOld = minor === zero;
    const [first, second, third] = [bytes[start + 9], bytes[start + 10], bytes[start + 11]] as [number, number, number];
    if (first <= zero || first > zero + 5 || !isDigit(second) || !isDigit(third))
      throw malformed("its status is not a number from 100 to 599");
    this.#status = (first - zero) * 100 + (second - zero) * 10 + (third - zero);
    const next = bytes[start + 12];
    if (next !== space && next !== carriageReturn) throw malformed("its status is not a number of three digits");
    const lineEnd = endOfLine(bytes, start + 12, end);
    this.#at = lineEnd + 2;
    return lineEnd !== -1;
  }

  #readFields(): boolean {
    const bytes = this.#bytes;
    const end = this.#end;
    let at = this.#at;
    for (let fields = 0; fields <= maxFields; fields++) {
      const nameEnd = endOfName(bytes, at, end);
      if (nameEnd >= end) return false;
      if (nameEnd === at && bytes[at] === carriageReturn) return this.#endFields(at);
      if (nameEnd === at || bytes[nameEnd] !== colon) throw malformed("a field of its head has no valid name");
      const lineEnd = endOfLine(bytes, nameEnd + 1, end);
      if (lineEnd === -1) return false;
      // Most fields mean nothing here; those that do are told by the length of their name first.
      const length = nameEnd - at;
      if (length === 10 || length === 14 || length === 16 || length === 17)
        this.#note(at, nameEnd + 1, lineEnd, length);
      at = lineEnd + 2;
    }
    throw malformed(`its head has more than ${maxFields} fields`);
  }

  #endFields(at: number): boolean {
    if (at + 1 >= this.#end) return false;
    if (this.#bytes[at + 1] !== lineFeed) throw malformed("its head does not end with CR LF");
    this.#at = at + 2;
    return true;
  }

  #note(nameStart: number, afterColon: number, lineEnd: number, length: number): void {
    const bytes = this.#bytes;
    let start = afterColon;
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
    if (this.#contentLength !== undefined) throw malformed("it has more than one Content-Length");
    if (start === end || end - start > 15) throw malformed("its Content-Length is not a number");
    let length = 0;
    for (let at = start; at < end; at++) {
      const byte = this.#bytes[at] as number;
      if (!isDigit(byte)) throw malformed("its Content-Length is not a number");
      length = length * 10 + (byte - zero);
    }
    this.#contentLength = length;
  }

  #noteTransferEncoding(start: number, end: number): void {
    if (this.#isChunked || end - start !== chunked.length || !isNamed(this.#bytes, start, chunked))
      throw malformed("its Transfer-Encoding is not 'chunked'");
    this.#isChunked = true;
  }

  #noteContentEncoding(start: number, end: number): void {
    if (end - start === identity.length && isNamed(this.#bytes, start, identity)) return;
    if (end > start) this.#isEncoded = true;
  }

  #noteConnection(start: number, end: number): void {
    const bytes = this.#bytes;
    for (let at = start; at < end; ) {
      while (at < end && (bytes[at] === comma || bytes[at] === space || bytes[at] === tab)) at += 1;
      const option = at;
      while (at < end && bytes[at] !== comma && bytes[at] !== space && bytes[at] !== tab) at += 1;
      if (at - option === close.length && isNamed(bytes, option, close)) this.#saysClose = true;
      if (at - option === keepAlive.length && isNamed(bytes, option, keepAlive)) this.#saysKeepAlive = true;
    }
  }

  #noteKeepAlive(start: number, end: number): void {
    for (let at = start; at + timeout.length < end; at++) {
      if (!isNamed(this.#bytes, at, timeout)) continue;
      let seconds = 0;
      for (at += timeout.length; at < end && isDigit(this.#bytes[at] as number); at++)
        seconds = Math.min(seconds * 10 + ((this.#bytes[at] as number) - zero), 86_400);
      this.#keepAliveSeconds = seconds;
      return;
    }
  }
}
