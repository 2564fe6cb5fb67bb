import { carriageReturn, colon, lineFeed } from "../http1-message/head-bytes.ts";

const decodeLatin1 = (bytes: Uint8Array, start: number, end: number): string => {
  let text = "";
  for (let at = start; at < end; at++) text += String.fromCharCode(bytes[at] as number);
  return text;
};

const isBlank = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x09;

/** A bit for the length of a name; all that are longer than 30 share one. */
export const lengthBit = (length: number): number => 1 << Math.min(length, 31);

/** Where a head's fields stand, and what their names can be. */
export interface FieldsPlace {
  readonly bytes: Uint8Array;
  /** The first byte of the first field. */
  readonly fieldsStart: number;
  /** The first byte behind the head. */
  readonly end: number;
  /** The `lengthBit` of every name: what has another length is not there, which is known without a search. */
  readonly nameLengths: number;
}

/** The fields of a head. They stay bytes until one is asked for: most of them never are. */
export class ResponseFields {
  readonly #place: FieldsPlace;
  /** Where each field begins; found when the first is asked for. */
  #starts: number[] | undefined;

  /** The bytes are valid. */
  constructor(place: FieldsPlace) {
    this.#place = place;
  }

  /** The field's value, several joined by `, `; null where it is not there. The name counts in any case. */
  get(name: string): string | null {
    if ((this.#place.nameLengths & lengthBit(name.length)) === 0) return null;
    const sought = name.toLowerCase();
    this.#starts ??= this.#findStarts();
    let found: string | null = null;
    for (const start of this.#starts) {
      if (!this.#isNamed(start, sought)) continue;
      const value = this.#value(start + sought.length + 1);
      found = found === null ? value : `${found}, ${value}`;
    }
    return found;
  }

  #findStarts(): number[] {
    const { bytes, fieldsStart, end } = this.#place;
    const starts: number[] = [];
    for (let at = fieldsStart; at < end - 2; at = bytes.indexOf(lineFeed, at) + 1) starts.push(at);
    return starts;
  }

  #isNamed(start: number, sought: string): boolean {
    const { bytes } = this.#place;
    const { length } = sought;
    if (bytes[start + length] !== colon) return false;
    for (let index = 0; index < length; index++) {
      const byte = bytes[start + index] as number;
      const isCapital = byte >= 0x41 && byte <= 0x5a;
      if ((isCapital ? byte | 0x20 : byte) !== sought.charCodeAt(index)) return false;
    }
    return true;
  }

  /** A value is a text of Latin-1 without the blanks around it. */
  #value(afterColon: number): string {
    const { bytes } = this.#place;
    let start = afterColon;
    let end = bytes.indexOf(carriageReturn, start);
    while (isBlank(bytes[start])) start += 1;
    while (end > start && isBlank(bytes[end - 1])) end -= 1;
    return decodeLatin1(bytes, start, end);
  }
}
