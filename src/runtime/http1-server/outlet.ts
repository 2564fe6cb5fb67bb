import type { Socket } from "bun";
import { page } from "./reply-page.ts";

const nothing = new Uint8Array(0);

/** A socket's writing side. What the system does not take at once waits here, and what is written after it behind it. */
export class Outlet {
  readonly #socket: Socket<unknown>;
  #unsent: Uint8Array | undefined;

  constructor(socket: Socket<unknown>) {
    this.#socket = socket;
  }

  /** Whether the system has taken all that was written. */
  get isClear(): boolean {
    return this.#unsent === undefined;
  }

  /** Writes what is on the page. */
  writePage(): void {
    const { bytes, length } = page;
    if (this.#unsent !== undefined) {
      this.#unsent = Buffer.concat([this.#unsent, bytes.subarray(0, length)]);
      return;
    }
    const written = this.#socket.write(bytes, 0, length);
    if (written < length) this.#unsent = new Uint8Array(bytes.subarray(Math.max(0, written), length));
  }

  /** Writes what is on the page and then this, which has no room there. */
  writePageAnd(rest: string | Uint8Array): void {
    const head = page.bytes.subarray(0, page.length);
    const bytes = Buffer.concat([this.#unsent ?? nothing, head, typeof rest === "string" ? Buffer.from(rest) : rest]);
    if (this.#unsent === undefined) this.#write(bytes);
    else this.#unsent = bytes;
  }

  /** Tells a client that waits for it to send its body. */
  writeContinue(): void {
    page.length = 0;
    page.ascii("HTTP/1.1 100 Continue\r\n\r\n");
    this.writePage();
  }

  /** The system takes bytes again. Returns whether it took any. */
  drained(): boolean {
    const unsent = this.#unsent;
    if (unsent === undefined) return false;
    this.#write(unsent);
    return this.#unsent !== unsent;
  }

  /** The connection is gone. */
  forget(): void {
    this.#unsent = undefined;
  }

  #write(bytes: Uint8Array): void {
    const written = this.#socket.write(bytes);
    if (written <= 0) this.#unsent = bytes;
    else this.#unsent = written < bytes.length ? bytes.subarray(written) : undefined;
  }
}
