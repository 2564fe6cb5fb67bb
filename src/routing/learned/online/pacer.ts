/** Step of the logarithm of λ for a call that misses its aim by the whole of it. */
const step = 0.02;
/** λ moves within this factor of where it began, either way. */
const range = 1_000;

export interface PacerState {
  readonly lambda: number;
}

/**
 * Moves λ, the price of money in quality per USD, so that an aim is met on average (dual ascent; Balseiro and Gur,
 * "Learning in Repeated Auctions with Budgets", 2019).
 */
export class Pacer {
  readonly #from: number;
  #lambda: number;

  constructor(from: number, state?: PacerState) {
    this.#from = from;
    this.#lambda = this.#bounded(state?.lambda ?? from);
  }

  get lambda(): number {
    return this.#lambda;
  }

  /** A call cost more (above 0) or less than it should, as a share of the aim. */
  overspent(share: number): void {
    this.#lambda = this.#bounded(this.#lambda * Math.exp(step * Math.max(-1, Math.min(3, share))));
  }

  toState(): PacerState {
    return { lambda: this.#lambda };
  }

  #bounded(lambda: number): number {
    return Math.min(this.#from * range, Math.max(this.#from / range, lambda));
  }
}
