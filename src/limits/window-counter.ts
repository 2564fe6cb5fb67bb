/** What was counted at about the same time. */
export interface Slice {
  readonly first: number;
  last: number;
  amount: number;
}

/** So many stretches a window is cut into at most. */
const slices = 60;

/**
 * Counts amounts within a window that slides. What was added together within a sixtieth of the window leaves together,
 * when the last of it is as old as the window: never early, so that no stretch of that length holds more than was let
 * in, and late by a sixtieth at most. Memory is bounded, however much is counted. Times are monotonic milliseconds.
 */
export class WindowCounter {
  readonly #window: number;
  #slices: Slice[] = [];
  #used = 0;

  constructor(windowMilliseconds: number) {
    this.#window = windowMilliseconds;
  }

  used(now: number): number {
    this.#forget(now);
    return this.#used;
  }

  /** Counts an amount; gives where it stands, so that some of it can be taken back. */
  add(amount: number, now: number): Slice {
    this.#forget(now);
    this.#used += amount;
    const latest = this.#slices.at(-1);
    if (latest !== undefined && now - latest.first < this.#window / slices) {
      latest.last = now;
      latest.amount += amount;
      return latest;
    }
    const slice = { first: now, last: now, amount };
    this.#slices.push(slice);
    return slice;
  }

  /** Takes back what was added there, as far as it still counts. */
  takeBack(amount: number, slice: Slice): void {
    const counted = Math.min(amount, slice.amount);
    slice.amount -= counted;
    this.#used -= counted;
  }

  /** Milliseconds until no more than this is left; 0 where that is so now. */
  waitUntil(used: number, now: number): number {
    this.#forget(now);
    let left = this.#used;
    for (const slice of this.#slices) {
      if (left <= used) break;
      left -= slice.amount;
      if (left <= used) return this.#endOf(slice) - now;
    }
    return 0;
  }

  /** Milliseconds until nothing is left. On the way of every call, so it looks no further than it must. */
  waitUntilEmpty(now: number): number {
    this.#forget(now);
    for (let place = this.#slices.length - 1; place >= 0; place--) {
      const slice = this.#slices[place];
      if (slice !== undefined && slice.amount > 0) return this.#endOf(slice) - now;
    }
    return 0;
  }

  #endOf({ last }: Slice): number {
    return last + this.#window;
  }

  #forget(now: number): void {
    const oldest = this.#slices[0];
    if (oldest !== undefined && this.#endOf(oldest) <= now) this.#forgetSome(now);
  }

  #forgetSome(now: number): void {
    let gone = 0;
    for (const slice of this.#slices) {
      if (this.#endOf(slice) > now) break;
      this.#used -= slice.amount;
      // Whoever still has it in hand finds nothing to take back.
      slice.amount = 0;
      gone += 1;
    }
    this.#slices = this.#slices.slice(gone);
  }
}
