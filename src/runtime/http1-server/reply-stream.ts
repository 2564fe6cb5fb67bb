import type { BodySource } from "../../core/ports/http-server.ts";
import type { Outlet } from "./outlet.ts";
import { page } from "./reply-page.ts";

/** How a stream's end is told: by an empty chunk, or by closing (HTTP/1.0). */
export type StreamFraming = "chunks" | "closing";

const lastChunk = "0\r\n\r\n";

/** Sends a body while it is made: one piece after the other, the next when the system has taken the one before. */
export class ReplyStream {
  readonly #outlet: Outlet;
  readonly #source: BodySource;
  readonly #framing: StreamFraming;
  /** The reply's head, which leaves with the first piece, or alone where there is none soon. */
  #head: Uint8Array | undefined;
  #isOver = false;
  #wake: (() => void) | undefined;

  /** The reply's head is on the page. */
  constructor(outlet: Outlet, source: BodySource, framing: StreamFraming) {
    this.#outlet = outlet;
    this.#source = source;
    this.#framing = framing;
    this.#head = new Uint8Array(page.bytes.subarray(0, page.length));
  }

  /** Resolves when the last piece was taken, or the stream was left. Rejects where the source does. */
  async run(): Promise<void> {
    const source = this.#source;
    const outlet = this.#outlet;
    for (;;) {
      const { text, last } = await source.next();
      if (this.#isOver) return;
      this.#write(text, last ? "last" : "more");
      if (!outlet.isClear) await this.#room();
      if (last || this.#isOver) break;
    }
    this.#isOver = true;
  }

  /** The first piece is not there yet: the head goes alone. */
  flushHead(): void {
    if (this.#head === undefined || this.#isOver) return;
    this.#open();
    this.#outlet.writePage();
  }

  /** The system has taken all that was written. */
  cleared(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  /** The client is gone. */
  leave(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.cleared();
    cancelSource(this.#source);
  }

  /** Puts what must go before the next piece on the page. */
  #open(): void {
    page.length = 0;
    if (this.#head === undefined) return;
    page.append(this.#head);
    this.#head = undefined;
  }

  #write(text: string, place: "more" | "last"): void {
    this.#open();
    const end = place === "last" && this.#framing === "chunks" ? lastChunk : "";
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
