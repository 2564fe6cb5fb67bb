import type { Attempt } from "../../core/attempt.ts";
import type { Batches, BatchIterator } from "../../core/batches.ts";
import type { Chunk, Completion } from "../../core/reply.ts";
import { streamOf } from "../../core/stream-of.ts";

/** An answer that came whole, as a stream. It counts as delivered once somebody reads it. */
export const replayed = (attempt: Attempt, completion: Completion): Batches<Chunk> => ({
  [Symbol.asyncIterator](): BatchIterator<Chunk> {
    let isRead = false;
    return {
      next() {
        if (isRead) return Promise.resolve({ done: true, value: undefined });
        isRead = true;
        attempt.deliver();
        return Promise.resolve({ done: false, value: streamOf(completion) });
      },
    };
  },
});
