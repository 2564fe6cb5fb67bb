import type { CancelController } from "../core/cancel.ts";
import { GatewayError } from "../core/errors.ts";
import { setAlarm } from "./alarms.ts";

/** Aborts an attempt when what is awaited does not come in time. Two timers, however many pieces come. */
export interface Deadline {
  /** Begins to wait for something else, for so long. */
  expect(what: string, milliseconds: number): void;
  /** Somebody waits from now on. */
  ask(): void;
  /** It came. Until somebody asks for more, nothing is awaited: a slow reader is not the upstream's fault. */
  receive(): void;
  stop(): void;
}

export interface DeadlineOptions {
  readonly controller: Pick<CancelController, "abort">;
  readonly provider: string;
  /** A monotonic clock, milliseconds. */
  readonly now: () => number;
  /** How long the attempt may take in all, whatever comes. */
  readonly totalMilliseconds: number;
}

export const openDeadline = ({ controller, provider, now, totalMilliseconds }: DeadlineOptions): Deadline => {
  let awaited = "";
  let limit = 0;
  let since = 0;
  let isAwaited = true;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const miss = (what: string, milliseconds: number): void =>
    controller.abort(
      new GatewayError(
        "upstream_timeout",
        `Provider '${provider}' sent no ${what} within ${Math.round(milliseconds)} ms.`,
        {
          provider,
        },
      ),
    );
  const total = setAlarm(totalMilliseconds, () => miss("whole answer", totalMilliseconds));
  const check = (): void => {
    const left = isAwaited ? since + limit - now() : limit;
    if (left > 0.5) timer = setTimeout(check, left);
    else miss(awaited, limit);
  };
  return {
    expect(what, milliseconds) {
      clearTimeout(timer);
      awaited = what;
      limit = milliseconds;
      since = now();
      isAwaited = true;
      timer = setTimeout(check, milliseconds);
    },
    ask() {
      since = now();
      isAwaited = true;
    },
    receive() {
      isAwaited = false;
    },
    stop() {
      if (timer !== undefined) clearTimeout(timer);
      total.cancel();
    },
  };
};
