import { type Batches, drainBatches } from "../../src/core/batches.ts";

/** Has a stream pushed, by a sink that is full at every second batch. Gives all; throws what the stream died of. */
export const drainAll = <Piece>(batches: Batches<Piece>, onBatch: (batch: readonly Piece[]) => void): Promise<void> =>
  new Promise((resolve, reject) => {
    let count = 0;
    let isFull = false;
    const flow = drainBatches(batches[Symbol.asyncIterator](), {
      push(batch) {
        if (isFull) reject(new Error("A batch was pushed into a sink that was full."));
        onBatch(batch);
        count += 1;
        isFull = count % 2 === 0;
        if (isFull)
          queueMicrotask(() => {
            isFull = false;
            flow.resume();
          });
        return !isFull;
      },
      end: resolve,
      fail: reject,
    });
  });
