export interface EventLoopLagOptions {
  readonly intervalMilliseconds: number;
  /** How much later than asked for the timer fired: for so long, nothing else could be served. */
  readonly onLag: (milliseconds: number) => void;
}

/** Measures how late the event loop is, by one timer that keeps no program alive. Returns what ends it. */
export const watchEventLoop = ({ intervalMilliseconds, onLag }: EventLoopLagOptions): (() => void) => {
  let due = performance.now() + intervalMilliseconds;
  const timer = setInterval(() => {
    const now = performance.now();
    onLag(Math.max(0, now - due));
    due = now + intervalMilliseconds;
  }, intervalMilliseconds);
  timer.unref();
  return () => clearInterval(timer);
};
