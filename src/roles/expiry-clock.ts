import type { Clock } from "../core/ports/clock.ts";
import { SteadyClock } from "../limits/budgets/steady-clock.ts";

/** A jump of the wall clock forward that stands for so long was a correction, or sleep, and counts from then on. */
export const mostPatienceMilliseconds = 600_000;

export interface ExpiryClock extends Clock {
  /** The later of what the wall clock says and what has passed by any account: for times that other machines set. */
  latest(): number;
}

/**
 * What the end of keys and of saved answers is judged by: a wall clock that is set forward ends nothing at once, and one
 * that is set back brings nothing back to life. Unlike the clock of budgets it follows a jump in a few minutes, so that
 * no key outlives its time by as long as the machine slept.
 */
export const openExpiryClock = (clock: Clock): ExpiryClock => {
  const steady = new SteadyClock(clock, clock.wall(), mostPatienceMilliseconds);
  return {
    monotonic: () => clock.monotonic(),
    wall: steady.now,
    latest: () => Math.max(clock.wall(), steady.now()),
  };
};
