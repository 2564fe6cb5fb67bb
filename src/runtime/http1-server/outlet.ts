import type { Socket } from "bun";

/** Head and body of a small reply are put together here, so that they leave in one write. */
const scratch = Buffer.allocUnsafeSlow(65_536);

/** A socket's writing side: what the system does not take at once waits here. Not more than one write at a time. */
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

  /** Writes text of so many bytes in UTF-8. */
  writeText(text: string, byteLength: number): void {
    const written = this.#socket.write(text);
    if (written < byteLength) this.#unsent = Buffer.from(text).subarray(Math.max(0, written));
  }

  /** Writes ASCII text and then bytes. */
  writeBoth(text: string, bytes: Uint8Array): void {
    const length = text.length + bytes.length;
    if (length > scratch.length) {
      this.#writeBytes(Buffer.concat([Buffer.from(text, "latin1"), bytes]));
      return;
    }
    scratch.write(text, "latin1");
    scratch.set(bytes, text.length);
    const written = this.#socket.write(scratch, 0, length);
    if (written < length) this.#unsent = new Uint8Array(scratch.subarray(Math.max(0, written), length));
  }

  /** The system takes bytes again. Returns whether it took any. */
  drained(): boolean {
    if (this.#unsent === undefined) return false;
    const { length } = this.#unsent;
    this.#writeBytes(this.#unsent);
    return this.#unsent === undefined || this.#unsent.length < length;
  }

  /** The connection is gone. */
  forget(): void {
    this.#unsent = undefined;
  }

  #writeBytes(bytes: Uint8Array): void {
    const written = Math.max(0, this.#socket.write(bytes));
    this.#unsent = written < bytes.length ? bytes.subarray(written) : undefined;
  }
}
