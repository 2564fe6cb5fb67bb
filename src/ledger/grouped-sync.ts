export interface GroupedSyncOptions {
  readonly run: () => Promise<void>;
  /** Rises with each append; a run covers what was counted when it began. */
  readonly count: () => number;
}

/**
 * Shares runs of `run` among those who wait: each waits for one that began after its append, and at most one runs at a
 * time. A failed run fails all who waited for it.
 */
export const createGroupedSync = ({ run, count }: GroupedSyncOptions): (() => Promise<void>) => {
  let running: { readonly promise: Promise<void>; readonly covers: number } | undefined;
  let next: Promise<void> | undefined;
  const start = (): Promise<void> => {
    next = undefined;
    const covers = count();
    const promise = run().finally(() => {
      running = undefined;
    });
    running = { promise, covers };
    return promise;
  };
  return () => {
    if (running === undefined) return start();
    if (running.covers >= count()) return running.promise;
    next ??= running.promise.then(start, start);
    return next;
  };
};
