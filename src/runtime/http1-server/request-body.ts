import { joinBytes } from "../../core/join-bytes.ts";

/** Unread bytes at which the client is told to wait, and at which it may go on. */
const highWaterBytes = 262_144;
const lowWaterBytes = 65_536;
/** Of a body whose length nobody said, `bytes()` takes no more. */
const maxWholeBytes = 1_073_741_824;

/** What a body asks of the connection that it comes over. */
export interface BodyFlow {
  /** Somebody begins to read: a client that waits for a word may send. */
  wanted(): void;
  pause(): void;
  resume(): void;
}

interface Waiting<Value> {
  readonly resolve: (value: Value) => void;
  readonly reject: (error: unknown) => void;
}

const over: IteratorResult<Uint8Array> = { done: true, value: undefined };
/** Stands where there are no pieces; nothing is ever put into it. */
const none: Uint8Array[] = [];

/**
 * A request's body as it comes in: the connection pushes, somebody reads it whole or piece by piece. What nobody has read
 * waits here, and past a bound holds the client up; once nobody will read it any more, it is thrown away.
 */
export class RequestBody implements AsyncIterable<Uint8Array> {
  readonly #flow: BodyFlow;
  #pieces = none;
  #unread = 0;
  #state: "open" | "ended" | "failed" | "discarded" = "open";
  #isTaken = false;
  #isPaused = false;
  #error: unknown;
  #next: Waiting<IteratorResult<Uint8Array>> | undefined;
  #whole: Waiting<Uint8Array> | undefined;

  constructor(flow: BodyFlow) {
    this.#flow = flow;
  }

  /** Whether what still comes is thrown away. */
  get isDiscarded(): boolean {
    return this.#state === "discarded";
  }

  /** All of it in one piece, at once where it is there. Rejects where the client left before its end. */
  bytes(): Uint8Array | Promise<Uint8Array> {
    if (this.#isTaken) return Promise.reject(new TypeError("The body was read already."));
    this.#isTaken = true;
    if (this.#state === "ended") return this.#takeAll();
    if (this.#state !== "open") return Promise.reject(this.#error);
    return new Promise((resolve, reject) => {
      this.#whole = { resolve, reject };
      this.#resume();
      this.#flow.wanted();
    });
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    if (this.#isTaken) throw new TypeError("The body was read already.");
    this.#isTaken = true;
    if (this.#state === "open") this.#flow.wanted();
    return { next: () => this.#read(), return: () => this.#leave() };
  }

  /** The connection's side: bytes of the body, never none, which are the body's to keep. */
  push(bytes: Uint8Array): void {
    if (this.#state !== "open") return;
    if (this.#next !== undefined) {
      const { resolve } = this.#next;
      this.#next = undefined;
      resolve({ done: false, value: bytes });
      return;
    }
    if (this.#pieces === none) this.#pieces = [bytes];
    else this.#pieces.push(bytes);
    this.#unread += bytes.length;
    if (this.#whole === undefined) {
      if (this.#unread > highWaterBytes) this.#pause();
    } else if (this.#unread > maxWholeBytes) {
      this.#whole.reject(new RangeError(`The body is longer than ${maxWholeBytes} bytes.`));
      this.discard();
    }
  }

  /** The connection's side: the body is whole. */
  end(): void {
    if (this.#state !== "open") return;
    this.#state = "ended";
    this.#whole?.resolve(this.#takeAll());
    this.#next?.resolve(over);
    this.#whole = undefined;
    this.#next = undefined;
    // What comes now is the next request: whoever reads late must not hold that up.
    this.#resume();
  }

  /** The connection's side: no more comes. What came before is still read piece by piece. */
  fail(error: unknown): void {
    if (this.#state !== "open") return;
    this.#state = "failed";
    this.#error = error;
    this.#whole?.reject(error);
    this.#next?.reject(error);
    this.#whole = undefined;
    this.#next = undefined;
  }

  /** Nobody will read it: what came and comes is thrown away. */
  discard(): void {
    if (this.#state === "open") {
      this.#state = "discarded";
      this.#error = new Error("The body was not wanted any more.");
      this.#whole?.reject(this.#error);
      this.#next?.resolve(over);
      this.#whole = undefined;
      this.#next = undefined;
    }
    this.#pieces = none;
    this.#unread = 0;
    this.#resume();
  }

  #read(): Promise<IteratorResult<Uint8Array>> {
    const value = this.#pieces.shift();
    if (value !== undefined) {
      this.#unread -= value.length;
      if (this.#unread <= lowWaterBytes) this.#resume();
      return Promise.resolve({ done: false, value });
    }
    if (this.#state === "failed") return Promise.reject(this.#error);
    if (this.#state !== "open") return Promise.resolve(over);
    return new Promise((resolve, reject) => {
      this.#next = { resolve, reject };
    });
  }

  #leave(): Promise<IteratorResult<Uint8Array>> {
    this.discard();
    return Promise.resolve(over);
  }

  #takeAll(): Uint8Array {
    const whole = joinBytes(this.#pieces, this.#unread);
    this.#pieces = none;
    this.#unread = 0;
    return whole;
  }

  #pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#flow.pause();
  }

  #resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#flow.resume();
  }
}
