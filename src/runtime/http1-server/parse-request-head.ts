import {
  carriageReturn,
  colon,
  isDigit,
  isTargetByte,
  isValueByte,
  lineFeed,
  lowerName,
  space,
  tab,
  wordBytes,
  zero,
} from "../http1-message/head-bytes.ts";
import { FramingFields } from "./framing-fields.ts";
import { type HeadSpans, maxFields, maxHeadBytes } from "./head-spans.ts";
import { headTooLarge, malformed, RequestFault } from "./request-fault.ts";

const versionBytes = wordBytes("HTTP/1.");

const methods = ["GET", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"];
const longestMethod = 24;

/**
 * Reads one request's head after the other, and holds what is known of the last one. Strict: RFC 9112 without its
 * leniencies. Names are made small letters where they stand, in the bytes that are given.
 */
export class RequestHeadParser {
  #bytes: Uint8Array = new Uint8Array(0);
  #start = 0;
  #at = 0;
  #spans = new Uint16Array(maxFields * 4);
  #fields = 0;

  readonly framing = new FramingFields();
  method = "";
  /** Where the target stands in the bytes. */
  targetStart = 0;
  targetEnd = 0;
  /** HTTP/1.0. */
  isOld = false;

  /**
   * Where the head that begins at `start` ends; -1 while it is not there whole. Throws RequestFault as soon as the bytes
   * cannot become a valid head.
   */
  read(bytes: Uint8Array, start: number): number {
    this.#bytes = bytes;
    this.#start = start;
    this.#fields = 0;
    this.framing.reset(bytes, start);
    const isWhole = this.#readRequestLine() && this.#readFields();
    if ((isWhole ? this.#at : bytes.length) - start > maxHeadBytes)
      throw headTooLarge(`it is longer than ${maxHeadBytes} bytes`);
    if (!isWhole) return -1;
    this.framing.judge(this.isOld ? "HTTP/1.0" : "HTTP/1.1");
    return this.#at;
  }

  /** A copy of where the fields stand, relative to the head's start. */
  takeSpans(): HeadSpans {
    const length = this.#fields * 4;
    const spans = this.#spans;
    const copy = new Uint16Array(length);
    // Cheaper than `slice`, which leaves the compiled code.
    for (let index = 0; index < length; index++) copy[index] = spans[index] as number;
    return copy;
  }

  #readRequestLine(): boolean {
    const bytes = this.#bytes;
    const end = bytes.length;
    const start = this.#start;
    let at = start;
    while (at < end && lowerName[bytes[at] as number] !== 0) at += 1;
    if (at - start > longestMethod || (at < end && (bytes[at] !== space || at === start)))
      throw malformed("it does not begin with a method");
    if (at >= end) return false;
    this.#noteMethod(start, at);
    const targetStart = at + 1;
    at = targetStart;
    while (at < end && isTargetByte[bytes[at] as number] === 1) at += 1;
    if (at >= end) return false;
    if (bytes[at] !== space || at === targetStart) throw malformed("its target is not valid");
    this.targetStart = targetStart;
    this.targetEnd = at;
    return this.#readVersion(at + 1);
  }

  #noteMethod(start: number, end: number): void {
    const bytes = this.#bytes;
    const length = end - start;
    for (const method of methods) {
      if (
        method.length !== length ||
        method.charCodeAt(0) !== bytes[start] ||
        method.charCodeAt(1) !== bytes[start + 1]
      )
        continue;
      let index = 2;
      while (index < length && method.charCodeAt(index) === bytes[start + index]) index += 1;
      if (index < length) continue;
      this.method = method;
      return;
    }
    this.method = "";
  }

  #readVersion(from: number): boolean {
    const bytes = this.#bytes;
    const end = bytes.length;
    for (let index = 0; index < versionBytes.length; index++) {
      if (from + index >= end) return false;
      if (bytes[from + index] === versionBytes[index]) continue;
      const isOther = index === 5 && isDigit(bytes[from + index] as number);
      if (isOther) throw new RequestFault(505, "http_version_not_supported", "This server speaks HTTP/1.1.");
      throw malformed("its first line does not end with HTTP/1.1");
    }
    const minor = bytes[from + 7];
    if (minor === undefined) return false;
    if (minor !== zero && minor !== zero + 1) throw malformed("its first line does not end with HTTP/1.1");
    this.isOld = minor === zero;
    this.#at = from + 8;
    if (from + 8 < end && bytes[from + 8] !== carriageReturn)
      throw malformed("its first line does not end with HTTP/1.1");
    if (!this.#endLine(from + 8)) return false;
    if (this.method === "")
      throw new RequestFault(501, "unsupported_method", `This server knows the methods ${methods.join(", ")} only.`);
    return true;
  }

  /** Moves behind CR LF. */
  #endLine(at: number): boolean {
    const bytes = this.#bytes;
    const end = bytes.length;
    if (at >= end) return false;
    if (bytes[at] !== carriageReturn) throw malformed("a line of its head holds a control character");
    if (at + 1 >= end) return false;
    if (bytes[at + 1] !== lineFeed) throw malformed("a line of its head does not end with CR LF");
    this.#at = at + 2;
    return true;
  }

  #readFields(): boolean {
    const bytes = this.#bytes;
    const start = this.#start;
    const end = bytes.length;
    const spans = this.#spans;
    for (;;) {
      const nameStart = this.#at;
      if (nameStart >= end) return false;
      if (bytes[nameStart] === carriageReturn) return this.#endLine(nameStart);
      if (this.#fields === maxFields) throw headTooLarge(`it has more than ${maxFields} fields`);
      let at = nameStart;
      for (; at < end; at++) {
        const byte = bytes[at] as number;
        const lower = lowerName[byte] as number;
        if (lower === 0) break;
        if (lower !== byte) bytes[at] = lower;
      }
      if (at >= end) return false;
      if (bytes[at] !== colon || at === nameStart) throw malformed("a field of its head has no valid name");
      const nameEnd = at;
      at += 1;
      while (at < end && (bytes[at] === space || bytes[at] === tab)) at += 1;
      const valueStart = at;
      while (at < end && isValueByte[bytes[at] as number] === 1) at += 1;
      if (!this.#endLine(at)) return false;
      while (at > valueStart && (bytes[at - 1] === space || bytes[at - 1] === tab)) at -= 1;
      const slot = this.#fields * 4;
      spans[slot] = nameStart - start;
      spans[slot + 1] = nameEnd - start;
      spans[slot + 2] = valueStart - start;
      spans[slot + 3] = at - start;
      this.#fields += 1;
      this.framing.note(nameStart, nameEnd, valueStart, at, this.#at);
    }
  }
}
