/** Characters that are gathered before they are joined: some ten pieces of a usual stream. */
const blockCharacters = 1_024;

/**
 * A text that comes in many small pieces. The runtime joins strings only when they are read: until then each piece, and
 * the longer string that it was cut out of, is kept and walked over by every full collection. Here they are joined block
 * by block, each character once.
 */
export class GrowingText {
  #blocks = "";
  #latest = "";

  get length(): number {
    return this.#blocks.length + this.#latest.length;
  }

  add(piece: string): void {
    this.#latest += piece;
    if (this.#latest.length < blockCharacters) return;
    // Reading joins. Something must depend on what is read, or the compiler leaves the reading out: its test tells.
    const block = this.#latest;
    if (block.charCodeAt(0) >= 0) this.#blocks += block;
    this.#latest = "";
  }

  clear(): void {
    this.#blocks = "";
    this.#latest = "";
  }

  toString(): string {
    return this.#blocks + this.#latest;
  }
}
