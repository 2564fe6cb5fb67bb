import type { BodySource, TextSink } from "../../core/ports/http-server.ts";
import { type Flushed, flushSoon } from "./flush-queue.ts";
import type { Outlet } from "./outlet.ts";
import { page } from "./reply-page.ts";

/** How a stream's end is told: by an empty chunk, or by closing (HTTP/1.0). */
export type StreamFraming = "chunks" | "closing";

export interface StreamOptions {
  readonly framing: StreamFraming;
  readonly onSent: () => void;
}

const lastChunk = "0\r\n\r\n";
/** Units of text that may wait for others to come at once. */
const maxGathered = 16_384;

/**
 * Sends a body while it is made. Pieces that come at once leave in one write; past that, more is asked for when the
 * system has taken those before.
 */
export class ReplyStream implements Flushed, TextSink {
  readonly #outlet: Outlet;
  readonly #source: BodySource;
  readonly #framing: StreamFraming;
  readonly #onSent: () => void;
  /** The reply's head, which leaves with the first piece, or alone where there is none soon. */
  #head: Uint8Array | undefined;
  #gathered = "";
  #isFlushAwaited = false;
  /** The source waits until it is told. */
  #isHeldUp = false;
  /** The last piece is there … */
  #isEnded = false;
  /** … and written. */
  #isWritten = false;
  #isOver = false;

  /** The reply's head is on the page. `onSent` is told when the system has taken the last piece. */
  constructor(outlet: Outlet, source: BodySource, { framing, onSent }: StreamOptions) {
    this.#outlet = outlet;
    this.#source = source;
    this.#framing = framing;
    this.#onSent = onSent;
    this.#head = new Uint8Array(page.bytes.subarray(0, page.length));
    this.#flushSoon();
  }

  start(): void {
    this.#source.open(this);
  }

  push(text: string): boolean {
    if (this.#isOver) return false;
    this.#gathered += text;
    if (this.#outlet.isClear) {
      if (this.#gathered.length > maxGathered) this.#write("");
      else this.#flushSoon();
    }
    this.#isHeldUp = !this.#outlet.isClear;
    return !this.#isHeldUp;
  }

  end(text: string): void {
    if (this.#isOver) return;
    this.#gathered += text;
    this.#isEnded = true;
    if (this.#outlet.isClear) this.#finish();
  }

  /** Writes what has come together; the head alone where there is nothing yet. */
  flush(): void {
    this.#isFlushAwaited = false;
    const hasSome = this.#gathered !== "" || this.#head !== undefined;
    if (!this.#isOver && hasSome && this.#outlet.isClear) this.#write("");
  }

  /** The system has taken all that was written. */
  cleared(): void {
    if (this.#isEnded) {
      this.#finish();
      return;
    }
    this.flush();
    if (!this.#outlet.isClear || !this.#isHeldUp) return;
    this.#isHeldUp = false;
    this.#source.resume();
  }

  /** The client is gone. */
  leave(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    cancelSource(this.#source);
  }

  /** Writes the end, and tells when all is taken. The outlet is clear. */
  #finish(): void {
    if (!this.#isWritten) {
      this.#isWritten = true;
      this.#write(this.#framing === "chunks" ? lastChunk : "");
    }
    if (!this.#outlet.isClear || this.#isOver) return;
    this.#isOver = true;
    this.#onSent();
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
    else if (text !== "") page.chunk(text);
    page.ascii(end);
    if (page.length > 0) this.#outlet.writePage();
  }

  #writeLarge(text: string, end: string): void {
    const isChunked = this.#framing === "chunks";
    if (isChunked) page.ascii(`${Buffer.byteLength(text).toString(16)}\r\n`);
    this.#outlet.writePageAnd(isChunked ? `${text}\r\n${end}` : text);
  }
}

/** Tells a source that nothing more is taken. */
export const cancelSource = (source: BodySource): void => {
  void Promise.resolve(source.cancel()).catch(() => undefined);
};
