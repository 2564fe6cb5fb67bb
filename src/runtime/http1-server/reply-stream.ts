import type { BodySource } from "../../core/ports/http-server.ts";
import { type Flushed, flushSoon } from "./flush-queue.ts";
import type { Outlet } from "./outlet.ts";
import { page } from "./reply-page.ts";

/** How a stream's end is told: by an empty chunk, or by closing (HTTP/1.0). */
export type StreamFraming = "chunks" | "closing";

const lastChunk = "0\r\n\r\n";
/** Units of text that may wait for others to come at once. */
const maxGathered = 16_384;

/**
 * Sends a body while it is made. Pieces that come at once leave in one write; past that, the next is asked for when the
 * system has taken those before.
 */
export class ReplyStream implements Flushed {
  readonly #outlet: Outlet;
  readonly #source: BodySource;
  readonly #framing: StreamFraming;
  /** The reply's head, which leaves with the first piece, or alone where there is none soon. */
  #head: Uint8Array | undefined;
  #gathered = "";
  #isFlushAwaited = false;
  #isOver = false;
  #wake: (() => void) | undefined;

  /** The reply's head is on the page. */
  constructor(outlet: Outlet, source: BodySource, framing: StreamFraming) {
    this.#outlet = outlet;
    this.#source = source;
    this.#framing = framing;
    this.#head = new Uint8Array(page.bytes.subarray(0, page.length));
    this.#flushSoon();
  }

  /** Resolves when the last piece was taken, or the stream was left. Rejects where the source does. */
  async run(): Promise<void> {
    const source = this.#source;
    const outlet = this.#outlet;
    for (;;) {
      const { text, last } = await source.next();
      if (this.#isOver) return;
      this.#gathered += text;
      if (!outlet.isClear) await this.#room();
      if (this.#isOver) return;
      if (last) this.#write(this.#framing === "chunks" ? lastChunk : "");
      else if (this.#gathered.length > maxGathered) this.#write("");
      else this.#flushSoon();
      if (!outlet.isClear) await this.#room();
      if (last) break;
    }
    this.#isOver = true;
  }

  /** Writes what has come together; the head alone where there is nothing yet. */
  flush(): void {
    this.#isFlushAwaited = false;
    const hasSome = this.#gathered !== "" || this.#head !== undefined;
    if (!this.#isOver && hasSome && this.#outlet.isClear) this.#write("");
  }

  /** The system has taken all that was written. */
  cleared(): void {
    this.flush();
    if (!this.#outlet.isClear) return;
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  /** The client is gone. */
  leave(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#wake?.();
    cancelSource(this.#source);
  }

  #flushSoon(): void {
    if (this.#isFlushAwaited) return;
    this.#isFlushAwaited = true;
    flushSoon(this);
  }

  #write(end: string): void {
    const text = this.#gathered;
    this.#gathered = "";
    page.length = 0;
    if (this.#head !== undefined) page.append(this.#head);
    this.#head = undefined;
    if (!page.hasRoomFor(text.length)) {
      this.#writeLarge(text, end);
      return;
    }
    // An empty chunk would be the end.
    if (this.#framing === "closing") page.text(text);
    else if (text !== "") page.chunk(text, Buffer.byteLength(text));
    page.ascii(end);
    if (page.length > 0) this.#outlet.writePage();
  }

  #writeLarge(text: string, end: string): void {
    const isChunked = this.#framing === "chunks";
    if (isChunked) page.ascii(`${Buffer.byteLength(text).toString(16)}\r\n`);
    this.#outlet.writePageAnd(isChunked ? `${text}\r\n${end}` : text);
  }

  #room(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

/** Tells a source that nothing more is taken. */
export const cancelSource = (source: BodySource): void => {
  void Promise.resolve(source.cancel()).catch(() => undefined);
};
