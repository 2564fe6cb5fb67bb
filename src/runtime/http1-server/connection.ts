import type { Socket } from "bun";
import type { BodySource, ServerReply } from "../../core/ports/http-server.ts";
import { IncomingRequest, type RequestOwner } from "./incoming-request.ts";
import { Outlet } from "./outlet.ts";
import { page } from "./reply-page.ts";
import { cancelSource, ReplyStream } from "./reply-stream.ts";
import type { RequestBody } from "./request-body.ts";
import { RequestFault } from "./request-fault.ts";
import type { RequestHead } from "./request-head.ts";
import { type ReaderOwner, RequestReader } from "./request-reader.ts";
import { type Member, never, type ServerState } from "./server-state.ts";

/** Bytes that are taken of a client that goes on sending when all is said. */
const maxPartingBytes = 134_217_728;

const isSource = (body: ServerReply["body"]): body is BodySource => typeof body !== "string" && "next" in body;

const goneError = (): Error => new Error("The client closed the connection.");

/** One client's connection: answers one request after the other. */
export class Connection implements RequestOwner, ReaderOwner, Member {
  readonly #socket: Socket<Connection>;
  readonly #server: ServerState;
  readonly #reader: RequestReader;
  readonly #outlet: Outlet;
  /** "parting": all is said, the peer may close; what it sends is thrown away. */
  #state: "open" | "parting" | "closed" = "open";
  /** The request that is being answered. */
  #request: IncomingRequest | undefined;
  #stream: ReplyStream | undefined;
  #hasBegunReply = false;
  /** Whether the connection ends with the present reply. */
  #isLast = false;
  #isHead = false;
  #isOld = false;
  #isKeptOpen = false;
  #isCut = false;
  #partingBytes = 0;
  deadline: number;

  constructor(socket: Socket<Connection>, server: ServerState) {
    this.#socket = socket;
    this.#server = server;
    this.#reader = new RequestReader(this);
    this.#outlet = new Outlet(socket);
    this.deadline = server.tick + server.idleTicks;
    server.join(this);
  }

