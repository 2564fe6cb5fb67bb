import type { StreamPacing } from "./edge.ts";

export interface StreamWatchOptions {
  readonly pacing: Pick<StreamPacing, "keepAliveMilliseconds" | "stalledMilliseconds">;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
  /** The client has waited for so long; told again each time that it has. */
  readonly onSilent: () => void;
  /** The client has taken nothing for so long. Told once. */
  readonly onStalled: () => void;
}

/** Slack of a timer that fires early by a fraction. */
const slackMilliseconds = 0.5;

/** Watches one stream to a client for silence of either side. One timer, however many pieces pass. */
export class StreamWatch {
  readonly #options: StreamWatchOptions;
  #isAwaited = false;
  #isStopped = false;
  #since: number;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: StreamWatchOptions) {
    this.#options = options;
    this.#since = options.now();
    this.#arm(options.pacing.stalledMilliseconds);
  }

  /** The client waits for something. */
  awaited(): void {
    this.#isAwaited = true;
    this.#since = this.#options.now();
  }

  /** Something was handed over, and the client has not asked for more. */
  given(): void {
    this.#isAwaited = false;
    this.#since = this.#options.now();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  #arm(left: number): void {
    const { keepAliveMilliseconds, stalledMilliseconds } = this.#options.pacing;
    // The state may change to the one with the shorter limit without a word, so no wait is longer than that.
    this.#timer = setTimeout(() => this.#check(), Math.min(left, keepAliveMilliseconds, stalledMilliseconds));
  }

  #check(): void {
    const { pacing, now, onSilent, onStalled } = this.#options;
    const { keepAliveMilliseconds, stalledMilliseconds } = pacing;
    const left = this.#since + (this.#isAwaited ? keepAliveMilliseconds : stalledMilliseconds) - now();
    if (left > slackMilliseconds) this.#arm(left);
    else if (!this.#isAwaited) onStalled();
    else {
      this.#since = now();
      onSilent();
      if (!this.#isStopped) this.#arm(keepAliveMilliseconds);
    }
  }
}
