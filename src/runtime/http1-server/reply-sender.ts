import type { BodySource, ServerReply } from "../../core/ports/http-server.ts";
import type { Outlet } from "./outlet.ts";
import { page } from "./reply-page.ts";
import { cancelSource, ReplyStream } from "./reply-stream.ts";
import type { RequestFault } from "./request-fault.ts";
import type { RequestHead } from "./request-head.ts";

const isSource = (body: ServerReply["body"]): body is BodySource => typeof body !== "string" && "open" in body;

/** Tells a reply that nobody will have it. */
export const dropReply = ({ body }: ServerReply): void => {
  if (isSource(body)) cancelSource(body);
};

export interface SenderOwner {
  /** The system has taken all of the reply. */
  sent(): void;
}

/** Sends the reply to one request after the other. */
export class ReplySender {
  readonly #outlet: Outlet;
  readonly #owner: SenderOwner;
  #stream: ReplyStream | undefined;
  #isHead = false;
  #isOld = false;
  #hasBegun = false;

  constructor(outlet: Outlet, owner: SenderOwner) {
    this.#outlet = outlet;
    this.#owner = owner;
  }

  /** Whether anything of the present reply was sent. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** The next reply answers this request. */
  prepare({ method, isOld }: RequestHead): void {
    this.#isHead = method === "HEAD";
    this.#isOld = isOld;
    this.#hasBegun = false;
  }

  /** Sends a reply, and says that the connection ends with it where it does. Throws TypeError where it cannot be sent. */
  send({ status, headers, body }: ServerReply, isLast: boolean): void {
    page.open(status);
    page.fields(headers);
    if (isLast && headers["connection"] === undefined) page.ascii("connection: close\r\n");
    this.#hasBegun = true;
    if (status === 204 || status === 304 || (this.#isHead && isSource(body))) this.#sendHead(body);
    else if (typeof body === "string") this.#sendText(body);
    else if (isSource(body)) this.#sendStream(body);
    else this.#sendBytes(body);
  }

  /** Sends that the program failed. */
  sendFailure(): void {
    this.send({ status: 500, headers: { connection: "close" }, body: "" }, true);
  }

  /** Sends why a request is refused. */
  sendFault({ status, code, message }: RequestFault): void {
    const error = { message, type: "invalid_request_error", param: null, code };
    const [headers, body] =
      message === "" ? [{}, ""] : [{ "content-type": "application/json" }, JSON.stringify({ error })];
    this.#isHead = false;
    this.send({ status, headers, body }, true);
  }

  /** The system has taken all that was written. */
  cleared(): void {
    if (this.#stream !== undefined) this.#stream.cleared();
    else if (this.#hasBegun) this.#owner.sent();
  }

  /** The client is gone. */
  leave(): void {
    const stream = this.#stream;
    this.#stream = undefined;
    stream?.leave();
  }

  /** Sends a reply that has no body, and cannot say how long it would be. */
  #sendHead(body: ServerReply["body"]): void {
    if (isSource(body)) cancelSource(body);
    page.endHead();
    this.#write();
  }

  #sendText(text: string): void {
    page.endHeadWithLength(Buffer.byteLength(text));
    if (this.#isHead) this.#write();
    else if (page.hasRoomFor(text.length)) {
      page.text(text);
      this.#write();
    } else this.#writeAnd(text);
  }

  #sendBytes(bytes: Uint8Array): void {
    page.endHeadWithLength(bytes.length);
    if (this.#isHead) this.#write();
    else if (page.hasRoomFor(bytes.length)) {
      page.append(bytes);
      this.#write();
    } else this.#writeAnd(bytes);
  }

  #write(): void {
    this.#outlet.writePage();
    if (this.#outlet.isClear) this.#owner.sent();
  }

  #writeAnd(rest: string | Uint8Array): void {
    this.#outlet.writePageAnd(rest);
    if (this.#outlet.isClear) this.#owner.sent();
  }

  #sendStream(source: BodySource): void {
    if (!this.#isOld) page.ascii("transfer-encoding: chunked\r\n");
    page.endHead();
    const framing = this.#isOld ? "closing" : "chunks";
    const onSent = (): void => {
      if (this.#stream !== stream) return;
      this.#stream = undefined;
      this.#owner.sent();
    };
    const stream = new ReplyStream(this.#outlet, source, { framing, onSent });
    this.#stream = stream;
    stream.start();
  }
}
