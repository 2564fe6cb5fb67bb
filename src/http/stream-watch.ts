/** Watches one stream to a client for silence of either side. One timer, however many pieces pass. */
export interface StreamWatch {
  /** The client waits for something. */
  awaited(): void;
  /** Something was handed over, and the client has not asked for more. */
  given(): void;
  stop(): void;
}

export interface StreamWatchOptions {
  readonly keepAliveMilliseconds: number;
  readonly stalledMilliseconds: number;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
  /** The client has waited for so long; told again each time that it has. */
  readonly onSilent: () => void;
  /** The client has taken nothing for so long. Told once. */
  readonly onStalled: () => void;
}

/** Slack of a timer that fires early by a fraction. */
const slackMilliseconds = 0.5;

export const watchStreaming = (options: StreamWatchOptions): StreamWatch => {
  const { keepAliveMilliseconds, stalledMilliseconds, now, onSilent, onStalled } = options;
  let isAwaited = false;
  let isStopped = false;
  let since = now();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const arm = (left: number): void => {
    // The state may change to the one with the shorter limit without a word, so no wait is longer than that.
    timer = setTimeout(check, Math.min(left, keepAliveMilliseconds, stalledMilliseconds));
  };
  const check = (): void => {
    const left = since + (isAwaited ? keepAliveMilliseconds : stalledMilliseconds) - now();
    if (left > slackMilliseconds) arm(left);
    else if (!isAwaited) onStalled();
    else {
      since = now();
      onSilent();
      if (!isStopped) arm(keepAliveMilliseconds);
    }
  };
  arm(stalledMilliseconds);
  return {
    awaited() {
      isAwaited = true;
      since = now();
    },
    given() {
      isAwaited = false;
      since = now();
    },
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
};