  received(bytes: Uint8Array): void {
    if (this.#state === "open") this.#reader.received(bytes);
    else {
      this.#partingBytes += bytes.length;
      if (this.#partingBytes > maxPartingBytes) this.terminate();
    }
  }

  drained(): void {
    if (this.#outlet.isClear || this.#state === "closed") return;
    if (this.#outlet.drained() && !this.#isKeptOpen) this.#extend();
    if (!this.#outlet.isClear) return;
    if (this.#stream !== undefined) this.#stream.cleared();
    else if (this.#state === "parting") this.#socket.shutdown();
    else if (this.#hasBegunReply) this.#finish();
  }

  /** The connection is gone. */
  ended(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#outlet.forget();
    this.#abandon();
    this.#server.leave(this);
  }

  get remoteAddress(): string {
    return this.#state === "closed" ? "" : (this.#socket.remoteAddress ?? "");
  }

  get isAnswering(): boolean {
    return this.#request !== undefined;
  }

  keepOpen(request: IncomingRequest): void {
    if (this.#request !== request) return;
    this.#isKeptOpen = true;
    // A body that is coming in has a time of its own.
    if (!this.#reader.isInBody && !this.#isCut) this.deadline = never;
  }

  limitIdle(request: IncomingRequest): void {
    if (this.#request !== request) return;
    this.#isKeptOpen = false;
    this.#extend();
  }

  cut(request: IncomingRequest): void {
    if (this.#request !== request) return;
    this.#isCut = true;
    this.deadline = this.#server.tick + this.#server.cutTicks;
  }

  expire(): void {
    const isAwaited = this.#reader.isMidway && !this.#reader.isPaused;
    if (this.#state === "open" && isAwaited && !this.#isCut && !this.#hasBegunReply)
      this.refuse(new RequestFault(408, "request_timeout", ""));
    else this.terminate();
  }

  retire(): void {
    this.#isLast = true;
    if (this.#state === "open" && this.#request === undefined && !this.#reader.isMidway) this.#part();
  }

  terminate(): void {
    if (this.#state === "closed") return;
    this.ended();
    this.#socket.terminate();
  }

  begun(): void {
    this.#extend();
  }

  ask(head: RequestHead, body: RequestBody | null): void {
    this.#isHead = head.method === "HEAD";
    this.#isOld = head.isOld;
    this.#isLast = head.isLast;
    this.#hasBegunReply = false;
    this.#extend();
    const request = new IncomingRequest(head, body, this);
    this.#request = request;
    try {
      const reply = this.#server.handle(request, request);
      if (!(reply instanceof Promise)) this.#answer(request, reply);
      else
        reply.then(
          (made) => this.#answer(request, made),
          () => this.#fail(request),
        );
    } catch {
      this.#fail(request);
    }
  }

  progressed(bytes: number): void {
    if (!this.#isCut) this.deadline = this.#server.afterBytes(this.deadline, bytes);
  }

  bodyEnded(): void {
    this.#extendAnswer();
  }

  sayContinue(): void {
    page.length = 0;
    page.ascii("HTTP/1.1 100 Continue\r\n\r\n");
    this.#outlet.writePage();
  }

  pause(): void {
    this.#socket.pause();
    // From now on it is we who are slow.
    this.#extendAnswer();
  }

  resume(): void {
    if (this.#state === "closed") return;
    this.#socket.resume();
    this.#extend();
  }

  /** Answers what is no request, and ends. */
  refuse({ status, code, message }: RequestFault): void {
    const isTooLate = this.#hasBegunReply && this.#request !== undefined;
    this.#abandon();
    if (isTooLate) {
      this.terminate();
      return;
    }
    const error = { message, type: "invalid_request_error", param: null, code };
    const body = message === "" ? "" : JSON.stringify({ error });
    page.open(status);
    page.ascii("connection: close\r\n");
    if (body !== "") page.ascii("content-type: application/json\r\n");
    page.endHeadWithLength(body.length);
    page.ascii(body);
    this.#outlet.writePage();
    this.#part();
  }

  tooMuch(): void {
    this.#part();
  }

  #extend(): void {
    if (!this.#isCut) this.deadline = this.#server.tick + this.#server.idleTicks;
  }

  #extendAnswer(): void {
    if (this.#isKeptOpen && !this.#isCut) this.deadline = never;
    else this.#extend();
  }

  #answer(request: IncomingRequest, { status, headers, body }: ServerReply): void {
    if (this.#request !== request) {
      if (isSource(body)) cancelSource(body);
      return;
    }
    page.open(status);
    try {
      page.fields(headers);
    } catch {
      if (isSource(body)) cancelSource(body);
      this.#fail(request);
      return;
    }
    this.#hasBegunReply = true;
    this.#addConnection(headers["connection"]);
    const hasBody = !this.#isHead && status !== 204 && status !== 304;
    if (typeof body === "string") this.#sendText(body, hasBody);
    else if (!isSource(body)) this.#sendBytes(body, hasBody);
    else if (hasBody) this.#sendStream(body);
    else {
      cancelSource(body);
      page.endHead();
      this.#send();
    }
  }

  /** Decides whether the connection goes on, and says so. */
  #addConnection(given: string | undefined): void {
    if (this.#server.isDraining || this.#reader.isLeftLong) this.#isLast = true;
    if (given !== undefined) {
      if (given.toLowerCase().includes("close")) this.#isLast = true;
    } else if (this.#isLast) page.ascii("connection: close\r\n");
  }

  #sendText(text: string, hasBody: boolean): void {
    page.endHeadWithLength(Buffer.byteLength(text));
    if (!hasBody) this.#send();
    else if (page.hasRoomFor(text.length)) {
      page.text(text);
      this.#send();
    } else this.#sendAnd(text);
  }

  #sendBytes(bytes: Uint8Array, hasBody: boolean): void {
    page.endHeadWithLength(bytes.length);
    if (!hasBody) this.#send();
    else if (page.hasRoomFor(bytes.length)) {
      page.append(bytes);
      this.#send();
    } else this.#sendAnd(bytes);
  }

  #send(): void {
    this.#outlet.writePage();
    if (this.#outlet.isClear) this.#finish();
  }

  #sendAnd(rest: string | Uint8Array): void {
    this.#outlet.writePageAnd(rest);
    if (this.#outlet.isClear) this.#finish();
  }

  #sendStream(source: BodySource): void {
    if (!this.#isOld) page.ascii("transfer-encoding: chunked\r\n");
    page.endHead();
    const stream = new ReplyStream(this.#outlet, source, this.#isOld ? "closing" : "chunks");
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
    page.open(500);
    page.ascii("connection: close\r\n");
    page.endHeadWithLength(0);
    this.#send();
  }

  /** The reply is complete. */
  #finish(): void {
    const isLast = this.#isLast || this.#server.isDraining || this.#reader.isLeftLong;
    this.#request = undefined;
    this.#stream = undefined;
    this.#isKeptOpen = false;
    if (isLast) {
      this.#part();
      return;
    }
    this.#extend();
    if (this.#isCut) {
      // It has taken everything after all; its next request must come soon.
      this.#isCut = false;
      this.deadline = this.#server.tick + this.#server.cutTicks;
    }
    this.#reader.goOn();
  }

  /** Nothing more is read or answered here. */
  #abandon(): void {
    const request = this.#request;
    const stream = this.#stream;
    this.#request = undefined;
    this.#stream = undefined;
    request?.leave();
    this.#reader.stop(goneError());
    stream?.leave();
  }

  /** All is said. The peer may read it before the connection is closed: what is unread here would take it along. */
  #part(): void {
    if (this.#state !== "open") return;
    this.#state = "parting";
    this.#reader.stop(goneError());
    this.#isCut = true;
    this.deadline = this.#server.tick + this.#server.partingTicks;
    this.#server.part(this);
    if (this.#outlet.isClear) this.#socket.shutdown();
  }
}
