import type { Attempt } from "../core/attempt.ts";
import { chunkText } from "../core/delivered-text.ts";
import { GatewayError } from "../core/errors.ts";
import { type Chunk, isContent } from "../core/reply.ts";

export interface WatchOptions {
  readonly attempt: Attempt;
  /** Told when the reader wants a batch, and when it came. */
  readonly onAsk: () => void;
  readonly onBatch: () => void;
  /** Told how the stream ended; each is called at most once, and one of them alone. */
  readonly onDone: () => void;
  /** Gives the error that the reader sees. */
  readonly onFailed: (thrown: unknown) => GatewayError;
  /** The reader wants no more; the upstream is aborted here, before the source is closed. */
  readonly onLeft: () => void;
}

const watch = (attempt: Attempt, batch: readonly Chunk[]): void => {
  for (const chunk of batch) {
    if (chunk.type === "usage") attempt.usage(chunk.usage);
    else if (isContent(chunk)) attempt.content(chunkText(chunk));
  }
};

/** The batches of one attempt. */
export type Source = AsyncIterator<readonly Chunk[]>;

/** Notes of every batch what the ledger needs, and how the stream ended. */
export const watchStream = (source: Source, options: WatchOptions): Source => {
  const { attempt, onAsk, onBatch, onDone, onFailed, onLeft } = options;
  let isOver = false;
  return {
    async next() {
      if (isOver) return { done: true, value: undefined };
      try {
        onAsk();
        const result = await source.next();
        if (result.done) {
          isOver = true;
          onDone();
          return result;
        }
        onBatch();
        watch(attempt, result.value);
        return result;
      } catch (thrown) {
        isOver = true;
        throw onFailed(thrown);
      }
    },
    async return() {
      if (!isOver) {
        isOver = true;
        onLeft();
        void Promise.resolve(source.return?.()).catch(() => undefined);
      }
      return { done: true, value: undefined };
    },
  };
};

/**
 * Reads until the first content: before it a stream has not begun, and another target can still answer. Throws what
 * the stream throws. A stream that ends whole without any content is an answer too: an empty one.
 */
export const awaitFirstContent = async (source: Source): Promise<AsyncIterable<readonly Chunk[]>> => {
  const held: (readonly Chunk[])[] = [];
  let isDone = false;
  for (;;) {
    const { done, value } = await source.next();
    if (done) {
      isDone = true;
      break;
    }
    held.push(value);
    if (value.some((chunk) => isContent(chunk) || chunk.type === "finish")) break;
  }
  if (isDone && held.length === 0)
    throw new GatewayError("upstream_invalid_response", "The upstream ended its answer before it began.");
  return {
    [Symbol.asyncIterator]: () => ({
      next: () => {
        const batch = held.shift();
        if (batch !== undefined) return Promise.resolve({ done: false, value: batch });
        return isDone ? Promise.resolve({ done: true, value: undefined }) : source.next();
      },
      return: async () => (await source.return?.()) ?? { done: true, value: undefined },
    }),
  };
};
