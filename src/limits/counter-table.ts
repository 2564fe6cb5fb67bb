import type { Claim } from "../core/ports/limits.ts";
import { WindowCounter } from "./window-counter.ts";

/** What is counted for one scope, subject and window. */
export interface Counter {
  readonly requests: WindowCounter;
  readonly tokens: WindowCounter;
  /** Calls that have not ended. */
  open: number;
}

const usualLimit = 10_000;
/** Names of models come from clients, and may be as long as a request. */
const longestSubject = 500;
/** So many of the longest unseen are looked at for each that is wanted: what is over is found before it is in the way. */
const looksEach = 2;

const isIdle = ({ requests, tokens, open }: Counter, now: number): boolean =>
  open === 0 && requests.used(now) === 0 && tokens.used(now) === 0;

/**
 * Counters by scope, subject and window. Subjects come from outside, so their number is bounded, and one that still
 * counts must not be forgotten: where there is no place, all further subjects of a scope and window share one counter,
 * and so do all whose names are too long.
 */
export class CounterTable {
  readonly #counters = new Map<string, Counter>();
  readonly #limit: number;

  constructor(limit = usualLimit) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#counters.size;
  }

  of({ scope, subject, windowMilliseconds }: Omit<Claim, "requests" | "tokens" | "concurrent">): Counter {
    const kind = `${scope} ${windowMilliseconds}`;
    if (subject.length > longestSubject) return this.#make(kind, windowMilliseconds);
    const name = `${kind} ${subject}`;
    const known = this.#counters.get(name);
    if (known !== undefined) return known;
    return this.#make(this.#counters.size < this.#limit ? name : kind, windowMilliseconds);
  }

  #make(name: string, windowMilliseconds: number): Counter {
    const known = this.#counters.get(name);
    if (known !== undefined) return known;
    const made = {
      requests: new WindowCounter(windowMilliseconds),
      tokens: new WindowCounter(windowMilliseconds),
      open: 0,
    };
    this.#counters.set(name, made);
    return made;
  }

  /** Makes room before so many are asked for. Those that are given out next must not be swept before they count. */
  sweep(wanted: number, now: number): void {
    if (this.#counters.size + wanted <= this.#limit / 2) return;
    for (let look = 0; look < wanted * looksEach; look++) {
      const [oldest] = this.#counters;
      if (oldest === undefined) return;
      const [name, counter] = oldest;
      this.#counters.delete(name);
      // A map gives its keys in the order in which they were put in.
      if (!isIdle(counter, now)) this.#counters.set(name, counter);
    }
  }
}
