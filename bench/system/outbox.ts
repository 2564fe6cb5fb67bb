import type { Socket } from "bun";

/** What a socket did not take at once, in order. */
export class Outbox {
  private waiting: Uint8Array[] = [];

  get isEmpty(): boolean {
    return this.waiting.length === 0;
  }

  /** Writes, or keeps what is not taken until `flush`. The bytes are copied only where they are kept. */
  write(socket: Socket<unknown>, bytes: Uint8Array): void {
    if (this.waiting.length > 0) {
      this.waiting.push(bytes.slice());
      return;
    }
    const taken = socket.write(bytes);
    if (taken < bytes.length) this.waiting.push(bytes.slice(Math.max(0, taken)));
  }

  /** For the socket's `drain`. */
  flush(socket: Socket<unknown>): void {
    const { waiting } = this;
    this.waiting = [];
    for (const bytes of waiting) this.write(socket, bytes);
  }
}
