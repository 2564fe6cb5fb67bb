import { lineFeed } from "./head-bytes.ts";

/** A head that comes in pieces. */
export class PartialHead {
  readonly #maxBytes: number;
  #buffer: Uint8Array;
  #length: number;

  /** Begins with these bytes. A head over `maxBytes` is always given, so that it is refused. */
  constructor(bytes: Uint8Array, maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#buffer = new Uint8Array(Math.max(512, bytes.length * 2));
    this.#buffer.set(bytes);
    this.#length = bytes.length;
  }

  /** All that has come; undefined while the piece ends no line, so that a head byte by byte is not read as often. */
  add(piece: Uint8Array): Uint8Array | undefined {
    const length = this.#length + piece.length;
    if (length > this.#buffer.length) {
      const larger = new Uint8Array(length * 2);
      larger.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = larger;
    }
    this.#buffer.set(piece, this.#length);
    this.#length = length;
    const mayTellMore = length > this.#maxBytes || piece.includes(lineFeed);
    return mayTellMore ? this.#buffer.subarray(0, length) : undefined;
  }
}
