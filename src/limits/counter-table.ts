import type { Claim, LimitedAmount } from "../core/ports/limits.ts";
import { WindowCounter } from "./window-counter.ts";

/** What became of calls at the limits of one scope and window, of all subjects together. */
export interface Tally {
  readonly scope: Claim["scope"];
  readonly windowMilliseconds: number;
  /** Calls that were let on. */
  granted: number;
  /** Calls that were refused, by what there was too little of. */
  readonly refused: Record<LimitedAmount, number>;
}

/** What is counted for one scope, subject and window. */
export interface Counter {
  readonly tally: Tally;
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

/** Counters of one scope and window. What is shared by subjects that have none of their own stands under null. */
interface Kind {
  readonly counters: Map<string | null, Counter>;
  readonly tally: Tally;
}
interface Place {
  readonly kind: Kind;
  readonly subject: string | null;
}

/**
 * Counters by scope, subject and window. Subjects come from outside, so their number is bounded, and one that still
 * counts must not be forgotten: where there is no place, all further subjects of a scope and window share one counter,
 * and so do all whose names are too long.
 */
export class CounterTable {
  /** By scope and window: names put together for each look would cost more than the count. */
  readonly #kinds = new Map<Claim["scope"], Map<number, Kind>>();
  /** All of them, the longest unseen first, each with where it stands. */
  readonly #places = new Map<Counter, Place>();
  readonly #limit: number;

  constructor(limit = usualLimit) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#places.size;
  }

  of({ scope, subject, windowMilliseconds }: Omit<Claim, "requests" | "tokens" | "concurrent">): Counter {
    const kind = this.#kinds.get(scope)?.get(windowMilliseconds) ?? this.#makeKind(scope, windowMilliseconds);
    if (subject.length > longestSubject) return this.#make({ kind, subject: null }, windowMilliseconds);
    const known = kind.counters.get(subject);
    if (known !== undefined) return known;
    return this.#make({ kind, subject: this.size < this.#limit ? subject : null }, windowMilliseconds);
  }

  /** Of every scope and window that was asked for since the start. */
  tallies(): readonly Tally[] {
    return [...this.#kinds.values()].flatMap((windows) => [...windows.values()].map(({ tally }) => tally));
  }

  #makeKind(scope: Claim["scope"], windowMilliseconds: number): Kind {
    const windows = this.#kinds.get(scope) ?? new Map<number, Kind>();
    const refused = { requests: 0, tokens: 0, concurrent: 0 };
    const made: Kind = { counters: new Map(), tally: { scope, windowMilliseconds, granted: 0, refused } };
    this.#kinds.set(scope, windows.set(windowMilliseconds, made));
    return made;
  }

  #make(place: Place, windowMilliseconds: number): Counter {
    const { counters, tally } = place.kind;
    const known = counters.get(place.subject);
    if (known !== undefined) return known;
    const made: Counter = {
      tally,
      requests: new WindowCounter(windowMilliseconds),
      tokens: new WindowCounter(windowMilliseconds),
      open: 0,
    };
    counters.set(place.subject, made);
    this.#places.set(made, place);
    return made;
  }

  /** Makes room before so many are asked for. Those that are given out next must not be swept before they count. */
  sweep(wanted: number, now: number): void {
    if (this.size + wanted <= this.#limit / 2) return;
    for (let look = 0; look < wanted * looksEach; look++) {
      const [oldest] = this.#places;
      if (oldest === undefined) return;
      const [counter, place] = oldest;
      this.#places.delete(counter);
      // A map gives its keys in the order in which they were put in.
      if (isIdle(counter, now)) place.kind.counters.delete(place.subject);
      else this.#places.set(counter, place);
    }
  }
}
