import type { Socket } from "node:net";
import type { DispatchNotes, Ending } from "./journal.ts";

const reasons: Readonly<Record<number, string>> = { 200: "OK", 302: "Found", 429: "Too Many Requests" };

/** One answer over a raw socket: everything that a framework would not do is possible here. */
export class Exchange {
  readonly #socket: Socket;
  readonly #notes: DispatchNotes;
  #isOver = false;

  constructor(socket: Socket, notes: DispatchNotes) {
    this.#socket = socket;
    this.#notes = notes;
  }

  /** Whether nothing can be sent any more. */
  get isOver(): boolean {
    return this.#isOver || this.#socket.destroyed;
  }

  /** Told by the connection when the peer went. */
  peerGone(): void {
    this.#notes.peerClosed();
    this.#end("left");
    this.#socket.destroy();
  }

  head(status: number, headers: Readonly<Record<string, string | number>>): void {
    const lines = Object.entries({ ...headers, connection: "close" }).map(([name, value]) => `${name}: ${value}\r\n`);
    this.raw(`HTTP/1.1 ${status} ${reasons[status] ?? "Refused"}\r\n${lines.join("")}\r\n`);
  }

  /** Bytes as they are. */
  raw(bytes: string | Uint8Array): void {
    if (!this.isOver) this.#socket.write(bytes);
  }

  /** One chunk of a chunked body; `text` is the content that it completes. */
  chunk(bytes: string | Uint8Array, text = ""): void {
    const body = Buffer.from(bytes as string);
    if (this.isOver || body.length === 0) return;
    this.#notes.sent(body.length, text);
    this.#socket.write(Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from("\r\n")]));
  }

  /** Part of a body whose length the head told. */
  body(bytes: string | Uint8Array, text = ""): void {
    const body = Buffer.from(bytes as string);
    if (this.isOver) return;
    this.#notes.sent(body.length, text);
    this.#socket.write(body);
  }

  /** Waits; false where the peer has gone meanwhile. */
  async pause(milliseconds: number): Promise<boolean> {
    if (this.isOver) return false;
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    return !this.isOver;
  }

  /** Waits until the socket has taken what was written; false where the peer went before. */
  async drained(): Promise<boolean> {
    while (!this.isOver && this.#socket.writableLength > 65_536) await new Promise((resolve) => setTimeout(resolve, 2));
    return !this.isOver;
  }

  endChunks(ending: Ending = "finished"): void {
    this.raw("0\r\n\r\n");
    this.close(ending);
  }

  /** FIN. */
  close(ending: Ending = "closed"): void {
    if (!this.isOver) this.#socket.end();
    this.#end(ending);
  }

  /** RST. */
  reset(): void {
    if (!this.isOver) this.#socket.resetAndDestroy();
    this.#end("reset");
  }

  #end(ending: Ending): void {
    this.#isOver = true;
    this.#notes.end(ending);
  }
}
