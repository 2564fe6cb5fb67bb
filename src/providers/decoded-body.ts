import { type BatchFlow, type BatchIterator, type BatchSink, drainBatches } from "../core/batches.ts";
import type { CancelSignal } from "../core/cancel.ts";
import { GatewayError } from "../core/errors.ts";
import { type FrameSplitter, openFrames } from "../core/frames.ts";
import type { Target } from "../core/model.ts";
import type { Frame, StreamDecoder } from "../core/ports/provider.ts";
import type { BodyFlow, BodySink, WireResponse } from "../core/ports/transport.ts";
import type { InvokeLimits } from "./invocation.ts";
import { cutShort } from "./read-body.ts";

const none: readonly never[] = [];
const over: IteratorResult<never> = { done: true, value: undefined };

/** Mostly a read brings one frame, whose pieces are given as they are. */
const decodeAll = <Piece>(frames: readonly Frame[], decoder: StreamDecoder<Piece>): readonly Piece[] => {
  const [only] = frames;
  if (only === undefined) return none;
  if (frames.length === 1) return decoder.ended ? none : decoder.push(only);
  const pieces: Piece[] = [];
  for (const frame of frames) if (!decoder.ended) pieces.push(...decoder.push(frame));
  return pieces;
};

export interface DecodedBodyOptions {
  readonly target: Target;
  readonly limits: InvokeLimits;
  readonly signal: CancelSignal;
  readonly framing: "sse" | "ndjson";
  /** What a decoder throws may hold the provider's words: makes it fit to be told. */
  readonly explain?: (thrown: unknown) => unknown;
}

/**
 * Frames of a body, decoded batch by batch. A plain iterator: a generator's `return` hangs on a silent upstream. Where
 * the transport pushes, what is still to come can be pushed on.
 */
export class DecodedBody<Piece> implements BatchIterator<Piece>, BodySink, BatchFlow {
  readonly #response: WireResponse;
  readonly #decoder: StreamDecoder<Piece>;
  readonly #options: DecodedBodyOptions;
  readonly #splitter: FrameSplitter;
  #bytes: AsyncIterator<Uint8Array> | undefined;
  #flow: BodyFlow | undefined;
  #sink: BatchSink<Piece> | undefined;
  #silentBytes = 0;
  #isOver = false;

  constructor(response: WireResponse, decoder: StreamDecoder<Piece>, options: DecodedBodyOptions) {
    this.#response = response;
    this.#decoder = decoder;
    this.#options = options;
    this.#splitter = openFrames(options.framing, { maxCharacters: options.limits.maxFrameCharacters });
  }

  [Symbol.asyncIterator](): BatchIterator<Piece> {
    return this;
  }

  async next(): Promise<IteratorResult<readonly Piece[]>> {
    this.#bytes ??= this.#response.body[Symbol.asyncIterator]();
    while (!this.#isOver) {
      let result: IteratorResult<Uint8Array>;
      try {
        result = await this.#bytes.next();
      } catch (cause) {
        throw this.#cut(cause);
      }
      if (result.done) this.#isOver = true;
      const batch = result.done ? this.#last() : this.#decode(result.value);
      if (this.#decoder.ended) this.#close();
      if (batch.length > 0) return { done: false, value: batch };
    }
    return over;
  }

  async return(): Promise<IteratorResult<readonly Piece[]>> {
    this.#close();
    return over;
  }

  drainTo(sink: BatchSink<Piece>): BatchFlow {
    const { consume } = this.#response;
    if (consume === undefined || this.#isOver)
      return drainBatches({ next: () => this.next(), return: () => this.return() }, sink);
    this.#sink = sink;
    this.#flow = this.#response.consume?.(this);
    return this;
  }

  data(bytes: Uint8Array): boolean {
    if (this.#isOver) return true;
    const sink = this.#sink as BatchSink<Piece>;
    let batch: readonly Piece[];
    try {
      batch = this.#decode(bytes);
    } catch (thrown) {
      this.#close();
      sink.fail(thrown);
      return true;
    }
    const wantsMore = batch.length === 0 || sink.push(batch);
    if (this.#isOver || !this.#decoder.ended) return wantsMore;
    this.#close();
    sink.end();
    return true;
  }

  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const sink = this.#sink as BatchSink<Piece>;
    let batch: readonly Piece[];
    try {
      batch = this.#last();
    } catch (thrown) {
      sink.fail(thrown);
      return;
    }
    if (batch.length > 0) sink.push(batch);
    sink.end();
  }

  fail(error: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#sink?.fail(this.#cut(error));
  }

  resume(): void {
    if (!this.#isOver) this.#flow?.resume();
  }

  cancel(): void {
    if (!this.#isOver) this.#close();
  }

  /** What some bytes bring. Throws on what is not in the wire format, and where too much says nothing. */
  #decode(bytes: Uint8Array): readonly Piece[] {
    const { limits, target } = this.#options;
    const batch = this.#pieces(this.#splitter.push(bytes), "more");
    if (batch.length > 0) {
      this.#silentBytes = 0;
      return batch;
    }
    this.#silentBytes += bytes.length;
    if (this.#silentBytes <= limits.maxSilentBytes) return none;
    this.#close();
    throw new GatewayError(
      "upstream_invalid_response",
      `Provider '${target.provider}' sent ${this.#silentBytes} bytes without content.`,
      { provider: target.provider },
    );
  }

  /** What the body's end brings. */
  #last(): readonly Piece[] {
    return this.#pieces(this.#splitter.end(), "none");
  }

  /** What frames bring, and with the last of them what the decoder kept back. */
  #pieces(frames: readonly Frame[], follows: "more" | "none"): readonly Piece[] {
    try {
      const pieces = decodeAll(frames, this.#decoder);
      if (follows === "more" && !this.#decoder.ended) return pieces;
      const rest = this.#decoder.end();
      return rest.length === 0 ? pieces : [...pieces, ...rest];
    } catch (thrown) {
      const { explain } = this.#options;
      throw explain === undefined ? thrown : explain(thrown);
    }
  }

  #cut(cause: unknown): unknown {
    const { signal, target } = this.#options;
    return signal.aborted ? signal.reason : cutShort(target, cause);
  }

  #close(): void {
    this.#isOver = true;
    const flow = this.#flow;
    // Later: the body's own end mostly comes with what told that nothing more is wanted, and then the connection is kept.
    if (flow !== undefined) queueMicrotask(() => flow.cancel());
    // Not awaited: an upstream that stays silent must not hold us.
    else void Promise.resolve(this.#bytes?.return?.()).catch(() => undefined);
  }
}
