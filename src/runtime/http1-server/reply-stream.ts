import type { BodySource } from "../../core/ports/http-server.ts";
import type { Outlet } from "./outlet.ts";

/** How a stream's end is told: by an empty chunk, or by closing (HTTP/1.0). */
export type StreamFraming = "chunks" | "closing";

const lastChunk = "0\r\n\r\n";

/** Sends a body while it is made: one piece after the other, the next when the system has taken the one before. */
export class ReplyStream {
  readonly #outlet: Outlet;
  readonly #source: BodySource;
  readonly #framing: StreamFraming;
  /** The reply's head, which leaves with the first piece, or alone where there is none soon. */
  #head: string;
  #isOver = false;
  #wake: (() => void) | undefined;

  constructor(outlet: Outlet, source: BodySource, { head, framing }: { head: string; framing: StreamFraming }) {
    this.#outlet = outlet;
    this.#source = source;
    this.#framing = framing;
    this.#head = head;
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
    if (this.#head === "" || this.#isOver) return;
    const head = this.#head;
    this.#head = "";
    this.#outlet.writeText(head, head.length);
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
    void Promise.resolve(this.#source.cancel()).catch(() => undefined);
  }

  #write(text: string, place: "more" | "last"): void {
    const length = Buffer.byteLength(text);
    let framed = text;
    let framedLength = length;
    if (this.#framing === "chunks") {
      // An empty chunk would be the end.
      const size = length.toString(16);
      const end = place === "last" ? lastChunk : "";
      framed = length === 0 ? end : `${size}\r\n${text}\r\n${end}`;
      framedLength = length === 0 ? end.length : size.length + length + 4 + end.length;
    }
    framedLength += this.#head.length;
    if (framedLength === 0) return;
    framed = this.#head + framed;
    this.#head = "";
    this.#outlet.writeText(framed, framedLength);
  }

  #room(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
