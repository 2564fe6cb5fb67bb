import { type Batches, type BatchFlow, type BatchIterator, type BatchSink, drainBatches } from "../core/batches.ts";
import type { Reply } from "../core/call.ts";
import { GatewayError } from "../core/errors.ts";
import type { OperationName, PieceOf } from "../core/operations.ts";

/** The reply where it comes in time; `late` where it does not, and the promise goes on. 0 waits for ever. */
export const replyWithin = <Answer>(reply: Promise<Answer>, milliseconds: number): Promise<Answer | "late"> => {
  if (milliseconds === 0) return reply;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve("late"), milliseconds);
    const settle = () => clearTimeout(timer);
    reply.then(resolve, reject).finally(settle);
  });
};

/** A stream that is still to come. */
class ComingBatches<Piece> implements BatchIterator<Piece>, BatchFlow {
  readonly #opened: Promise<BatchIterator<Piece>>;
  #flow: BatchFlow | undefined;
  #isClosed = false;

  constructor(opened: Promise<BatchIterator<Piece>>) {
    this.#opened = opened;
    // Nobody may be reading when it fails.
    opened.catch(() => undefined);
  }

  async next(): Promise<IteratorResult<readonly Piece[]>> {
    return (await this.#opened).next();
  }

  return(): Promise<IteratorResult<readonly Piece[]>> {
    this.cancel();
    return Promise.resolve({ done: true, value: undefined });
  }

  drainTo(sink: BatchSink<Piece>): BatchFlow {
    this.#opened.then(
      (iterator) => {
        if (!this.#isClosed) this.#flow = drainBatches(iterator, sink);
      },
      (thrown) => {
        if (!this.#isClosed) sink.fail(thrown);
      },
    );
    return this;
  }

  resume(): void {
    this.#flow?.resume();
  }

  cancel(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    // Not awaited: a reply may never come.
    if (this.#flow !== undefined) this.#flow.cancel();
    else void this.#opened.then((iterator) => iterator.return?.()).catch(() => undefined);
  }
}

/** The batches of a streamed reply that is still to come: its failure is theirs. */
export const batchesOf = <Operation extends OperationName>(
  reply: Promise<Reply<Operation>>,
): Batches<PieceOf<Operation>> => ({
  [Symbol.asyncIterator]: () =>
    new ComingBatches(
      reply.then((come) => {
        if (come.kind === "stream") return come.batches[Symbol.asyncIterator]();
        throw new GatewayError("internal_error", "A whole answer came for a stream that had begun.");
      }),
    ),
});
