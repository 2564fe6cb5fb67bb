// Fields one after the other: numbers as float64, strings as their lengths (u16, in UTF-16 units), and behind all fields
// the strings' text as UTF-8 in one piece, since one long copy is cheaper than many short ones. Before the fields stands
// their length (u16). Little-endian.

const absent = 0xffff;

/** Writes the fields of one record after another into the same buffer. */
export class FieldWriter {
  readonly #bytes: Buffer;
  readonly #view: DataView;
  #begin = 0;
  #at = 0;
  #text = "";
  #isTooLong = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Begins a record at this place. */
  begin(at: number): void {
    this.#begin = at;
    this.#at = at + 2;
    this.#text = "";
    this.#isTooLong = false;
  }

  /** A small whole number, 0 to 255. */
  byte(value: number): void {
    this.#bytes[this.#at] = value;
    this.#at += 1;
  }

  /** NaN stands for null. */
  number(value: number | null): void {
    this.#view.setFloat64(this.#at, value === null ? Number.NaN : value, true);
    this.#at += 8;
  }

  string(value: string | null): void {
    if (value === null) this.#view.setUint16(this.#at, absent, true);
    else {
      if (value.length >= absent) this.#isTooLong = true;
      this.#view.setUint16(this.#at, value.length, true);
      this.#text += value;
    }
    this.#at += 2;
  }

  /** Where the record ends; undefined where the text is too long: it must then be written otherwise. */
  end(): number | undefined {
    const { length } = this.#text;
    // UTF-8 takes up to three bytes for each UTF-16 unit.
    if (this.#isTooLong || length * 3 > this.#bytes.length - this.#at) return undefined;
    this.#view.setUint16(this.#begin, this.#at - this.#begin, true);
    return this.#at + this.#bytes.write(this.#text, this.#at, "utf8");
  }
}

/** Reads fields in the order in which they were written. */
export class FieldReader {
  readonly #buffer: Buffer;
  readonly #view: DataView;
  #at = 0;
  #text = "";
  #textAt = 0;

  constructor(bytes: Uint8Array) {
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Begins with the record that stands from `at` to `end`. */
  begin(at: number, end: number): void {
    this.#at = at + 2;
    this.#text = this.#buffer.toString("utf8", at + this.#view.getUint16(at, true), end);
    this.#textAt = 0;
  }

  /** The first field of the record that stands at `at`, a string of ASCII, without beginning with the record. */
  firstString(at: number): string {
    const text = at + this.#view.getUint16(at, true);
    return this.#buffer.toString("latin1", text, text + this.#view.getUint16(at + 2, true));
  }

  byte(): number {
    const value = this.#buffer[this.#at] as number;
    this.#at += 1;
    return value;
  }

  number(): number {
    const value = this.#view.getFloat64(this.#at, true);
    this.#at += 8;
    return value;
  }

  numberOrNull(): number | null {
    const value = this.number();
    return Number.isNaN(value) ? null : value;
  }

  /** What was null is an empty string here. */
  string(): string {
    return this.stringOrNull() ?? "";
  }

  stringOrNull(): string | null {
    const length = this.#view.getUint16(this.#at, true);
    this.#at += 2;
    if (length === absent) return null;
    const from = this.#textAt;
    this.#textAt += length;
    return this.#text.slice(from, this.#textAt);
  }
}
