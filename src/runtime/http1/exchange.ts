import type { CancelSignal } from "../../core/cancel.ts";
import { GatewayError } from "../../core/errors.ts";
import type { SendLimits, WireResponse } from "../../core/ports/transport.ts";
import type { Connection } from "./connection.ts";
import { type Flow, IncomingResponse } from "./incoming-response.ts";
import type { Message } from "./message.ts";
import type { ResponseFields } from "./response-fields.ts";
import { closedError } from "./socket-handler.ts";

/** Finds a connection for an exchange. */
export interface Dispatcher {
  /** For messages: where the requests go. */
  readonly origin: string;
  dispatch(exchange: Exchange): void;
  /** The exchange waits for a connection no longer. */
  withdraw(exchange: Exchange): void;
}

export interface ExchangeOptions {
  readonly message: Message;
  readonly signal: CancelSignal;
  readonly dispatcher: Dispatcher;
  /** See `SendLimits`. */
  readonly connectMilliseconds: number | undefined;
  /** See `SendLimits`. */
  readonly attempt?: SendLimits["attempt"] | undefined;
}

/**
 * What is known of a request whose connection ended before there was a head: nothing of it was sent; it was sent on a
 * connection that had carried others before, or on a fresh one; or an answer had begun.
 */
export type Loss = "unsent" | "kept" | "fresh" | "answered";

const unreachable = (origin: string, cause: Error): GatewayError => {
  const reason = (cause as { code?: string }).code ?? cause.message;
  const code = reason === "ECONNREFUSED" ? "upstream_refused" : "upstream_unreachable";
  return new GatewayError(code, `No answer from ${origin} (${reason}).`, { cause });
};

const nobody = (): void => undefined;

/** One request and its response, from the call to the body's last byte. Listens to the call's signal for as long. */
export class Exchange implements Flow {
  readonly message: Message;
  readonly #signal: CancelSignal;
  readonly #dispatcher: Dispatcher;
  readonly #connectMilliseconds: number | undefined;
  #connection: Connection | undefined;
  #response: IncomingResponse | undefined;
  #resolve: (response: WireResponse) => void = nobody;
  #reject: (error: unknown) => void = nobody;
  #deadline: ReturnType<typeof setTimeout> | undefined;
  readonly #onAbort = (): void => this.#abort();
  #isOver = false;
  #isRepeated = false;
  readonly #attempt: SendLimits["attempt"] | undefined;
  /** Nothing of the request has left. */
  #isUnsent = true;

  constructor({ message, signal, dispatcher, connectMilliseconds, attempt }: ExchangeOptions) {
    this.message = message;
    this.#signal = signal;
    this.#dispatcher = dispatcher;
    this.#connectMilliseconds = connectMilliseconds;
    this.#attempt = attempt;
  }

  /** Resolves with the response as soon as its head is there. */
  run(): Promise<WireResponse> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#signal.addEventListener("abort", this.#onAbort);
      this.#dispatcher.dispatch(this);
    });
  }

  /** There is no connection to be had at once. */
  waits(): void {
    const milliseconds = this.#connectMilliseconds;
    if (milliseconds === undefined || this.#deadline !== undefined) return;
    this.#deadline = setTimeout(() => {
      this.#dispatcher.withdraw(this);
      const text = `No connection to ${this.#dispatcher.origin} came about within ${milliseconds} ms.`;
      this.fail(new GatewayError("upstream_unreachable", text));
    }, milliseconds);
  }

  /** Sends the request there. Returns false where the connection is closed. */
  startOn(connection: Connection): boolean {
    if (!connection.start(this)) return false;
    this.#isUnsent = false;
    this.#connection = connection;
    if (this.#deadline !== undefined) {
      clearTimeout(this.#deadline);
      this.#deadline = undefined;
    }
    return true;
  }

  answer(status: number, fields: ResponseFields): void {
    this.#response = new IncomingResponse(status, fields, this);
    this.#resolve(this.#response);
  }

  push(bytes: Uint8Array): void {
    this.#response?.push(bytes);
  }

  /** The response is whole. */
  finish(): void {
    this.#close();
    this.#response?.end();
  }

  /** The connection ended before the response did. */
  cut(cause: Error | undefined): void {
    this.fail(new Error("The connection ended before the response did.", { cause: cause ?? closedError() }));
  }

  /**
   * The connection ended before there was a head. What was not sent is sent again, once; so is a request that changes
   * nothing where the upstream had closed a kept connection. Any other may have been carried out: that it is sent again
   * is for the caller to say, and to account for.
   */
  lost(cause: Error | undefined, loss: Loss): void {
    const isSafe = loss === "unsent" || (loss === "kept" && this.message.isRepeatable);
    if (isSafe && !this.#isRepeated) {
      this.#isRepeated = true;
      this.#isUnsent = loss === "unsent";
      this.#connection = undefined;
      this.#dispatcher.dispatch(this);
    } else this.unreachable(cause ?? closedError());
  }

  /** No connection, or no response. */
  unreachable(cause: Error): void {
    this.fail(unreachable(this.#dispatcher.origin, cause));
  }

  fail(error: unknown): void {
    this.#close();
    if (this.#response === undefined) this.#reject(error);
    else this.#response.fail(error);
  }

  #abort(): void {
    if (this.#isOver) return;
    const connection = this.#connection;
    const { reason } = this.#signal;
    this.#close();
    if (connection === undefined) this.#dispatcher.withdraw(this);
    else connection.close();
    if (this.#isUnsent) this.#attempt?.neverSent();
    if (this.#response === undefined) this.#reject(reason);
    else this.#response.abort(reason);
  }

  pause(): void {
    this.#connection?.pause();
  }

  resume(): void {
    this.#connection?.resume();
  }

  cancel(): void {
    const connection = this.#connection;
    this.#close();
    connection?.close();
  }

  #close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#connection = undefined;
    this.#signal.removeEventListener("abort", this.#onAbort);
    if (this.#deadline !== undefined) clearTimeout(this.#deadline);
  }
}
