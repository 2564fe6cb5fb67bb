import type { Socket } from "bun";
import type { BodySource, ServerReply } from "../../core/ports/http-server.ts";
import { ChunkDecoder } from "./chunk-decoder.ts";
import { IncomingRequest, type RequestOwner } from "./incoming-request.ts";
import { Outlet } from "./outlet.ts";
import { RequestHeadParser } from "./parse-request-head.ts";
import { PartialHead } from "./partial-head.ts";
import { replyHead } from "./reply-head.ts";
import { ReplyStream } from "./reply-stream.ts";
import { type BodyFlow, RequestBody } from "./request-body.ts";
import { RequestFault } from "./request-fault.ts";
import { RequestFields } from "./request-fields.ts";
import { checkHost, pathOfTarget } from "./request-target.ts";
import { type Member, type ServerState, tickMilliseconds } from "./server-state.ts";

/** Bytes of requests that came before their turn; then the client waits. */
const maxAheadBytes = 65_536;
/** Bytes of a body that nobody wants and that are taken nevertheless, so that the connection can be kept. */
const maxDiscardedBytes = 1_048_576;
/** Bytes that are taken of a client that goes on sending when all is said. */
const maxPartingBytes = 134_217_728;
/** What a body must bring in a tick, past the idle time. */
const leastBytesPerTick = (4_096 * tickMilliseconds) / 1_000;
/** No deadline: more ticks than a server lives. */
const never = Number.MAX_SAFE_INTEGER;

const parser = new RequestHeadParser();

const isSource = (body: ServerReply["body"]): body is BodySource => typeof body !== "string" && "next" in body;

const cancel = ({ body }: ServerReply): void => {
  if (isSource(body)) void Promise.resolve(body.cancel()).catch(() => undefined);
};

const goneError = (): Error => new Error("The client closed the connection.");

/** One client's connection: one request after the other. */
export class Connection implements RequestOwner, BodyFlow, Member {
  readonly #socket: Socket<Connection>;
  readonly #server: ServerState;
  readonly #outlet: Outlet;
  /** "parting": all is said, the peer may close; what it sends is thrown away. */
  #state: "open" | "parting" | "closed" = "open";
  /** The request that is being answered. */
  #request: IncomingRequest | undefined;
  /** The body that is coming in: the present request's, or what is left of the one before. */
  #body: RequestBody | undefined;
  /** What is left of a body of known length. */
  #left = 0;
  #chunks: ChunkDecoder | undefined;
  /** Bytes that came of a body after nobody wanted it any more, or were thrown away at the end. */
  #discarded = 0;
  #partial: PartialHead | undefined;
  /** Bytes that came before their turn. */
  #ahead: Uint8Array | undefined;
  #isTaking = false;
  #isPaused = false;
  #isHead = false;
  #isOld = false;
  /** Whether the connection ends with the present reply. */
  #isLast = false;
  #awaitsContinue = false;
  #isKeptOpen = false;
  #isCut = false;
  #hasBegunReply = false;
  #stream: ReplyStream | undefined;
  deadline: number;

  constructor(socket: Socket<Connection>, server: ServerState) {
    this.#socket = socket;
    this.#server = server;
    this.#outlet = new Outlet(socket);
    this.deadline = server.tick + server.idleTicks;
    server.join(this);
  }

