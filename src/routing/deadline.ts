import type { CancelController } from "../core/cancel.ts";
import { GatewayError } from "../core/errors.ts";
import type { Clock } from "../core/ports/clock.ts";
import { type Alarm, setAlarm } from "./alarms.ts";

export interface DeadlineOptions {
  readonly controller: Pick<CancelController, "abort">;
  readonly provider: string;
  readonly clock: Pick<Clock, "monotonic">;
  /** How long the attempt may take in all, whatever comes. */
  readonly totalMilliseconds: number;
}

/** Aborts an attempt when what is awaited does not come in time. Two timers at most, however many pieces come. */
export class Deadline {
  readonly #options: DeadlineOptions;
  readonly #total: Alarm;
  #awaited = "";
  #limit = 0;
  #since = 0;
  #isAwaited = true;
  #isStopped = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: DeadlineOptions) {
    this.#options = options;
    const { totalMilliseconds } = options;
    this.#total = setAlarm(totalMilliseconds, () => this.#miss("whole answer", totalMilliseconds));
  }

  /** Begins to wait for something else, for so long; once stopped, for nothing any more. */
  expect(what: string, milliseconds: number): void {
    if (this.#isStopped) return;
    clearTimeout(this.#timer);
    this.#awaited = what;
    this.#limit = milliseconds;
    this.ask();
    this.#checkAfter(milliseconds);
  }

  /** Somebody waits from now on. */
  ask(): void {
    this.#since = this.#options.clock.monotonic();
    this.#isAwaited = true;
  }

  /** It came. Until somebody asks for more, nothing is awaited: a slow reader is not the upstream's fault. */
  receive(): void {
    this.#isAwaited = false;
  }

  stop(): void {
    this.#isStopped = true;
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#total.cancel();
  }

  #checkAfter(milliseconds: number): void {
    this.#timer = setTimeout(() => this.#check(), milliseconds);
  }

  #check(): void {
    const limit = this.#limit;
    const left = this.#isAwaited ? this.#since + limit - this.#options.clock.monotonic() : limit;
    if (left > 0.5) this.#checkAfter(left);
    else this.#miss(this.#awaited, limit);
  }

  #miss(what: string, milliseconds: number): void {
    const { controller, provider } = this.#options;
    const text = `Provider '${provider}' sent no ${what} within ${Math.round(milliseconds)} ms.`;
    controller.abort(new GatewayError("upstream_timeout", text, { provider }));
  }
}
