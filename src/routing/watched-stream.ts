import type { Attempt } from "../core/attempt.ts";
import { type BatchFlow, type BatchIterator, type BatchSink, drainBatches } from "../core/batches.ts";
import { chunkText } from "../core/delivered-text.ts";
import { GatewayError } from "../core/errors.ts";
import { type Chunk, isContent } from "../core/reply.ts";

/** Who is told how a stream goes. Of its endings each is told at most once, and one of them alone. */
export interface StreamOwner {
  /** The reader wants a batch; what came before is with it. */
  asked(): void;
  /** A batch came, and the reader has not asked for more. */
  received(): void;
  done(): void;
  /** Gives the error that the reader sees. */
  failed(thrown: unknown): GatewayError;
  /** The reader wants no more; the upstream is aborted here, before the source is closed. */
  left(): void;
}

type Batch = readonly Chunk[];
type Step = IteratorResult<Batch>;
const over: Step = { done: true, value: undefined };

const isBeginning = (chunk: Chunk): boolean => isContent(chunk) || chunk.type === "finish";

/** The batches of one attempt. Notes of each what the ledger needs, and how the stream ended. */
export class WatchedStream implements BatchIterator<Chunk>, BatchSink<Chunk>, BatchFlow {
  readonly #source: BatchIterator<Chunk>;
  readonly #attempt: Attempt;
  readonly #owner: StreamOwner;
  /** What came until there was content, and is not read yet. */
  #held: Batch[] = [];
  #sink: BatchSink<Chunk> | undefined;
  #flow: BatchFlow | undefined;
  /** "ended": whole, and what is held is still to be read. */
  #state: "open" | "ended" | "over" = "open";
  #isEmpty = true;

  constructor(source: BatchIterator<Chunk>, attempt: Attempt, owner: StreamOwner) {
    this.#source = source;
    this.#attempt = attempt;
    this.#owner = owner;
  }

  [Symbol.asyncIterator](): BatchIterator<Chunk> {
    return this;
  }

  /**
   * Reads until the first content: before it a stream has not begun, and another target can still answer. Throws what
   * the stream throws. A stream that ends whole without any content is an answer too: an empty one.
   */
  async begin(): Promise<void> {
    for (;;) {
      const { done, value } = await this.#read();
      if (done) break;
      this.#held.push(value);
      if (value.some(isBeginning)) return;
    }
  }

  next(): Promise<Step> {
    const batch = this.#held.shift();
    return batch === undefined ? this.#read() : Promise.resolve({ done: false, value: batch });
  }

  return(): Promise<Step> {
    this.cancel();
    return Promise.resolve(over);
  }

  drainTo(sink: BatchSink<Chunk>): BatchFlow {
    this.#sink = sink;
    queueMicrotask(() => this.resume());
    return this;
  }

  /** The source's side. */
  push(batch: Batch): boolean {
    const sink = this.#sink;
    if (this.#state !== "open" || sink === undefined) return true;
    this.#note(batch);
    const wantsMore = sink.push(batch);
    if (wantsMore) this.#owner.asked();
    else this.#owner.received();
    return wantsMore;
  }

  /** The source's side. */
  end(): void {
    if (this.#state !== "open") return;
    this.#state = "over";
    this.#owner.done();
    this.#sink?.end();
  }

  /** The source's side. */
  fail(thrown: unknown): void {
    if (this.#state !== "open") return;
    this.#state = "over";
    this.#sink?.fail(this.#owner.failed(thrown));
  }

  resume(): void {
    const sink = this.#sink;
    if (sink === undefined || this.#state === "over") return;
    for (let batch = this.#held.shift(); batch !== undefined; batch = this.#held.shift()) if (!sink.push(batch)) return;
    if (this.#state === "ended") {
      this.#state = "over";
      sink.end();
    }
    if (this.#state !== "open") return;
    this.#owner.asked();
    if (this.#flow === undefined) this.#flow = drainBatches(this.#source, this);
    else this.#flow.resume();
  }

  cancel(): void {
    this.#held = [];
    const wasOpen = this.#state === "open";
    this.#state = "over";
    if (!wasOpen) return;
    this.#owner.left();
    if (this.#flow !== undefined) this.#flow.cancel();
    else void Promise.resolve(this.#source.return?.()).catch(() => undefined);
  }

  async #read(): Promise<Step> {
    if (this.#state !== "open") return over;
    try {
      this.#owner.asked();
      const step = await this.#source.next();
      if (step.done) {
        if (this.#isEmpty)
          throw new GatewayError("upstream_invalid_response", "The upstream ended its answer before it began.");
        this.#state = "ended";
        this.#owner.done();
        return over;
      }
      this.#isEmpty = false;
      this.#owner.received();
      this.#note(step.value);
      return step;
    } catch (thrown) {
      this.#state = "over";
      throw this.#owner.failed(thrown);
    }
  }

  #note(batch: Batch): void {
    for (const chunk of batch) {
      if (chunk.type === "usage") this.#attempt.usage(chunk.usage);
      else if (isContent(chunk)) this.#attempt.content(chunkText(chunk));
      else if (chunk.type === "finish" && chunk.choice === 0) this.#attempt.finished(chunk.reason);
    }
  }
}
