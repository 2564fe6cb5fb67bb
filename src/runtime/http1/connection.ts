import type { Socket } from "bun";
import { GatewayError } from "../../core/errors.ts";
import { ChunkDecoder } from "./chunk-decoder.ts";
import type { Exchange } from "./exchange.ts";
import { malformed } from "./malformed.ts";
import { HeadReader, type ResponseHead } from "./parse-head.ts";
import { PartialHead } from "./partial-head.ts";
import { ResponseFields } from "./response-fields.ts";
import type { SocketOwner } from "./socket-handler.ts";

/** Interim responses (1xx) before the one that counts. */
const maxInterim = 32;

/** Where a connection belongs when it is not in use. */
export interface Home {
  /** It may carry another request. */
  freed(connection: Connection, keepAliveSeconds: number | undefined): void;
  /** It is closed. */
  lost(connection: Connection): void;
}

/** "head" waits for a response's head; the next three read its body. */
type Mode = "idle" | "head" | "length" | "chunked" | "untilClose" | "closed";

const reader = new HeadReader();

const bytesOf = (text: string | Uint8Array): Uint8Array => (typeof text === "string" ? Buffer.from(text) : text);

/** One connection that stands (TCP, and TLS where asked for): one request after the other. */
export class Connection implements SocketOwner {
  readonly #socket: Socket<SocketOwner>;
  readonly #home: Home;
  #mode: Mode = "idle";
  #exchange: Exchange | undefined;
  /** A head that has come in part. */
  #partial: PartialHead | undefined;
  #interim = 0;
  /** What is left of a body of known length. */
  #left = 0;
  #chunks: ChunkDecoder | undefined;
  /** What of the request the system has not taken yet. */
  #unsent: Uint8Array | undefined;
  #isPersistent = true;
  #keepAliveSeconds: number | undefined;
  #isPaused = false;
  /** Responses that it has brought. */
  served = 0;
  /** Until when it may lie idle, by `performance.now()`. */
  idleUntil = 0;

  constructor(socket: Socket<SocketOwner>, home: Home) {
    this.#socket = socket;
    this.#home = home;
    socket.unref();
  }

  get isClosed(): boolean {
    return this.#mode === "closed";
  }

  /** Sends the request of an exchange. Returns false where the socket took nothing, and never will. */
  start(exchange: Exchange): boolean {
    this.#mode = "head";
    this.#exchange = exchange;
    this.#interim = 0;
    const { text, byteLength } = exchange.message;
    const written = this.#socket.write(text);
    if (written < 0) {
      this.#exchange = undefined;
      this.close();
      return false;
    }
    if (written < byteLength) this.#unsent = bytesOf(text).subarray(written);
    this.#socket.ref();
    return true;
  }

  /** The socket takes bytes again. */
  drained(): void {
    const unsent = this.#unsent;
    if (unsent === undefined) return;
    const written = this.#socket.write(unsent);
    // Closed: the event that says so comes.
    if (written < 0) return;
    this.#unsent = written === unsent.length ? undefined : unsent.subarray(written);
  }

  /** Bytes came in; they are ours to keep. */
  received(bytes: Uint8Array): void {
    try {
      if (this.#mode === "head") this.#readHead(bytes);
      else if (this.#mode !== "closed" && this.#mode !== "idle") this.#readBody(bytes, 0);
      // Nobody asked: whatever it is, the next response would not be told from it.
      else if (this.#mode === "idle") this.close();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The peer closed, cleanly where there is no error. */
  ended(error: Error | undefined): void {
    const mode = this.#mode;
    const exchange = this.#exchange;
    const hasAnswered = this.#partial !== undefined || this.#interim > 0;
    this.#forget();
    if (exchange === undefined) return;
    if (mode === "untilClose" && error === undefined) exchange.finish();
    else if (mode === "head") exchange.lost(error, this.served > 0 && !hasAnswered);
    else exchange.cut(error);
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

  #forget(): void {
    if (this.#mode === "closed") return;
    this.#mode = "closed";
    this.#exchange = undefined;
    this.#unsent = undefined;
    this.#home.lost(this);
  }

  #fail(error: unknown): void {
    const exchange = this.#exchange;
    this.close();
    exchange?.fail(error);
  }

  #readHead(piece: Uint8Array): void {
    const bytes = this.#partial === undefined ? piece : this.#partial.add(piece);
    let at = 0;
    while (at < bytes.length) {
      const head = reader.read(bytes, at);
      if (head === undefined) {
        if (this.#partial === undefined || at > 0) this.#partial = new PartialHead(bytes.subarray(at));
        return;
      }
      at = head.end;
      if (head.status >= 200) {
        this.#partial = undefined;
        this.#answer(head);
        return;
      }
      this.#noteInterim(head);
    }
    // Nothing but interim responses, or a line that is not at its end yet.
    if (at > 0) this.#partial = undefined;
  }

  #noteInterim({ status }: ResponseHead): void {
    if (status === 101) throw malformed("it switches protocols, which was not asked for");
    this.#interim += 1;
    if (this.#interim > maxInterim) throw malformed(`it has more than ${maxInterim} interim responses`);
  }

  #answer(head: ResponseHead): void {
    const { bytes, end, contentLength } = head;
    if (head.isEncoded)
      throw new GatewayError(
        "upstream_invalid_response",
        "The upstream sent a compressed body, which was not asked for.",
      );
    this.#isPersistent = head.isPersistent;
    this.#keepAliveSeconds = head.keepAliveSeconds;
    this.#exchange?.answer(head.status, new ResponseFields(bytes, head.fieldsStart, end));
    if (contentLength === 0 || head.status === 204 || head.status === 304) {
      this.#finish(end < bytes.length);
      return;
    }
    if (head.isChunked) {
      this.#mode = "chunked";
      this.#chunks ??= new ChunkDecoder();
      this.#chunks.reset();
    } else if (contentLength !== undefined) {
      this.#mode = "length";
      this.#left = contentLength;
    } else {
      this.#mode = "untilClose";
      this.#isPersistent = false;
    }
    if (end < bytes.length) this.#readBody(bytes, end);
  }

  #readBody(bytes: Uint8Array, from: number): void {
    if (this.#mode === "chunked") {
      this.#readChunks(bytes, from);
      return;
    }
    let end = bytes.length;
    if (this.#mode === "length") {
      end = Math.min(end, from + this.#left);
      this.#left -= end - from;
    }
    this.#push(bytes, from, end);
    if (this.#mode === "length" && this.#left === 0) this.#finish(end < bytes.length);
  }

  #readChunks(bytes: Uint8Array, from: number): void {
    const chunks = this.#chunks as ChunkDecoder;
    const at = chunks.decode(bytes, from);
    if (chunks.end > chunks.start) this.#push(bytes, chunks.start, chunks.end);
    // Whoever takes the bytes may close the connection at once.
    if (chunks.isEnded && this.#mode === "chunked") this.#finish(at < bytes.length);
  }

  #push(bytes: Uint8Array, start: number, end: number): void {
    const piece = start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end);
    this.#exchange?.push(piece);
  }

  #finish(hasMore: boolean): void {
    const exchange = this.#exchange;
    this.served += 1;
    this.#exchange = undefined;
    // Bytes behind the response, or a request that nobody waited for: what comes next would not be told from it.
    if (!this.#isPersistent || hasMore || this.#unsent !== undefined) this.close();
    else {
      this.#mode = "idle";
      this.resume();
      this.#socket.unref();
      this.#home.freed(this, this.#keepAliveSeconds);
    }
    exchange?.finish();
  }
}
