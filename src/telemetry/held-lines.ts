const firstBytes = 16 * 1024;
/** A buffer that grew beyond this is let go when it is empty again. */
const mostKept = 1024 * 1024;
/** UTF-8 takes no more for a unit of UTF-16. */
const bytesPerUnit = 3;
const lineFeed = 0x0a;

/**
 * Lines that wait to be written, as bytes in one buffer that is used again. As texts, which are put together of many
 * pieces, some hundred lines at once would be a good part of what each collection has to walk over.
 */
export class HeldLines {
  #bytes = Buffer.alloc(0);
  #length = 0;
  #lines = 0;

  /** Bytes. */
  get length(): number {
    return this.#length;
  }
  get lines(): number {
    return this.#lines;
  }
  /** All that is held, until the next change. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Adds a line and its break. */
  add(line: string): void {
    this.#makeRoom(line.length * bytesPerUnit + 1);
    this.#length += this.#bytes.write(line, this.#length);
    this.#bytes[this.#length] = lineFeed;
    this.#length += 1;
    this.#lines += 1;
  }

  /** Adds what others hold. */
  append({ bytes, lines }: HeldLines): void {
    this.#makeRoom(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
    this.#lines += lines;
  }

  clear(): void {
    this.#length = 0;
    this.#lines = 0;
    if (this.#bytes.length > mostKept) this.#bytes = Buffer.alloc(0);
  }

  #makeRoom(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(firstBytes, needed, this.#bytes.length * 2));
    larger.set(this.bytes);
    this.#bytes = larger;
  }
}
