/** What has something to write when the loop has gone round. */
export interface Flushed {
  flush(): void;
}

let waiting: Flushed[] = [];

const flushAll = (): void => {
  const all = waiting;
  waiting = [];
  for (const one of all) one.flush();
};

/**
 * Flushes what has come together by then, when all that happens at once has happened. One turn of the loop for all, since
 * each costs something.
 */
export const flushSoon = (one: Flushed): void => {
  if (waiting.push(one) === 1) setImmediate(flushAll);
};
