import { ChunkDecoder, trailerPattern } from "../http1-message/chunk-decoder.ts";
import { PartialHead } from "../http1-message/partial-head.ts";
import { maxHeadBytes } from "./head-spans.ts";
import { RequestBody } from "./request-body.ts";
import { malformed, RequestFault } from "./request-fault.ts";
import { type RequestHead, readRequestHead } from "./request-head.ts";

/** Bytes of requests that came before their turn; then the client waits. */
const maxAheadBytes = 65_536;
/** Bytes of a body that nobody wants and that are taken nevertheless, so that the connection can be kept. */
const maxDiscardedBytes = 1_048_576;

const chunkRules = {
  malformed,
  maxAsideBytes: 8_192,
  trailerPattern: trailerPattern(["content-length", "transfer-encoding", "host", "trailer"]),
};

/** Up to so many bytes a copy costs less than another view of the same memory, and lets go of the rest. */
const cheapCopyBytes = 4_096;

const cutOut = (bytes: Uint8Array, start: number, end: number): Uint8Array => {
  if (start === 0 && end === bytes.length) return bytes;
  return end - start <= cheapCopyBytes ? bytes.slice(start, end) : bytes.subarray(start, end);
};

/** Who answers what is read. */
export interface ReaderOwner {
  /** Whether a request is being answered: the one behind it waits. */
  readonly isAnswering: boolean;
  /** A request's first bytes came. */
  begun(): void;
  /** A request has come; its body may still be on its way. */
  ask(head: RequestHead, body: RequestBody | null): void;
  /** So many bytes of a body came. */
  progressed(bytes: number): void;
  /** The body is whole. */
  bodyEnded(): void;
  /** The client waits for a word before it sends the body. */
  sayContinue(): void;
  pause(): void;
  resume(): void;
  /** What came is no request, or the body not what was said. */
  refuse(fault: RequestFault): void;
  /** More of a body came than anybody wants, after its request was answered. */
  tooMuch(): void;
}

/** A connection's reading side: cuts what comes into requests, one after the other, and gives each its body. */
export class RequestReader {
  readonly #owner: ReaderOwner;
  #partial: PartialHead | undefined;
  /** The body that is coming in: the present request's, or what is left of the one before. */
  #body: RequestBody | undefined;
  /** What is left of a body of known length. */
  #left = 0;
  #chunks: ChunkDecoder | undefined;
  /** Bytes of the present body that came when nobody wanted them any more. */
  #discarded = 0;
  #awaitsContinue = false;
  /** Bytes that came before their turn. */
  #ahead: Uint8Array | undefined;
  #isTaking = false;
  #isPaused = false;
  #isStopped = false;

  constructor(owner: ReaderOwner) {
    this.#owner = owner;
  }

  /** Whether a part of a request is there, and the rest is awaited. */
  get isMidway(): boolean {
    return this.#partial !== undefined || this.#body !== undefined;
  }

  get isInBody(): boolean {
    return this.#body !== undefined;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Whether more of the body is to come than is worth waiting for, or nobody knows whether it comes. */
  get isLeftLong(): boolean {
    if (this.#body === undefined) return false;
    return this.#awaitsContinue || Math.max(this.#left, this.#discarded) > maxDiscardedBytes;
  }

  received(piece: Uint8Array): void {
    if (this.#isStopped) return;
    if (this.#owner.isAnswering && this.#body === undefined) {
      this.#hold(piece);
      return;
    }
    const bytes = this.#partial === undefined ? piece : this.#partial.add(piece);
    if (bytes !== undefined) this.#take(bytes);
  }

  /** The request was answered: what is left of its body is thrown away, and the next one is read. */
  goOn(): void {
    this.#body?.discard();
    if (this.#isTaking || this.#ahead === undefined) return;
    const ahead = this.#ahead;
    this.#ahead = undefined;
    this.resume();
    this.#take(ahead);
  }

  /** Nothing more is read. Who reads the body gets this error. */
  stop(reason: Error): void {
    this.#isStopped = true;
    const body = this.#body;
    this.#body = undefined;
    this.#partial = undefined;
    this.#ahead = undefined;
    body?.fail(reason);
    this.resume();
  }

  /** The body's side: somebody begins to read. */
  wanted(): void {
    if (!this.#awaitsContinue) return;
    this.#awaitsContinue = false;
    this.#owner.sayContinue();
  }

  pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#owner.pause();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#owner.resume();
  }

  #hold(bytes: Uint8Array): void {
    this.#ahead = this.#ahead === undefined ? bytes : Buffer.concat([this.#ahead, bytes]);
    if (this.#ahead.length > maxAheadBytes) this.pause();
  }

  #take(bytes: Uint8Array): void {
    let at = 0;
    this.#isTaking = true;
    try {
      while (at < bytes.length && !this.#isStopped) {
        if (this.#body !== undefined) at = this.#readBody(this.#body, bytes, at);
        else if (!this.#owner.isAnswering) at = this.#readHead(bytes, at);
        else {
          this.#hold(bytes.subarray(at));
          break;
        }
      }
    } catch (error) {
      if (!(error instanceof RequestFault)) throw error;
      this.#owner.refuse(error);
    } finally {
      this.#isTaking = false;
    }
  }

  /** Returns where the next thing begins. */
  #readHead(bytes: Uint8Array, start: number): number {
    const head = readRequestHead(bytes, start);
    if (head !== undefined) {
      this.#partial = undefined;
      return this.#begin(bytes, head);
    }
    if (this.#partial === undefined) this.#owner.begun();
    if (this.#partial === undefined || start > 0) this.#partial = new PartialHead(bytes.subarray(start), maxHeadBytes);
    return bytes.length;
  }

  #begin(bytes: Uint8Array, head: RequestHead): number {
    const { end, contentLength, isChunked } = head;
    let behind = end;
    let body: RequestBody | null = null;
    this.#discarded = 0;
    this.#awaitsContinue = false;
    if (isChunked || contentLength > 0) {
      body = new RequestBody(this);
      if (!isChunked && bytes.length - end >= contentLength) {
        behind = end + contentLength;
        body.push(cutOut(bytes, end, behind));
        body.end();
      } else {
        this.#body = body;
        this.#left = contentLength;
        this.#chunks = isChunked ? new ChunkDecoder(chunkRules) : undefined;
        this.#awaitsContinue = head.expectsContinue;
      }
    }
    this.#owner.ask(head, body);
    return behind;
  }

  /** Returns where the body's bytes end. */
  #readBody(body: RequestBody, bytes: Uint8Array, from: number): number {
    const chunks = this.#chunks;
    let start = from;
    let end: number;
    let behind: number;
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
    this.#owner.progressed(behind - from);
    if (isWhole) this.#body = undefined;
    if (body.isDiscarded) this.#discard(behind - from);
    else if (end > start) body.push(cutOut(bytes, start, end));
    if (isWhole) {
      body.end();
      this.#owner.bodyEnded();
    }
    return behind;
  }

  #discard(length: number): void {
    this.#discarded += length;
    if (this.#discarded <= maxDiscardedBytes || this.#body === undefined) return;
    // Before the answer the client waits; after it, this was all.
    if (this.#owner.isAnswering) this.pause();
    else this.#owner.tooMuch();
  }
}
