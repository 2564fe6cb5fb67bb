import { carriageReturn, colon, lineFeed, lowerName, space } from "../http1-message/head-bytes.ts";
import { openingOf } from "./reply-opening.ts";

const pageBytes = 65_536;
/** What a reply's fields may take, so that there is room for what follows. */
const maxFieldBytes = 32_768;
/** Room for the line of a chunk's size, the chunk's end and the last chunk. */
const framingBytes = 32;
/** UTF-8 takes no more for a unit of UTF-16. */
const bytesPerUnit = 3;

const hex = "0123456789abcdef";
/** Of a number above 0 and below 2^32. */
const hexDigits = (value: number): number => 8 - (Math.clz32(value) >> 2);

/** What may stand in a field's value: printable Latin-1. */
const isSafeByte = new Uint8Array(256).fill(1, 0x20);
isSafeByte[0x09] = 1;
isSafeByte.fill(0, 0x7f, 0xa0);

/** Whether the server alone says it. */
const isOurs = (name: string): boolean => {
  const { length } = name;
  return (
    (length === 4 && name === "date") ||
    (length === 14 && name === "content-length") ||
    (length === 17 && name === "transfer-encoding")
  );
};

const unsendable = (name: string): TypeError =>
  new TypeError(`The header '${name.slice(0, 40)}' of a reply cannot be sent.`);

/**
 * Where replies are put together, so that each leaves in one write. One for all connections: it is filled and written in
 * one go. Bytes are set one by one, which is cheaper than joining strings that are then encoded.
 */
export class ReplyPage {
  readonly bytes = Buffer.allocUnsafeSlow(pageBytes);
  length = 0;
  #openings = new Map<number, Uint8Array>();
  #second = 0;

  /** The time for all replies to come; to be told at least once a second. */
  setTime(now: number): void {
    const second = Math.floor(now / 1_000);
    if (second === this.#second) return;
    this.#second = second;
    this.#openings.clear();
  }

  /** Begins a reply: its first line and the date. */
  open(status: number): void {
    let opening = this.#openings.get(status);
    if (opening === undefined) {
      opening = openingOf(status, new Date(this.#second * 1_000));
      this.#openings.set(status, opening);
    }
    this.bytes.set(opening, 0);
    this.length = opening.length;
  }

  /** Adds fields, but those that only the server knows. Throws TypeError where one would break out of its line. */
  fields(headers: Readonly<Record<string, string>>): void {
    for (const name in headers) if (!isOurs(name)) this.#field(name, headers[name] as string);
  }

  /** Ends the head of a body of so many bytes. */
  endHeadWithLength(length: number): void {
    this.ascii("content-length: ");
    this.ascii(String(length));
    this.#lineEnd();
    this.#lineEnd();
  }

  /** Ends the head. */
  endHead(): void {
    this.#lineEnd();
  }

  ascii(text: string): void {
    const { bytes } = this;
    let at = this.length;
    for (let index = 0; index < text.length; index++) bytes[at++] = text.charCodeAt(index);
    this.length = at;
  }

  /** Whether so many units of text, in a chunk of their own, are sure to find room. */
  hasRoomFor(units: number): boolean {
    return this.length + units * bytesPerUnit + framingBytes <= pageBytes;
  }

  /** Adds text that has room. */
  text(text: string): void {
    this.length += this.bytes.write(text, this.length);
  }

  /** Adds text that has room as a chunk. Not for empty text: that would be the end. */
  chunk(text: string): void {
    const { bytes } = this;
    const size = this.length;
    // Mostly all is ASCII, and then the size is known before the text is written.
    const guessed = size + hexDigits(text.length) + 2;
    const written = bytes.write(text, guessed);
    const start = size + hexDigits(written) + 2;
    if (start !== guessed) bytes.copyWithin(start, guessed, guessed + written);
    for (let at = start - 3, rest = written; at >= size; at--, rest >>>= 4) bytes[at] = hex.charCodeAt(rest & 15);
    bytes[start - 2] = carriageReturn;
    bytes[start - 1] = lineFeed;
    this.length = start + written;
    this.#lineEnd();
  }

  /** Adds bytes that have room. */
  append(bytes: Uint8Array): void {
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  #field(name: string, value: string): void {
    const { bytes } = this;
    let at = this.length;
    if (name === "" || at + name.length + value.length > maxFieldBytes) throw unsendable(name);
    for (let index = 0; index < name.length; index++) {
      const byte = name.charCodeAt(index);
      if (byte > 127 || lowerName[byte] === 0) throw unsendable(name);
      bytes[at++] = byte;
    }
    bytes[at++] = colon;
    bytes[at++] = space;
    for (let index = 0; index < value.length; index++) {
      const byte = value.charCodeAt(index);
      if (isSafeByte[byte] !== 1) throw unsendable(name);
      bytes[at++] = byte;
    }
    bytes[at++] = carriageReturn;
    bytes[at++] = lineFeed;
    this.length = at;
  }

  #lineEnd(): void {
    this.bytes[this.length++] = carriageReturn;
    this.bytes[this.length++] = lineFeed;
  }
}

export const page = new ReplyPage();
