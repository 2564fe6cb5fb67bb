/** So many starts in a row may come to nothing. */
const mostFailedStarts = 5;
/** Who lived for so long is started again at once, as is one that dies for the first time. */
const longLifeMilliseconds = 10_000;
const firstPauseMilliseconds = 100;
const longestPauseMilliseconds = 5_000;

const pauseAfter = (times: number): number =>
  times === 0 ? 0 : Math.min(longestPauseMilliseconds, firstPauseMilliseconds * 2 ** (times - 1));

/** How long to wait before a worker that ended is started again: longer each time, where it keeps ending. */
export class Restarts {
  readonly #now: () => number;
  #failedStarts = 0;
  #shortLives = 0;
  #readyAt = 0;

  /** `now` is monotonic, in milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  noteReady(): void {
    this.#readyAt = this.#now();
    this.#failedStarts = 0;
  }

  /** It ended after it had been ready. Gives the pause before the next start, in milliseconds. */
  noteEnded(): number {
    if (this.#now() - this.#readyAt >= longLifeMilliseconds) this.#shortLives = 0;
    const pause = pauseAfter(this.#shortLives);
    this.#shortLives += 1;
    return pause;
  }

  /** It ended before it was ready. Gives the pause before the next start; undefined where there should be none. */
  noteFailedStart(): number | undefined {
    this.#failedStarts += 1;
    return this.#failedStarts >= mostFailedStarts ? undefined : pauseAfter(this.#failedStarts);
  }
}
