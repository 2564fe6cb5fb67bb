import type { Batches } from "../core/batches.ts";
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

/** The batches of a streamed reply that is still to come: its failure is theirs. */
export const batchesOf = <Operation extends OperationName>(
  reply: Promise<Reply<Operation>>,
): Batches<PieceOf<Operation>> => ({
  [Symbol.asyncIterator]() {
    let isClosed = false;
    const opened = reply.then((come) => {
      if (come.kind !== "stream")
        throw new GatewayError("internal_error", "A whole answer came for a stream that had begun.");
      const iterator = come.batches[Symbol.asyncIterator]();
      if (isClosed) void Promise.resolve(iterator.return?.()).catch(() => undefined);
      return iterator;
    });
    // Nobody may be reading when it fails.
    opened.catch(() => undefined);
    return {
      next: async () => (await opened).next(),
      async return() {
        isClosed = true;
        // Not awaited: a reply may never come.
        void opened.then((iterator) => iterator.return?.()).catch(() => undefined);
        return { done: true, value: undefined };
      },
    };
  },
});
