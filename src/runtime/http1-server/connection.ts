import type { Socket } from "bun";
import type { ServerReply } from "../../core/ports/http-server.ts";
import { Deadline } from "./deadline.ts";
import { IncomingRequest, type RequestOwner } from "./incoming-request.ts";
import { Outlet } from "./outlet.ts";
import { dropReply, ReplySender, type SenderOwner } from "./reply-sender.ts";
import type { RequestBody } from "./request-body.ts";
import { RequestFault } from "./request-fault.ts";
import type { RequestHead } from "./request-head.ts";
import { type ReaderOwner, RequestReader } from "./request-reader.ts";
import type { Member, ServerState } from "./server-state.ts";

/** Bytes that are taken of a client that goes on sending when all is said. */
const maxPartingBytes = 134_217_728;

const goneError = (): Error => new Error("The client closed the connection.");

/** One client's connection: one request after the other is read, handled and answered, each within its time. */
export class Connection implements RequestOwner, ReaderOwner, SenderOwner, Member {
  readonly #socket: Socket<Connection>;
  readonly #server: ServerState;
  readonly #reader: RequestReader;
  readonly #outlet: Outlet;
  readonly #sender: ReplySender;
  /** "parting": all is said, the peer may close; what it sends is thrown away. */
  #state: "open" | "parting" | "closed" = "open";
  /** The request that is being answered. */
  #request: IncomingRequest | undefined;
  /** Whether the connection ends with the present reply. */
  #isLast = false;
  #partingBytes = 0;
  readonly deadline: Deadline;

  constructor(socket: Socket<Connection>, server: ServerState) {
    this.#socket = socket;
    this.#server = server;
    this.#reader = new RequestReader(this);
    this.#outlet = new Outlet(socket);
    this.#sender = new ReplySender(this.#outlet, this);
    this.deadline = new Deadline(server);
    server.join(this);
  }

  received(bytes: Uint8Array): void {
    if (this.#state === "open") this.#reader.received(bytes);
    else {
      this.#partingBytes += bytes.length;
      if (this.#partingBytes > maxPartingBytes) this.close();
    }
  }

  drained(): void {
    if (this.#outlet.isClear || this.#state === "closed") return;
    if (this.#outlet.drained()) this.deadline.taking();
    if (!this.#outlet.isClear) return;
    if (this.#state === "parting") this.#socket.shutdown();
    else this.#sender.cleared();
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
    // A body that is coming in has a time of its own.
    if (this.#request === request) this.deadline.keepOpen(this.#reader.isInBody ? "the peer's" : "ours");
  }

  limitIdle(request: IncomingRequest): void {
    if (this.#request === request) this.deadline.limitIdle();
  }

  cut(request: IncomingRequest): void {
    if (this.#request === request) this.deadline.cut();
  }

  expire(): void {
    const isAwaited = this.#reader.isMidway && !this.#reader.isPaused;
    const hasBegun = this.#request !== undefined && this.#sender.hasBegun;
    if (this.#isIdle) this.#part();
    else if (this.#state === "open" && isAwaited && !this.deadline.isCut && !hasBegun)
      this.refuse(new RequestFault(408, "request_timeout", ""));
    else this.close();
  }

  retire(): void {
    if (this.#isIdle) this.#part();
  }

  close(): void {
    if (this.#state === "closed") return;
    const isComplete = this.#outlet.isClear && (this.#state === "parting" || this.#isIdle);
    this.ended();
    if (isComplete) this.#socket.end();
    // What was not said to its end must not look as if it were.
    else this.#socket.terminate();
  }

  get #isIdle(): boolean {
    return this.#state === "open" && this.#request === undefined && !this.#reader.isMidway;
  }

  begun(): void {
    this.deadline.idle();
  }

  ask(head: RequestHead, body: RequestBody | null): void {
    this.#sender.prepare(head);
    this.#isLast = head.isLast;
    this.deadline.idle();
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
    this.deadline.progressed(bytes);
  }

  bodyEnded(): void {
    this.deadline.answering();
  }

  sayContinue(): void {
    this.#outlet.writeContinue();
  }

  pause(): void {
    this.#socket.pause();
    // From now on it is we who are slow.
    this.deadline.answering();
  }

  resume(): void {
    if (this.#state === "closed") return;
    this.#socket.resume();
    this.deadline.idle();
  }

  /** Answers what is no request, and ends. */
  refuse(fault: RequestFault): void {
    if (this.#request !== undefined && this.#sender.hasBegun) {
      this.close();
      return;
    }
    // Another answer would be taken for the next request's.
    const isAnswered = this.#request === undefined && this.#reader.isInBody;
    this.#abandon();
    if (!isAnswered) this.#sender.sendFault(fault);
    this.#part();
  }

  tooMuch(): void {
    this.#part();
  }

  #answer(request: IncomingRequest, reply: ServerReply): void {
    if (this.#request !== request) {
      dropReply(reply);
      return;
    }
    const saysClose = reply.headers["connection"]?.toLowerCase().includes("close") ?? false;
    if (saysClose || this.#server.isDraining || this.#reader.isLeftLong) this.#isLast = true;
    try {
      this.#sender.send(reply, this.#isLast);
    } catch {
      dropReply(reply);
      this.#fail(request);
    }
  }

  /** Whoever should have answered threw, or gave what cannot be sent. */
  #fail(request: IncomingRequest): void {
    if (this.#request !== request) return;
    if (this.#sender.hasBegun) {
      this.close();
      return;
    }
    this.#isLast = true;
    this.#sender.sendFailure();
  }

  /** The reply is complete. */
  sent(): void {
    if (this.#request === undefined) return;
    this.#request = undefined;
    if (this.#isLast || this.#server.isDraining || this.#reader.isLeftLong) {
      this.#part();
      return;
    }
    this.deadline.answered();
    this.#reader.goOn();
  }

  /** Nothing more is read or answered here. */
  #abandon(): void {
    const request = this.#request;
    this.#request = undefined;
    request?.leave();
    this.#reader.stop(goneError());
    this.#sender.leave();
  }

  /** All is said. The peer may read it before the connection is closed: what is unread here would take it along. */
  #part(): void {
    if (this.#state !== "open") return;
    this.#state = "parting";
    this.#reader.stop(goneError());
    this.deadline.parting();
    this.#server.part(this);
    if (this.#outlet.isClear) this.#socket.shutdown();
  }
}
