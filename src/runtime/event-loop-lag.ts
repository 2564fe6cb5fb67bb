export interface EventLoopLagOptions {
  readonly intervalMilliseconds: number;
  /** How much later than asked for the timer fired: for so long, nothing else could be served. */
  readonly onLag: (milliseconds: number) => void;
}

export interface EventLoopLag {
  /** How late the loop is at this instant, the round of it that is still going on included. */
  current(): number;
  stop(): void;
}

/** Measures how late the event loop is, by one timer that keeps no program alive. */
export const watchEventLoop = ({ intervalMilliseconds, onLag }: EventLoopLagOptions): EventLoopLag => {
  let due = performance.now() + intervalMilliseconds;
  const current = (): number => Math.max(0, performance.now() - due);
  const timer = setInterval(() => {
    onLag(current());
    due = performance.now() + intervalMilliseconds;
  }, intervalMilliseconds);
  timer.unref();
  return { current, stop: () => clearInterval(timer) };
};
