import { lineFeed } from "./head-bytes.ts";
import { maxHeadBytes } from "./parse-head.ts";

const nothing = new Uint8Array(0);

/** A head that comes in pieces. */
export class PartialHead {
  #buffer: Uint8Array;
  #length: number;

  constructor(bytes: Uint8Array) {
    this.#buffer = new Uint8Array(Math.max(1_024, bytes.length * 2));
    this.#buffer.set(bytes);
    this.#length = bytes.length;
  }

  /** All that has come; nothing while the piece ends no line, so that a head byte by byte is not read as often. */
  add(piece: Uint8Array): Uint8Array {
    const length = this.#length + piece.length;
    if (length > this.#buffer.length) {
      const larger = new Uint8Array(length * 2);
      larger.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = larger;
    }
    this.#buffer.set(piece, this.#length);
    this.#length = length;
    const mayBeWhole = length > maxHeadBytes || piece.includes(lineFeed);
    return mayBeWhole ? this.#buffer.subarray(0, length) : nothing;
  }
}
