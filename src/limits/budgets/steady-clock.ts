import type { Clock } from "../../core/ports/clock.ts";

/**
 * The clock of periods: it begins at the wall clock's time and goes on by the monotonic one, so that setting the wall
 * clock neither ends a period nor begins one again. A jump of the wall clock forward is believed when as much time has
 * passed and it still stands; one backward never. Time that the machine slept comes in the same way.
 */
export class SteadyClock {
  readonly #clock: Clock;
  #time: number;
  #readAt: number;
  #jump: { by: number; readonly since: number } | undefined;

  readonly #mostPatience: number;

  /**
   * `start`, in milliseconds since 1970: where another process has the time already. `mostPatienceMilliseconds`: after so
   * long any jump forward is believed, however large.
   */
  constructor(clock: Clock, start = clock.wall(), mostPatienceMilliseconds = Number.POSITIVE_INFINITY) {
    this.#mostPatience = mostPatienceMilliseconds;
    this.#clock = clock;
    this.#time = start;
    this.#readAt = clock.monotonic();
  }

  /** Milliseconds since 1970, whole; never less than before. */
  now = (): number => {
    const monotonic = this.#clock.monotonic();
    this.#time += monotonic - this.#readAt;
    this.#readAt = monotonic;
    this.#follow(this.#clock.wall() - this.#time, monotonic);
    return Math.floor(this.#time);
  };

  /** Begins again at the wall clock's time: nobody has gone by this clock until now. */
  restart(): void {
    this.#time = this.#clock.wall();
    this.#readAt = this.#clock.monotonic();
    this.#jump = undefined;
  }

  /** It is later than this somewhere: in the ledger, or in the process that all others ask. */
  atLeast(time: number): void {
    if (time > this.now()) this.#time = time;
  }

  #follow(ahead: number, monotonic: number): void {
    if (ahead <= 0) this.#jump = undefined;
    else if (this.#jump === undefined) this.#jump = { by: ahead, since: monotonic };
    else {
      this.#jump.by = Math.min(this.#jump.by, ahead);
      if (monotonic - this.#jump.since < Math.min(this.#jump.by, this.#mostPatience)) return;
      this.#time += this.#jump.by;
      this.#jump = undefined;
    }
  }
}