  received(piece: Uint8Array): void {
    if (this.#state === "parting") this.#discard(piece.length);
    else if (this.#state === "closed") return;
    else if (this.#request !== undefined && this.#body === undefined) this.#hold(piece);
    else {
      const bytes = this.#partial === undefined ? piece : this.#partial.add(piece);
      if (bytes !== undefined) this.#take(bytes);
    }
  }

  drained(): void {
    if (this.#outlet.isClear || this.#state === "closed") return;
    if (this.#outlet.drained() && !this.#isKeptOpen) this.#extend();
    if (!this.#outlet.isClear) return;
    if (this.#stream !== undefined) this.#stream.cleared();
    else if (this.#request !== undefined) this.#finish();
    else if (this.#state === "parting") this.#socket.shutdown();
  }

  /** The connection is gone. */
  ended(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#outlet.forget();
    this.#abandon(goneError());
    this.#server.leave(this);
  }

  get remoteAddress(): string {
    return this.#socket.remoteAddress ?? "";
  }

  isAnswering(request: IncomingRequest): boolean {
    return this.#request === request;
  }

  keepOpen(): void {
    this.#isKeptOpen = true;
    // A body that is coming in has its own time.
    if (this.#body === undefined && !this.#isCut) this.deadline = never;
  }

  limitIdle(): void {
    this.#isKeptOpen = false;
    this.#extend();
  }

  cut(): void {
    this.#isCut = true;
    this.deadline = this.#server.tick + this.#server.cutTicks;
  }

  wanted(): void {
    if (!this.#awaitsContinue) return;
    this.#awaitsContinue = false;
    this.#outlet.writeText("HTTP/1.1 100 Continue\r\n\r\n", 25);
  }

  pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#socket.pause();
    // It is our own slowness now.
    this.#extendAnswer();
  }

  resume(): void {
    if (!this.#isPaused || this.#state === "closed") return;
    this.#isPaused = false;
    this.#socket.resume();
    this.#extend();
  }

  expire(): void {
    const isComing = this.#partial !== undefined || (this.#body !== undefined && !this.#isPaused);
    if (this.#state !== "open" || this.#isCut || this.#hasBegunReply || !isComing) this.terminate();
    else this.#refuse(new RequestFault(408, "request_timeout", ""));
  }

  retire(): void {
    this.#isLast = true;
    const isIdle = this.#request === undefined && this.#partial === undefined && this.#body === undefined;
    if (isIdle && this.#state === "open") this.#part();
  }

  terminate(): void {
    if (this.#state === "closed") return;
    this.ended();
    this.#socket.terminate();
  }

  #extend(): void {
    if (!this.#isCut) this.deadline = this.#server.tick + this.#server.idleTicks;
  }

  #extendAnswer(): void {
    if (this.#isKeptOpen && !this.#isCut) this.deadline = never;
    else this.#extend();
  }

  #hold(bytes: Uint8Array): void {
    this.#ahead = this.#ahead === undefined ? bytes : Buffer.concat([this.#ahead, bytes]);
    if (this.#ahead.length > maxAheadBytes) this.pause();
  }

  #take(bytes: Uint8Array): void {
    let at = 0;
    this.#isTaking = true;
    try {
      while (at < bytes.length && this.#state === "open") {
        if (this.#body !== undefined) at = this.#readBody(bytes, at);
        else if (this.#request === undefined) at = this.#readHead(bytes, at);
        else {
          this.#hold(bytes.subarray(at));
          break;
        }
      }
    } catch (error) {
      if (!(error instanceof RequestFault)) throw error;
      this.#refuse(error);
    } finally {
      this.#isTaking = false;
    }
  }

  /** Returns where the next thing begins. */
  #readHead(bytes: Uint8Array, start: number): number {
    const end = parser.read(bytes, start);
    if (end !== -1) {
      this.#partial = undefined;
      return this.#begin(bytes, start, end);
    }
    if (this.#partial === undefined) {
      this.#extend();
      this.#partial = new PartialHead(bytes.subarray(start));
    } else if (start > 0) this.#partial = new PartialHead(bytes.subarray(start));
    return bytes.length;
  }

  #begin(bytes: Uint8Array, start: number, end: number): number {
    const { method, contentLength, isChunked } = parser;
    const text = Buffer.prototype.latin1Slice.call(bytes, start, end);
    const host = text.slice(parser.hostStart, parser.hostEnd);
    checkHost(host);
    const target = pathOfTarget(method, text.slice(parser.targetStart, parser.targetEnd), host);
    let behind = end;
    let body: RequestBody | null = null;
    this.#discarded = 0;
    this.#awaitsContinue = false;
    if (contentLength > 0 && bytes.length - end >= contentLength) {
      behind = end + contentLength;
      body = new RequestBody(this);
      body.push(bytes.subarray(end, behind));
      body.end();
    } else if (isChunked || contentLength > 0) {
      body = new RequestBody(this);
      this.#body = body;
      this.#left = contentLength;
      this.#chunks = isChunked ? new ChunkDecoder() : undefined;
      this.#awaitsContinue = parser.expectsContinue && !parser.isOld;
    }
    this.#isHead = method === "HEAD";
    this.#isOld = parser.isOld;
    this.#isLast = parser.saysClose || parser.isOld || this.#server.isDraining;
    this.#hasBegunReply = false;
    this.#extend();
    const headers = new RequestFields(text, parser.takeSpans());
    const request = new IncomingRequest({ method, target, host, headers, body }, this);
    this.#request = request;
    this.#ask(request);
    return behind;
  }

  #ask(request: IncomingRequest): void {
    try {
      const reply = this.#server.handle(request, request);
      if (reply instanceof Promise)
        reply.then(
          (made) => this.#answer(request, made),
          () => this.#fail(request),
        );
      else this.#answer(request, reply);
    } catch {
      this.#fail(request);
    }
  }

  /** Returns where the body's bytes end. */
  #readBody(bytes: Uint8Array, from: number): number {
    const body = this.#body as RequestBody;
    const chunks = this.#chunks;
    let [start, end, behind] = [from, 0, 0];
    let isWhole: boolean;
    if (chunks === undefined) {
      end = Math.min(bytes.length, from + this.#left);
      behind = end;
      this.#left -= end - from;
      isWhole = this.#left === 0;
    } else {
      behind = chunks.decode(bytes, from);
      start = chunks.start;
      end = chunks.end;
      isWhole = chunks.isEnded;
    }
    this.#progress(behind - from);
    if (isWhole) {
      this.#body = undefined;
      this.#extendAnswer();
    }
    if (body.isDiscarded) this.#discard(behind - from);
    else if (end > start) body.push(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end));
    if (isWhole) body.end();
    return behind;
  }

  /** A body has time as long as it comes. */
  #progress(length: number): void {
    if (this.#isCut) return;
    const latest = this.#server.tick + this.#server.idleTicks;
    this.deadline = Math.min(latest, this.deadline + length / leastBytesPerTick);
  }

  #discard(length: number): void {
    this.#discarded += length;
    if (this.#state === "parting") {
      if (this.#discarded > maxPartingBytes) this.terminate();
    } else if (this.#discarded > maxDiscardedBytes && this.#body !== undefined) {
      // Before the answer the client waits; after it, this was all.
      if (this.#request === undefined) this.#part();
      else this.pause();
    }
  }

  #answer(request: IncomingRequest, reply: ServerReply): void {
    if (this.#request !== request) {
      cancel(reply);
      return;
    }
    const { status, headers, body } = reply;
    let head: string;
    try {
      head = replyHead(status, headers);
    } catch {
      cancel(reply);
      this.#fail(request);
      return;
    }
    this.#hasBegunReply = true;
    head += this.#connectionField(headers["connection"]);
    const hasBody = !this.#isHead && status !== 204 && status !== 304;
    if (typeof body === "string") this.#sendText(head, body, hasBody);
    else if (isSource(body)) this.#sendStream(head, body, hasBody);
    else this.#sendBytes(head, body, hasBody);
  }

  /** The field that says whether the connection goes on; decides it where the reply does. */
  #connectionField(given: string | undefined): string {
    if (given !== undefined) {
      if (given.toLowerCase().includes("close")) this.#isLast = true;
      return "";
    }
    const isLeftLong = this.#body !== undefined && (this.#left > maxDiscardedBytes || this.#awaitsContinue);
    if (isLeftLong || this.#discarded > maxDiscardedBytes || this.#server.isDraining) this.#isLast = true;
    return this.#isLast ? "connection: close\r\n" : "";
  }

  #sendText(head: string, text: string, hasBody: boolean): void {
    const length = Buffer.byteLength(text);
    const whole = `${head}content-length: ${length}\r\n\r\n`;
    if (hasBody) this.#outlet.writeText(whole + text, whole.length + length);
    else this.#outlet.writeText(whole, whole.length);
    if (this.#outlet.isClear) this.#finish();
  }

  #sendBytes(head: string, bytes: Uint8Array, hasBody: boolean): void {
    const whole = `${head}content-length: ${bytes.length}\r\n\r\n`;
    if (hasBody) this.#outlet.writeBoth(whole, bytes);
    else this.#outlet.writeText(whole, whole.length);
    if (this.#outlet.isClear) this.#finish();
  }

  #sendStream(head: string, source: BodySource, hasBody: boolean): void {
    if (!hasBody) {
      void Promise.resolve(source.cancel()).catch(() => undefined);
      this.#sendText(head, "", false);
      return;
    }
    const framing = this.#isOld ? "closing" : "chunks";
    const whole = `${head}${framing === "chunks" ? "transfer-encoding: chunked\r\n" : ""}\r\n`;
    const stream = new ReplyStream(this.#outlet, source, { head: whole, framing });
    this.#stream = stream;
    setImmediate(() => stream.flushHead());
    stream.run().then(
      () => {
        if (this.#stream === stream) this.#finish();
      },
      () => this.terminate(),
    );
  }

  /** Whoever should have answered threw, or gave what cannot be sent. */
  #fail(request: IncomingRequest): void {
    if (this.#request !== request) return;
    this.#isLast = true;
    this.#hasBegunReply = true;
    const head = `${replyHead(500, {})}connection: close\r\n`;
    this.#sendText(head, "", true);
  }

  /** The reply is complete. */
  #finish(): void {
    this.#request = undefined;
    this.#stream = undefined;
    this.#isKeptOpen = false;
    this.#body?.discard();
    const isOver = this.#isLast || this.#server.isDraining || this.#discarded > maxDiscardedBytes;
    if (isOver || (this.#body !== undefined && this.#awaitsContinue)) {
      this.#part();
      return;
    }
    this.#extend();
    if (this.#isTaking || this.#ahead === undefined) return;
    const ahead = this.#ahead;
    this.#ahead = undefined;
    this.resume();
    this.#take(ahead);
  }

  /** Answers what is no request, and ends. */
  #refuse({ status, code, message }: RequestFault): void {
    const isBegun = this.#hasBegunReply && this.#request !== undefined;
    this.#abandon(goneError());
    if (isBegun) {
      this.terminate();
      return;
    }
    const error = { message, type: "invalid_request_error", param: null, code };
    const body = message === "" ? "" : JSON.stringify({ error });
    const type = body === "" ? {} : { "content-type": "application/json" };
    const whole = `${replyHead(status, type)}content-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`;
    this.#outlet.writeText(whole, whole.length);
    this.#part();
  }

  /** Nothing more is answered here. */
  #abandon(reason: Error): void {
    const request = this.#request;
    const stream = this.#stream;
    this.#request = undefined;
    this.#stream = undefined;
    request?.leave();
    this.#body?.fail(reason);
    stream?.leave();
  }

  /** All is said. The peer may read it before the connection is closed: it would be lost with what is unread here. */
  #part(): void {
    if (this.#state !== "open") return;
    this.#state = "parting";
    this.#body = undefined;
    this.#partial = undefined;
    this.#ahead = undefined;
    this.#discarded = 0;
    this.resume();
    this.#isCut = true;
    this.deadline = this.#server.tick + this.#server.partingTicks;
    this.#server.part(this);
    if (this.#outlet.isClear) this.#socket.shutdown();
  }
}
