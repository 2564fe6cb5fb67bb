/** Step of the logarithm of λ for a call that misses its aim by the whole of it. */
const step = 0.02;
/** A call may miss its aim by so many times that, to count in full. */
const most = 100;
/** λ moves within this factor of where it began, either way. */
const range = 1_000;

export interface PacerState {
  /** λ as a multiple of where it began. */
  readonly factor: number;
}

/**
 * Moves λ, the price of money in quality per USD, so that an aim is met on average (dual ascent; Balseiro and Gur,
 * "Learning in Repeated Auctions with Budgets", 2019).
 */
export class Pacer {
  readonly from: number;
  #factor: number;

  constructor(from: number, state: PacerState = { factor: 1 }) {
    this.from = from;
    this.#factor = bounded(state.factor);
  }

  get lambda(): number {
    return this.from * this.#factor;
  }

  /** A call cost more (above 0) or less than it should, as a share of the aim. */
  overspent(share: number): void {
    this.#factor = bounded(this.#factor * Math.exp(step * Math.max(-1, Math.min(most, share))));
  }

  toState(): PacerState {
    return { factor: this.#factor };
  }
}

const bounded = (factor: number): number => Math.min(range, Math.max(1 / range, factor));
