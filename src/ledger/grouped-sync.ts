/**
 * Shares runs of `run` among those who wait: each waits for a run that began after it asked, and at most one runs at a
 * time. A failed run fails all who waited for it.
 */
export const createGroupedSync = (run: () => Promise<void>): (() => Promise<void>) => {
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  const start = (): Promise<void> => {
    next = undefined;
    running = run().finally(() => {
      running = undefined;
    });
    return running;
  };
  return () => {
    if (running === undefined) return start();
    // The run under way may have begun before the caller's append.
    next ??= running.then(start, start);
    return next;
  };
};
