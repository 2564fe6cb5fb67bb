import type { Clock } from "../core/ports/clock.ts";

export interface RetryBudgetSettings {
  /** Share of the calls of the window that may be tried again. */
  readonly share: number;
  /** So many in a window are always allowed, or a quiet gateway could never try again. */
  readonly floor: number;
  readonly windowMilliseconds: number;
}

export const defaultRetryBudget: RetryBudgetSettings = { share: 0.1, floor: 3, windowMilliseconds: 10_000 };

const slots = 10;

/**
 * Bounds further tries to a share of the traffic, so that an upstream in trouble is not sent a multiple of it. Counted
 * over a sliding window cut into ten slots.
 */
export class RetryBudget {
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #settings: RetryBudgetSettings;
  readonly #calls = new Array<number>(slots).fill(0);
  readonly #retries = new Array<number>(slots).fill(0);
  #slot = 0;

  constructor(clock: Pick<Clock, "monotonic">, settings: RetryBudgetSettings = defaultRetryBudget) {
    this.#clock = clock;
    this.#settings = settings;
  }

  /** Counts a call. */
  call(): void {
    this.#advance();
    this.#add(this.#calls);
  }

  /** Takes a further try out of the budget; false where it is used up. */
  take(): boolean {
    this.#advance();
    const { share, floor } = this.#settings;
    if (sum(this.#retries) >= Math.max(floor, share * sum(this.#calls))) return false;
    this.#add(this.#retries);
    return true;
  }

  #add(counts: number[]): void {
    const index = this.#slot % slots;
    counts[index] = (counts[index] ?? 0) + 1;
  }

  #advance(): void {
    const current = Math.floor(this.#clock.monotonic() / (this.#settings.windowMilliseconds / slots));
    // Slots that passed since are empty now; after a whole window all are.
    for (let slot = Math.max(this.#slot + 1, current - slots + 1); slot <= current; slot++) {
      this.#calls[slot % slots] = 0;
      this.#retries[slot % slots] = 0;
    }
    this.#slot = Math.max(this.#slot, current);
  }
}

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
