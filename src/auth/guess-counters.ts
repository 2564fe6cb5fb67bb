import { BoundedMap } from "../core/bounded-map.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Guesses, GuessTally } from "../core/ports/guesses.ts";

const windowMilliseconds = 60_000;
const mostAddresses = 10_000;

interface Counter {
  count: number;
  /** Where the current minute began, and how many failures the one before had. */
  since: number;
  before: number;
}

const newCounter = (now: number): Counter => ({ count: 0, since: now, before: 0 });

/** Failures of the last minute: those of this one, and of the one before as much as is still within. */
const note = (counter: Counter, now: number): number => {
  const passed = now - counter.since;
  if (passed >= windowMilliseconds) {
    counter.before = passed < 2 * windowMilliseconds ? counter.count : 0;
    counter.count = 0;
    counter.since = passed < 2 * windowMilliseconds ? counter.since + windowMilliseconds : now;
  }
  counter.count += 1;
  const left = 1 - (now - counter.since) / windowMilliseconds;
  return counter.count + counter.before * left;
};

/** Failures to authenticate, counted in this process. */
export class GuessCounters implements Guesses {
  readonly #ofAddress = new BoundedMap<string, Counter>(mostAddresses);
  readonly #all: Counter;
  readonly #clock: Pick<Clock, "monotonic">;

  constructor(clock: Pick<Clock, "monotonic">) {
    this.#clock = clock;
    this.#all = newCounter(clock.monotonic());
  }

  note(address: string): GuessTally {
    const now = this.#clock.monotonic();
    const counter = this.#ofAddress.getOrMake(address, () => newCounter(now));
    return { ofAddress: note(counter, now), inAll: note(this.#all, now) };
  }
}
