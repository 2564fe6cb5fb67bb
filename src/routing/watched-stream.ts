import type { Attempt } from "../core/attempt.ts";
import { GatewayError, toGatewayError } from "../core/errors.ts";
import { type Chunk, isContent } from "../core/reply.ts";

export interface WatchOptions {
  readonly attempt: Attempt;
  /** Told of every batch: something came. */
  readonly onBatch: () => void;
  /** Told once, however the stream ends. */
  readonly onEnd: () => void;
  /** Aborts the upstream; called before the source is closed. */
  readonly abort: () => void;
}

const charactersOf = (chunk: Chunk): number => {
  if (chunk.type === "text" || chunk.type === "reasoning" || chunk.type === "refusal") return chunk.text.length;
  return chunk.type === "toolCall" ? chunk.arguments.length + (chunk.name?.length ?? 0) : 0;
};

const watch = (attempt: Attempt, batch: readonly Chunk[]): void => {
  for (const chunk of batch) {
    if (chunk.type === "usage") attempt.usage(chunk.usage);
    else if (isContent(chunk)) attempt.content(charactersOf(chunk));
  }
};

type Source = AsyncIterator<readonly Chunk[]>;

/** Notes of every batch what the ledger needs, and how the stream ended. */
export const watchStream = (source: Source, options: WatchOptions): Source => {
  const { attempt, onBatch, onEnd, abort } = options;
  return {
    async next() {
      try {
        const result = await source.next();
        if (result.done) {
          attempt.end("ok");
          onEnd();
          return result;
        }
        onBatch();
        watch(attempt, result.value);
        return result;
      } catch (thrown) {
        const error = toGatewayError(thrown);
        attempt.end(error.code === "client_closed_request" ? "aborted" : "error", error);
        onEnd();
        throw error;
      }
    },
    async return() {
      abort();
      attempt.end("aborted");
      onEnd();
      void Promise.resolve(source.return?.()).catch(() => undefined);
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
      next: async () => {
        const batch = held.shift();
        if (batch !== undefined) return { done: false, value: batch };
        return isDone ? { done: true, value: undefined } : source.next();
      },
      return: async () => (await source.return?.()) ?? { done: true, value: undefined },
    }),
  };
};
