import { GatewayError } from "../../core/errors.ts";
import type { BodyFlow, BodySink, WireResponse } from "../../core/ports/transport.ts";

/** Unread bytes at which the connection is told to wait, and at which it may go on. */
const highWaterBytes = 262_144;
const lowWaterBytes = 65_536;

/** What a response can ask of the connection that it comes from. Nothing happens once the body has ended. */
export interface Flow {
  pause(): void;
  resume(): void;
  /** Closes the connection. */
  cancel(): void;
}

interface Waiting<Value> {
  readonly resolve: (value: Value) => void;
  readonly reject: (error: unknown) => void;
}

const over: IteratorResult<Uint8Array> = { done: true, value: undefined };
/** Stands where there are no pieces; nothing is ever put into it. */
const none: Uint8Array[] = [];

/**
 * A response whose body is coming in: the connection pushes, somebody reads it in one of three ways. What nobody has
 * read waits here, and past a bound holds the connection up.
 */
export class IncomingResponse implements WireResponse {
  readonly #flow: Flow;
  #pieces = none;
  #unread = 0;
  #isPaused = false;
  /** "cancelled": the reader wants nothing more. */
  #state: "open" | "ended" | "failed" | "cancelled" = "open";
  #error: unknown;
  #next: Waiting<IteratorResult<Uint8Array>> | undefined;
  #whole: (Waiting<Uint8Array> & { readonly maxBytes: number }) | undefined;
  #sink: BodySink | undefined;
  #sinkIsFull = false;

  constructor(
    readonly status: number,
    readonly headers: { get(name: string): string | null },
    flow: Flow,
  ) {
    this.#flow = flow;
  }

  get body(): AsyncIterable<Uint8Array> {
    return { [Symbol.asyncIterator]: () => ({ next: () => this.#read(), return: () => this.#leave() }) };
  }

  whole(maxBytes: number): Uint8Array | Promise<Uint8Array> {
    if (this.#unread > maxBytes) return Promise.reject(this.#tooLong(maxBytes));
    if (this.#state === "ended") return this.#take();
    if (this.#state !== "open") return Promise.reject(this.#error);
    return new Promise((resolve, reject) => {
      this.#whole = { resolve, reject, maxBytes };
      this.#goOn();
    });
  }

  consume(sink: BodySink): BodyFlow {
    this.#sink = sink;
    // Until the flow is in the caller's hands nothing is pushed.
    this.#sinkIsFull = true;
    const resume = (): void => {
      this.#sinkIsFull = false;
      this.#drain();
    };
    queueMicrotask(resume);
    return { resume, cancel: () => this.#cancel() };
  }

  /** The connection's side: bytes of the body, never none, which are the response's to keep. */
  push(bytes: Uint8Array): void {
    if (this.#sink !== undefined && !this.#sinkIsFull) {
      if (this.#sink.data(bytes)) return;
      this.#sinkIsFull = true;
      this.#hold();
      return;
    }
    if (this.#next !== undefined) {
      const { resolve } = this.#next;
      this.#next = undefined;
      resolve({ done: false, value: bytes });
      return;
    }
    if (this.#state !== "open") return;
    if (this.#pieces === none) this.#pieces = [bytes];
    else this.#pieces.push(bytes);
    this.#unread += bytes.length;
    if (this.#whole !== undefined) {
      if (this.#unread > this.#whole.maxBytes) this.#whole.reject(this.#tooLong(this.#whole.maxBytes));
    } else if (this.#unread > highWaterBytes) this.#hold();
  }

  /** The connection's side: the body is whole. */
  end(): void {
    if (this.#state !== "open") return;
    this.#state = "ended";
    this.#whole?.resolve(this.#take());
    this.#next?.resolve(over);
    this.#next = undefined;
    if (this.#sink !== undefined) this.#drain();
  }

  /** The connection's side: the body was cut. What came before is still read. */
  fail(error: unknown): void {
    if (this.#state !== "open") return;
    this.#state = "failed";
    this.#error = error;
    this.#whole?.reject(error);
    this.#next?.reject(error);
    this.#next = undefined;
    if (this.#sink !== undefined) this.#drain();
  }

  /** The call was aborted: what came before is read no more. */
  abort(reason: unknown): void {
    this.#pieces = none;
    this.#unread = 0;
    this.#sinkIsFull = false;
    this.fail(reason);
  }

  #read(): Promise<IteratorResult<Uint8Array>> {
    const value = this.#pieces.shift();
    if (value !== undefined) {
      this.#unread -= value.length;
      if (this.#unread <= lowWaterBytes) this.#goOn();
      return Promise.resolve({ done: false, value });
    }
    if (this.#state === "failed") return Promise.reject(this.#error);
    if (this.#state !== "open") return Promise.resolve(over);
    return new Promise((resolve, reject) => {
      this.#next = { resolve, reject };
    });
  }

  #leave(): Promise<IteratorResult<Uint8Array>> {
    this.#cancel();
    return Promise.resolve(over);
  }

  #cancel(): void {
    const wasOpen = this.#state === "open";
    this.#state = "cancelled";
    this.#error = new Error("The body was not wanted any more.");
    this.#pieces = none;
    this.#unread = 0;
    this.#sink = undefined;
    this.#next?.resolve(over);
    this.#next = undefined;
    if (wasOpen) this.#flow.cancel();
  }

  /** Pushes what waits, and then the end, until the sink is full. */
  #drain(): void {
    const sink = this.#sink;
    while (this.#sink !== undefined && !this.#sinkIsFull && this.#pieces.length > 0) {
      const piece = this.#pieces.shift() as Uint8Array;
      this.#unread -= piece.length;
      if (!this.#sink.data(piece)) this.#sinkIsFull = true;
    }
    if (sink === undefined || this.#sink === undefined || this.#sinkIsFull) return;
    if (this.#state === "open") {
      this.#goOn();
      return;
    }
    this.#sink = undefined;
    if (this.#state === "ended") sink.end();
    else sink.fail(this.#error instanceof Error ? this.#error : new Error(String(this.#error)));
  }

  #take(): Uint8Array {
    const pieces = this.#pieces;
    this.#pieces = none;
    this.#unread = 0;
    return pieces.length === 1 ? (pieces[0] as Uint8Array) : Buffer.concat(pieces);
  }

  #tooLong(maxBytes: number): GatewayError {
    this.#cancel();
    return new GatewayError("upstream_invalid_response", `The upstream sent more than ${maxBytes} bytes.`);
  }

  #hold(): void {
    if (this.#isPaused || this.#state !== "open") return;
    this.#isPaused = true;
    this.#flow.pause();
  }

  #goOn(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#flow.resume();
  }
}
