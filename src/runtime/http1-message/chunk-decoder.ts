import { carriageReturn, lineFeed, semicolon } from "./head-bytes.ts";

/** Hexadecimal digits of a chunk's size: 2^48 bytes are more than anyone sends. */
const maxSizeDigits = 12;

const token = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
const quoted = '"(?:[\\t \\x21\\x23-\\x5b\\x5d-\\x7e\\x80-\\xff]|\\\\[\\t \\x21-\\x7e\\x80-\\xff])*"';
const extensionPattern = new RegExp(`^(?:;${token}(?:=(?:${token}|${quoted}))?)+$`);

/** In what the bodies of requests and of responses differ. */
export interface ChunkRules {
  /** What is thrown, from the words for what is wrong. */
  readonly malformed: (what: string) => Error;
  /** Bytes of all chunk extensions and trailers of one body. */
  readonly maxAsideBytes: number;
  readonly trailerPattern: RegExp;
}

/** The form of a trailer; the named fields may not be one, since they say how the message is framed. */
export const trailerPattern = (forbidden: readonly string[]): RegExp =>
  new RegExp(`^(?!(?:${forbidden.join("|")}):)${token}:[\\t\\x20-\\x7e\\x80-\\xff]*$`, "i");

const hexValue = new Int8Array(256).fill(-1);
for (const [value, digit] of [..."0123456789abcdef"].entries()) {
  hexValue[digit.charCodeAt(0)] = value;
  hexValue[digit.toUpperCase().charCodeAt(0)] = value;
}

type State =
  | "size"
  | "extension"
  | "sizeFeed"
  | "data"
  | "dataReturn"
  | "dataFeed"
  | "trailer"
  | "trailerFeed"
  | "ended";

/**
 * Takes the frames off a chunked body (RFC 9112 7.1), whatever the pieces in which it comes. Strict: sizes are bare
 * hexadecimal digits, lines end with CR LF, extensions and trailers are valid, bounded and thrown away.
 */
export class ChunkDecoder {
  readonly #rules: ChunkRules;
  #state: State = "size";
  /** The size that is being read, then what is left of the chunk. */
  #left = 0;
  #digits = 0;
  #aside = "";
  #asideBytes = 0;
  /** Where the piece's content stands once `decode` has returned. */
  start = 0;
  end = 0;

  constructor(rules: ChunkRules) {
    this.#rules = rules;
  }

  get isEnded(): boolean {
    return this.#state === "ended";
  }

  /** For the next body. */
  reset(): void {
    this.#state = "size";
    this.#left = 0;
    this.#digits = 0;
    this.#aside = "";
    this.#asideBytes = 0;
  }

  /**
   * Reads from `from` on, and returns where it stopped: at the piece's end or behind the body's. The content of all
   * chunks in the piece is moved together within it, and then stands from `start` to `end`. Throws what the
   * rules make of a fault.
   */
  decode(bytes: Uint8Array, from: number): number {
    this.start = from;
    this.end = from;
    let at = from;
    while (at < bytes.length && this.#state !== "ended") {
      if (this.#state === "data") at = this.#takeData(bytes, at);
      else this.#step(bytes[at++] as number);
    }
    return at;
  }

  #takeData(bytes: Uint8Array, at: number): number {
    const length = Math.min(this.#left, bytes.length - at);
    if (this.end === this.start) {
      this.start = at;
      this.end = at;
    } else bytes.copyWithin(this.end, at, at + length);
    this.end += length;
    this.#left -= length;
    if (this.#left === 0) this.#state = "dataReturn";
    return at + length;
  }

  #step(byte: number): void {
    const state = this.#state;
    if (state === "size") this.#stepSize(byte);
    else if (state === "sizeFeed") this.#endSize(byte);
    else if (state === "dataReturn") this.#next(byte === carriageReturn, "dataFeed");
    else if (state === "dataFeed") this.#next(byte === lineFeed, "size");
    else if (state === "trailerFeed") this.#endTrailer(byte);
    else if (byte !== carriageReturn) this.#keepAside(byte);
    else if (state === "trailer") this.#state = "trailerFeed";
    else this.#endExtension();
  }

  #next(isExpected: boolean, state: State): void {
    if (!isExpected) throw this.#rules.malformed("a chunk does not end where its size says");
    this.#state = state;
  }

  #stepSize(byte: number): void {
    const value = hexValue[byte] as number;
    if (value !== -1) {
      this.#left = this.#left * 16 + value;
      this.#digits += 1;
      if (this.#digits > maxSizeDigits) throw this.#rules.malformed("a chunk's size has too many digits");
      return;
    }
    if (this.#digits === 0) throw this.#rules.malformed("a chunk has no size");
    if (byte === carriageReturn) this.#state = "sizeFeed";
    else if (byte === semicolon) {
      this.#state = "extension";
      this.#keepAside(byte);
    } else throw this.#rules.malformed("a chunk's size is not hexadecimal");
  }

  #keepAside(byte: number): void {
    this.#asideBytes += 1;
    const { maxAsideBytes } = this.#rules;
    if (this.#asideBytes > maxAsideBytes)
      throw this.#rules.malformed(`its chunk extensions and trailers are longer than ${maxAsideBytes} bytes`);
    this.#aside += String.fromCharCode(byte);
  }

  #endExtension(): void {
    if (!extensionPattern.test(this.#aside)) throw this.#rules.malformed("a chunk's extension is not valid");
    this.#aside = "";
    this.#state = "sizeFeed";
  }

  #endSize(byte: number): void {
    if (byte !== lineFeed) throw this.#rules.malformed("the line of a chunk's size does not end with CR LF");
    this.#digits = 0;
    this.#state = this.#left === 0 ? "trailer" : "data";
  }

  #endTrailer(byte: number): void {
    if (byte !== lineFeed) throw this.#rules.malformed("a trailer does not end with CR LF");
    if (this.#aside === "") {
      this.#state = "ended";
      return;
    }
    if (!this.#rules.trailerPattern.test(this.#aside)) throw this.#rules.malformed("a trailer is not valid");
    this.#aside = "";
    this.#state = "trailer";
  }
}
