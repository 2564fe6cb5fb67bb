import { CancelController, type CancelSignal } from "../../core/cancel.ts";
import type { RequestHeaders, ServerConnection, ServerRequest } from "../../core/ports/http-server.ts";
import type { RequestBody } from "./request-body.ts";
import type { RequestHead } from "./request-head.ts";

/** What a request asks of the connection that it came over. */
export interface RequestOwner {
  readonly remoteAddress: string;
  /** Does what is asked, as long as the request is the one that is answered. */
  keepOpen(request: IncomingRequest): void;
  limitIdle(request: IncomingRequest): void;
  cut(request: IncomingRequest): void;
}

const nothing = new Uint8Array(0);

/** Nearly all requests ask for the same; joining the parts costs more than comparing them. */
let known = { host: "", target: "", url: "" };

const urlOf = (host: string, target: string): string => {
  if (known.target !== target || known.host !== host)
    known = { host, target, url: host === "" ? target : `http://${host}${target}` };
  return known.url;
};

/** A request, and what its handler may do with the connection: one object for both. */
export class IncomingRequest implements ServerRequest, ServerConnection {
  readonly method: string;
  readonly headers: RequestHeaders;
  readonly body: RequestBody | null;
  readonly #target: string;
  readonly #host: string;
  readonly #owner: RequestOwner;
  #controller: CancelController | undefined;
  #isGone = false;

  constructor({ method, target, host, headers }: RequestHead, body: RequestBody | null, owner: RequestOwner) {
    this.method = method;
    this.headers = headers;
    this.body = body;
    this.#target = target;
    this.#host = host;
    this.#owner = owner;
  }

  get url(): string {
    return urlOf(this.#host, this.#target);
  }

  get signal(): CancelSignal {
    if (this.#controller === undefined) {
      this.#controller = new CancelController();
      if (this.#isGone) this.leave();
    }
    return this.#controller.signal;
  }

  bytes(): Uint8Array | Promise<Uint8Array> {
    return this.body === null ? nothing : this.body.bytes();
  }

  get remoteAddress(): string {
    return this.#owner.remoteAddress;
  }

  keepOpen(): void {
    this.#owner.keepOpen(this);
  }

  limitIdle(): void {
    this.#owner.limitIdle(this);
  }

  /** Callers keep it without its object. */
  get cut(): () => void {
    return () => this.#owner.cut(this);
  }

  /** The connection's side: it is gone, and the reply was not complete. */
  leave(): void {
    this.#isGone = true;
    this.#controller?.abort(new Error("The client closed the connection."));
  }
}
