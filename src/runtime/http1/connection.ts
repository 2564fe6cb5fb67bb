import type { Socket } from "bun";
import type { Exchange } from "./exchange.ts";
import type { ResponseHead } from "./parse-head.ts";
import { ResponseFields } from "./response-fields.ts";
import { ResponseReader, type ResponseTarget } from "./response-reader.ts";
import type { SocketOwner } from "./socket-handler.ts";

/** Seconds that a peer has to close its side as well. */
const partingSeconds = 4;

/** Where a connection belongs when it is not in use. */
export interface Home {
  /** It may carry another request. */
  freed(connection: Connection, keepAliveSeconds: number | undefined): void;
  /** It is closed. */
  lost(connection: Connection): void;
}

const bytesOf = (text: string | Uint8Array): Uint8Array => (typeof text === "string" ? Buffer.from(text) : text);

/** One connection that stands (TCP, and TLS where asked for): one request after the other. */
export class Connection implements SocketOwner, ResponseTarget {
  readonly #socket: Socket<SocketOwner>;
  readonly #home: Home;
  readonly #reader = new ResponseReader(this);
  #mode: "idle" | "busy" | "closed" = "idle";
  #exchange: Exchange | undefined;
  /** Whether it has brought a response. */
  #hasServed = false;
  /** Whether anything of the present request was taken by the system. */
  #hasSent = false;
  /** What of the request the system has not taken yet. */
  #unsent: Uint8Array | undefined;
  #isPersistent = true;
  #keepAliveSeconds: number | undefined;
  #isPaused = false;
  /** Until when it may lie idle, by `performance.now()`. */
  idleUntil = 0;

  constructor(socket: Socket<SocketOwner>, home: Home) {
    this.#socket = socket;
    this.#home = home;
    // A connection that nobody uses keeps no program from ending.
    socket.unref();
  }

  /** Sends the request of an exchange. Returns false where the socket is closed and took nothing. */
  start(exchange: Exchange): boolean {
    const { text, byteLength } = exchange.message;
    const written = this.#socket.write(text);
    if (written < 0) {
      this.close();
      return false;
    }
    this.#mode = "busy";
    this.#exchange = exchange;
    this.#reader.expect();
    this.#hasSent = written > 0;
    if (written < byteLength) this.#unsent = bytesOf(text).subarray(written);
    this.#socket.ref();
    return true;
  }

  drained(): void {
    if (this.#unsent === undefined) return;
    const written = this.#socket.write(this.#unsent);
    // Closed: the event that says so comes.
    if (written <= 0) return;
    this.#hasSent = true;
    this.#unsent = written === this.#unsent.length ? undefined : this.#unsent.subarray(written);
  }

  received(bytes: Uint8Array): void {
    if (this.#mode === "closed") this.#socket.terminate();
    // Nobody asked: whatever it is, the next response could not be told from it.
    else if (this.#mode === "idle") this.close();
    else {
      try {
        this.#reader.read(bytes);
      } catch (error) {
        const exchange = this.#exchange;
        this.close();
        exchange?.fail(error);
      }
    }
  }

  ended(error: Error | undefined): void {
    const exchange = this.#exchange;
    const { progress, endsByClosing } = this.#reader;
    this.#forget();
    if (exchange === undefined) return;
    if (endsByClosing && error === undefined) exchange.finish();
    else if (progress === "head") exchange.cut(error);
    else if (progress === "part of a head") exchange.lost(error, "answered");
    else if (!this.#hasSent) exchange.lost(error, "unsent");
    else exchange.lost(error, this.#hasServed ? "kept" : "fresh");
  }

  answered(head: ResponseHead): void {
    const { isChunked, contentLength } = head;
    const endsBySaying = isChunked || contentLength !== undefined || head.status === 204 || head.status === 304;
    this.#isPersistent = head.isPersistent && endsBySaying;
    this.#keepAliveSeconds = head.keepAliveSeconds;
    this.#exchange?.answer(head.status, new ResponseFields(head));
  }

  pushed(bytes: Uint8Array): void {
    this.#exchange?.push(bytes);
  }

  finished(rest: "more" | "nothing"): void {
    const exchange = this.#exchange;
    this.#hasServed = true;
    this.#exchange = undefined;
    // Bytes behind the response, or a request that nobody waited for: what comes next could not be told from it.
    if (rest === "more" || this.#unsent !== undefined) this.close();
    else if (!this.#isPersistent) this.retire();
    else {
      this.#mode = "idle";
      this.resume();
      this.#socket.unref();
      this.#home.freed(this, this.#keepAliveSeconds);
    }
    exchange?.finish();
  }

  pause(): void {
    this.#isPaused = true;
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#socket.resume();
  }

  /** Closes at once; the exchange, if there is one, is told nothing. */
  close(): void {
    if (this.#mode === "closed") return;
    this.#forget();
    this.#socket.terminate();
  }

  /** Closes in good order what is not needed any more. */
  retire(): void {
    if (this.#mode === "closed") return;
    this.#forget();
    this.resume();
    this.#socket.unref();
    this.#socket.timeout(partingSeconds);
    this.#socket.end();
  }

  #forget(): void {
    if (this.#mode === "closed") return;
    this.#mode = "closed";
    this.#exchange = undefined;
    this.#unsent = undefined;
    this.#reader.stop();
    this.#home.lost(this);
  }
}
