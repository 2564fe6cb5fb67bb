import { CancelController, type CancelSignal } from "../../core/cancel.ts";
import type { RequestHeaders, ServerConnection, ServerRequest } from "../../core/ports/http-server.ts";
import type { RequestBody } from "./request-body.ts";

/** What a request asks of the connection that it came over, while it is the one that is answered. */
export interface RequestOwner {
  readonly remoteAddress: string;
  /** Whether this request is still the one that is answered. */
  isAnswering(request: IncomingRequest): boolean;
  keepOpen(): void;
  limitIdle(): void;
  cut(): void;
}

/** What is known of a request when its head has come. */
export interface RequestParts {
  readonly method: string;
  readonly target: string;
  /** Empty where the Host field is missing or empty. */
  readonly host: string;
  readonly headers: RequestHeaders;
  readonly body: RequestBody | null;
}

const nothing = Promise.resolve(new Uint8Array(0));

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

  constructor({ method, target, host, headers, body }: RequestParts, owner: RequestOwner) {
    this.method = method;
    this.#target = target;
    this.#host = host;
    this.headers = headers;
    this.body = body;
    this.#owner = owner;
  }

  get url(): string {
    return this.#host === "" ? this.#target : `http://${this.#host}${this.#target}`;
  }

  get signal(): CancelSignal {
    if (this.#controller === undefined) {
      this.#controller = new CancelController();
      if (this.#isGone) this.leave();
    }
    return this.#controller.signal;
  }

  bytes(): Promise<Uint8Array> {
    return this.body === null ? nothing : this.body.bytes();
  }

  get remoteAddress(): string {
    return this.#owner.remoteAddress;
  }

  keepOpen(): void {
    if (this.#owner.isAnswering(this)) this.#owner.keepOpen();
  }

  limitIdle(): void {
    if (this.#owner.isAnswering(this)) this.#owner.limitIdle();
  }

  /** Callers keep it without its object. */
  get cut(): () => void {
    return () => {
      if (this.#owner.isAnswering(this)) this.#owner.cut();
    };
  }

  /** The connection's side: it is gone, and the reply was not complete. */
  leave(): void {
    this.#isGone = true;
    this.#controller?.abort(new Error("The client closed the connection."));
  }
}
