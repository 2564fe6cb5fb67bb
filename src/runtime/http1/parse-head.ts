import {
  carriageReturn,
  colon,
  del,
  hyphen,
  isDigit,
  lineFeed,
  lowerName,
  space,
  tab,
  wordBytes,
  zero,
} from "../http1-message/head-bytes.ts";
import { FramingFields } from "./framing-fields.ts";
import { malformed } from "./malformed.ts";
import { lengthBit } from "./response-fields.ts";

/** What the head of a response says of itself. Its fields are kept as bytes until somebody asks for one. */
export interface ResponseHead {
  readonly status: number;
  readonly bytes: Uint8Array;
  /** Where the first field begins. */
  readonly fieldsStart: number;
  /** The first byte behind the head. */
  readonly end: number;
  /** How long its fields' names are, as `lengthBit` has it. */
  readonly nameLengths: number;
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

const versionBytes = wordBytes("HTTP/1.");

/** The first place that belongs to no name. Letters and hyphens are told without the table. */
const endOfName = (bytes: Uint8Array, from: number, end: number): number => {
  for (let at = from; at < end; at++) {
    const byte = bytes[at] as number;
    const small = byte | 0x20;
    if ((small < 0x61 || small > 0x7a) && byte !== hyphen && lowerName[byte] === 0) return at;
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

/** Reads one head after the other; holds what is known of the present one. Strict: RFC 9112 without its leniencies. */
export class HeadReader {
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #end = 0;
  #status = 0;
  /** Whether it is of HTTP/1.0. */
  #isOld = false;
  #nameLengths = 0;
  readonly #fields = new FramingFields();

  /**
   * The head that begins at `start`; undefined while it is not there whole. Throws GatewayError
   * `upstream_invalid_response` as soon as the bytes cannot become a valid head.
   */
  read(bytes: Uint8Array, start: number): ResponseHead | undefined {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = bytes.length;
    this.#fields.reset(bytes);
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
    const { contentLength, isChunked, isEncoded, saysClose, saysKeepAlive, keepAliveSeconds } = this.#fields;
    if (isChunked && contentLength !== undefined) throw malformed("it has both Content-Length and Transfer-Encoding");
    if (isChunked && this.#isOld) throw malformed("Transfer-Encoding in HTTP/1.0");
    return {
      status: this.#status,
      bytes: this.#bytes,
      fieldsStart,
      end: this.#at,
      nameLengths: this.#nameLengths,
      contentLength,
      isChunked,
      isEncoded,
      isPersistent: !saysClose && (!this.#isOld || saysKeepAlive),
      keepAliveSeconds,
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
    this.#nameLengths = 0;
    for (let fields = 0; fields <= maxFields; fields++) {
      const nameEnd = endOfName(bytes, at, end);
      if (nameEnd >= end) return false;
      if (nameEnd === at && bytes[at] === carriageReturn) return this.#endFields(at);
      if (nameEnd === at || bytes[nameEnd] !== colon) throw malformed("a field of its head has no valid name");
      const lineEnd = endOfLine(bytes, nameEnd + 1, end);
      if (lineEnd === -1) return false;
      this.#fields.note(at, nameEnd, lineEnd);
      this.#nameLengths |= lengthBit(nameEnd - at);
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
}
