import { Fold, type FoldOptions, type FoldReport } from "./fold.ts";

export interface FolderOptions extends FoldOptions {
  /** How long it waits after a fold; 100 where absent. */
  readonly intervalMilliseconds?: number;
  /** Ends the loop as {@link Folder.stop} does. */
  readonly signal?: AbortSignal;
  /** Told of a fold that failed (the database is locked, the disk full): it is tried again. */
  readonly onError: (error: unknown) => void;
  /** Told of the first fold that succeeds after one that failed. */
  readonly onRecovered?: () => void;
}

export interface Folder {
  /** Takes in all that was appended before the call. Throws GatewayError `storage_unavailable`. */
  foldOnce(): Promise<FoldReport>;
  /** Ends the loop after one last fold; rejects where that failed (its records stay in the journal). */
  stop(): Promise<FoldReport>;
}

const defaultIntervalMilliseconds = 100;

/** Folds a directory's journals again and again, until it is stopped. */
export const startFolder = (options: FolderOptions): Folder => {
  const { intervalMilliseconds = defaultIntervalMilliseconds, signal, onError, onRecovered } = options;
  const fold = new Fold(options);
  let last: Promise<unknown> = Promise.resolve();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped: Promise<FoldReport> | undefined;

  // One after the other: a run that began before the request may have missed the newest records.
  const foldOnce = (): Promise<FoldReport> => {
    const run = last.then(fold.run, fold.run);
    last = run;
    return run;
  };
  let hasFailed = false;
  const fail = (error: unknown): void => {
    hasFailed = true;
    onError(error);
  };
  const succeed = (): void => {
    if (hasFailed) onRecovered?.();
    hasFailed = false;
  };
  const tick = (): void => {
    foldOnce()
      .then(succeed, fail)
      .finally(() => {
        if (stopped === undefined) timer = setTimeout(tick, intervalMilliseconds);
      });
  };
  const stop = (): Promise<FoldReport> => {
    clearTimeout(timer);
    stopped ??= foldOnce();
    return stopped;
  };

  signal?.addEventListener("abort", () => void stop().catch(onError), { once: true });
  tick();
  return { foldOnce, stop };
};
