import { GatewayError } from "../../core/errors.ts";
import { ChunkDecoder, trailerPattern } from "../http1-message/chunk-decoder.ts";
import { PartialHead } from "../http1-message/partial-head.ts";
import { malformed } from "./malformed.ts";
import { HeadReader, maxHeadBytes, type ResponseHead } from "./parse-head.ts";

/** Interim responses (1xx) before the one that counts. */
const maxInterim = 32;

/** Who is told what is read. */
export interface ResponseTarget {
  answered(head: ResponseHead): void;
  /** Bytes of the body, never none; the target's to keep. */
  pushed(bytes: Uint8Array): void;
  /** The response is whole; `more` where bytes stand behind it. */
  finished(rest: "more" | "nothing"): void;
}

const heads = new HeadReader();

const chunkRules = {
  malformed,
  maxAsideBytes: 16_384,
  trailerPattern: trailerPattern(["content-length", "transfer-encoding"]),
};

/**
 * Up to so many bytes a copy is cheaper than a view: the runtime gives small arrays a buffer of their own only when one
 * is asked for, and that costs about a microsecond.
 */
const copiedBytes = 16_384;

const partOf = (bytes: Uint8Array, start: number, end: number): Uint8Array => {
  if (start === 0 && end === bytes.length) return bytes;
  return end - start > copiedBytes ? bytes.subarray(start, end) : bytes.slice(start, end);
};

const isBodiless = ({ status, contentLength }: ResponseHead): boolean =>
  contentLength === 0 || status === 204 || status === 304;

/** Reads the responses of one connection, one after the other, in whatever pieces they come (RFC 9112). */
export class ResponseReader {
  readonly #target: ResponseTarget;
  /** A head is awaited; or a body, by how its end is told; or nothing. */
  #stage: "head" | "length" | "chunked" | "untilClose" | "over" = "over";
  /** A head that has come in part. */
  #partial: PartialHead | undefined;
  #interim = 0;
  /** What is left of a body of known length. */
  #left = 0;
  #chunks: ChunkDecoder | undefined;

  constructor(target: ResponseTarget) {
    this.#target = target;
  }

  /** What has come of the present response. */
  get progress(): "nothing" | "part of a head" | "head" {
    if (this.#stage !== "head") return "head";
    return this.#partial === undefined && this.#interim === 0 ? "nothing" : "part of a head";
  }

  /** Whether the present response is whole if the connection ends now. */
  get endsByClosing(): boolean {
    return this.#stage === "untilClose";
  }

  /** A response is awaited. */
  expect(): void {
    this.#stage = "head";
    this.#partial = undefined;
    this.#interim = 0;
  }

  /** Nothing more is read. */
  stop(): void {
    this.#stage = "over";
  }

  /** Bytes came; they are ours to keep and to change. Throws GatewayError `upstream_invalid_response`. */
  read(bytes: Uint8Array): void {
    if (this.#stage === "head") this.#readHead(bytes);
    else if (this.#stage !== "over") this.#readBody(bytes, 0);
  }

  #readHead(piece: Uint8Array): void {
    const bytes = this.#partial === undefined ? piece : this.#partial.add(piece);
    if (bytes === undefined) return;
    let at = 0;
    while (at < bytes.length) {
      const head = heads.read(bytes, at);
      if (head === undefined) {
        if (this.#partial === undefined || at > 0) this.#partial = new PartialHead(bytes.subarray(at), maxHeadBytes);
        return;
      }
      at = head.end;
      if (head.status >= 200) {
        this.#answer(head);
        return;
      }
      this.#noteInterim(head);
    }
    if (at > 0) this.#partial = undefined;
  }

  #noteInterim({ status, isPersistent }: ResponseHead): void {
    if (status === 101) throw malformed("it switches protocols, which was not asked for");
    if (!isPersistent) throw malformed("an interim response says that nothing follows");
    this.#interim += 1;
    if (this.#interim > maxInterim) throw malformed(`it has more than ${maxInterim} interim responses`);
  }

  #answer(head: ResponseHead): void {
    const { bytes, end, contentLength } = head;
    if (head.isEncoded)
      throw new GatewayError(
        "upstream_invalid_response",
        "The upstream sent a compressed body, which was not asked for.",
      );
    this.#partial = undefined;
    this.#target.answered(head);
    if (isBodiless(head)) {
      this.#finish(bytes, end);
      return;
    }
    if (head.isChunked) {
      this.#stage = "chunked";
      this.#chunks ??= new ChunkDecoder(chunkRules);
      this.#chunks.reset();
    } else if (contentLength !== undefined) {
      this.#stage = "length";
      this.#left = contentLength;
    } else this.#stage = "untilClose";
    if (end < bytes.length) this.#readBody(bytes, end);
  }

  #readBody(bytes: Uint8Array, from: number): void {
    if (this.#stage === "chunked") {
      this.#readChunks(bytes, from);
      return;
    }
    let end = bytes.length;
    if (this.#stage === "length") {
      end = Math.min(end, from + this.#left);
      this.#left -= end - from;
    }
    this.#target.pushed(partOf(bytes, from, end));
    // Whoever takes the bytes may want no more of them.
    if (this.#stage === "length" && this.#left === 0) this.#finish(bytes, end);
  }

  #readChunks(bytes: Uint8Array, from: number): void {
    const chunks = this.#chunks as ChunkDecoder;
    const at = chunks.decode(bytes, from);
    if (chunks.end > chunks.start) this.#target.pushed(partOf(bytes, chunks.start, chunks.end));
    if (chunks.isEnded && this.#stage === "chunked") this.#finish(bytes, at);
  }

  #finish(bytes: Uint8Array, at: number): void {
    this.#stage = "over";
    this.#target.finished(at < bytes.length ? "more" : "nothing");
  }
}
