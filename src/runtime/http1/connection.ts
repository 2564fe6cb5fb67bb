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
/** Seconds that a peer has to close its side as well. */
const partingSeconds = 4;

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

/**
 * Up to so many bytes a copy is cheaper than a view: the runtime gives small arrays a buffer of their own only when one
 * is asked for, and that costs about a microsecond.
 */
const copiedBytes = 16_384;

const partOf = (bytes: Uint8Array, start: number, end: number): Uint8Array => {
  if (start === 0 && end === bytes.length) return bytes;
  return end - start > copiedBytes ? bytes.subarray(start, end) : bytes.slice(start, end);
};

const bytesOf = (text: string | Uint8Array): Uint8Array => (typeof text === "string" ? Buffer.from(text) : text);

const isBodiless = ({ status, contentLength }: ResponseHead): boolean =>
  contentLength === 0 || status === 204 || status === 304;

/** One connection that stands (TCP, and TLS where asked for): one request after the other. */
export class Connection implements SocketOwner {
  readonly #socket: Socket<SocketOwner>;
  readonly #home: Home;
  #mode: Mode = "idle";
  #exchange: Exchange | undefined;
  /** Responses that it has brought. */
  #served = 0;
  /** Whether anything of the present request was taken by the system. */
  #hasSent = false;
  /** What of the request the system has not taken yet. */
  #unsent: Uint8Array | undefined;
  /** A head that has come in part. */
  #partial: PartialHead | undefined;
  #interim = 0;
  /** What is left of a body of known length. */
  #left = 0;
  #chunks: ChunkDecoder | undefined;
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
    this.#mode = "head";
    this.#exchange = exchange;
    this.#interim = 0;
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
    try {
      if (this.#mode === "head") this.#readHead(bytes);
      else if (this.#mode === "closed") this.#socket.terminate();
      else if (this.#mode !== "idle") this.#readBody(bytes, 0);
      // Nobody asked: whatever it is, the next response could not be told from it.
      else this.close();
    } catch (error) {
      const exchange = this.#exchange;
      this.close();
      exchange?.fail(error);
    }
  }

  ended(error: Error | undefined): void {
    const mode = this.#mode;
    const exchange = this.#exchange;
    const isAnswered = this.#partial !== undefined || this.#interim > 0;
    this.#forget();
    if (exchange === undefined) return;
    if (mode === "untilClose" && error === undefined) exchange.finish();
    else if (mode !== "head") exchange.cut(error);
    else if (isAnswered) exchange.lost(error, "answered");
    else if (!this.#hasSent) exchange.lost(error, "unsent");
    else exchange.lost(error, this.#served > 0 ? "kept" : "fresh");
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
    this.#home.lost(this);
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
    if (at > 0) this.#partial = undefined;
  }

  #noteInterim({ status, isPersistent }: ResponseHead): void {
    if (status === 101) throw malformed("it switches protocols, which was not asked for");
    if (!isPersistent) throw malformed("an interim response says that nothing follows");
    this.#interim += 1;
    if (this.#interim > maxInterim) throw malformed(`it has more than ${maxInterim} interim responses`);
  }

  #answer(head: ResponseHead): void {
    const { bytes, end } = head;
    if (head.isEncoded)
      throw new GatewayError(
        "upstream_invalid_response",
        "The upstream sent a compressed body, which was not asked for.",
      );
    this.#isPersistent = head.isPersistent;
    this.#keepAliveSeconds = head.keepAliveSeconds;
    this.#exchange?.answer(head.status, new ResponseFields(bytes, head.fieldsStart, end));
    if (isBodiless(head)) {
      this.#finish(end < bytes.length);
      return;
    }
    this.#expectBody(head);
    if (end < bytes.length) this.#readBody(bytes, end);
  }

  #expectBody({ isChunked, contentLength }: ResponseHead): void {
    if (isChunked) {
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
    // Whoever takes the bytes may close the connection at once.
    if (this.#mode === "length" && this.#left === 0) this.#finish(end < bytes.length);
  }

  #readChunks(bytes: Uint8Array, from: number): void {
    const chunks = this.#chunks as ChunkDecoder;
    const at = chunks.decode(bytes, from);
    if (chunks.end > chunks.start) this.#push(bytes, chunks.start, chunks.end);
    if (chunks.isEnded && this.#mode === "chunked") this.#finish(at < bytes.length);
  }

  #push(bytes: Uint8Array, start: number, end: number): void {
    this.#exchange?.push(partOf(bytes, start, end));
  }

  #finish(hasMore: boolean): void {
    const exchange = this.#exchange;
    this.#served += 1;
    this.#exchange = undefined;
    // Bytes behind the response, or a request that nobody waited for: what comes next could not be told from it.
    if (hasMore || this.#unsent !== undefined) this.close();
    else if (!this.#isPersistent) this.retire();
    else {
      this.#mode = "idle";
      this.resume();
      this.#socket.unref();
      this.#home.freed(this, this.#keepAliveSeconds);
    }
    exchange?.finish();
  }
}
