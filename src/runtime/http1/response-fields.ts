/** The fields of a head. They stay bytes until one is asked for: most responses are read without. */
export class ResponseFields {
  readonly #bytes: Uint8Array;
  readonly #start: number;
  readonly #end: number;
  #text: string | undefined;
  #lowerText = "";

  /** `start` is the first byte of the first field, `end` the first behind the head. The bytes are valid. */
  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.#start = start;
    this.#end = end;
  }

  /** The field's value, several joined by `, `; null where it is not there. The name counts in any case. */
  get(name: string): string | null {
    const text = this.#decode();
    const sought = `\n${name.toLowerCase()}:`;
    let found: string | null = null;
    for (let at = this.#lowerText.indexOf(sought); at !== -1; at = this.#lowerText.indexOf(sought, at + 1)) {
      const value = trimBlanks(text.slice(at + sought.length, text.indexOf("\r", at)));
      found = found === null ? value : `${found}, ${value}`;
    }
    return found;
  }

  #decode(): string {
    if (this.#text !== undefined) return this.#text;
    const { buffer, byteOffset, length } = this.#bytes;
    // With the line feed before the first field every field begins behind one. Lower case keeps Latin-1's length.
    this.#text = Buffer.from(buffer, byteOffset, length).toString("latin1", this.#start - 1, this.#end);
    this.#lowerText = this.#text.toLowerCase();
    return this.#text;
  }
}

/** `String.trim` would take no-break spaces, which are a part of the value. */
const trimBlanks = (text: string): string => text.replace(/^[ \t]+|[ \t]+$/g, "");
