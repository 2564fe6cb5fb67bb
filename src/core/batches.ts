/** Takes the batches of a stream as they come. None of it may throw. */
export interface BatchSink<Piece> {
  /** Returns false where it wants no more until `resume()`. */
  push(batch: readonly Piece[]): boolean;
  /** The stream ended whole. The last call. */
  end(): void;
  /** The stream died. The last call. */
  fail(thrown: unknown): void;
}

/** The hold on a stream that is pushed. */
export interface BatchFlow {
  /** Goes on after `push` returned false. */
  resume(): void;
  /** Nothing more is wanted, and the sink is told nothing more. Waits for nobody. */
  cancel(): void;
}

/** The batches of one stream, to be pulled one by one, or, where it can, pushed: without a promise for each. */
export interface BatchIterator<Piece> extends AsyncIterator<readonly Piece[]> {
  /**
   * Pushes all that is still to come; called while no `next` is under way, and then neither `next` nor `return` is. The
   * sink is called later, never within.
   */
  drainTo?(sink: BatchSink<Piece>): BatchFlow;
}

/** A stream's batches: all that one read of the upstream's socket brought, each. They are read once. */
export interface Batches<Piece> {
  [Symbol.asyncIterator](): BatchIterator<Piece>;
}

/** Pulls where nothing is pushed. */
class Pump<Piece> implements BatchFlow {
  readonly #source: AsyncIterator<readonly Piece[]>;
  readonly #sink: BatchSink<Piece>;
  #state: "running" | "waiting" | "over" = "waiting";

  constructor(source: AsyncIterator<readonly Piece[]>, sink: BatchSink<Piece>) {
    this.#source = source;
    this.#sink = sink;
    this.resume();
  }

  resume(): void {
    if (this.#state !== "waiting") return;
    this.#state = "running";
    void this.#run();
  }

  cancel(): void {
    if (this.#state === "over") return;
    this.#state = "over";
    // Not awaited: an upstream that stays silent must not hold us.
    void Promise.resolve(this.#source.return?.()).catch(() => undefined);
  }

  async #run(): Promise<void> {
    while (this.#state === "running") {
      let step: IteratorResult<readonly Piece[]>;
      try {
        step = await this.#source.next();
      } catch (thrown) {
        if (this.#close()) this.#sink.fail(thrown);
        return;
      }
      if (this.#state !== "running") return;
      if (step.done) {
        if (this.#close()) this.#sink.end();
      } else if (!this.#sink.push(step.value)) this.#pause();
    }
  }

  #pause(): void {
    if (this.#state === "running") this.#state = "waiting";
  }

  #close(): boolean {
    if (this.#state === "over") return false;
    this.#state = "over";
    return true;
  }
}

/** Pushes what is still to come of a stream, whether or not it can do so itself. The sink is called later, never within. */
export const drainBatches = <Piece>(source: BatchIterator<Piece>, sink: BatchSink<Piece>): BatchFlow =>
  source.drainTo?.(sink) ?? new Pump(source, sink);
