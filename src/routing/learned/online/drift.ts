/** Surprise that is usual: only what goes beyond it adds up. */
const usualSurprise = 0.1;
/** So much must have added up, in weighted rewards. */
const alarmAt = 8;
/** Before so many rewards nothing is said. */
const fewest = 20;

export interface DriftState {
  readonly count: number;
  readonly up: number;
  readonly down: number;
}

export type DriftDirection = "worse" | "better";

/**
 * Notices that rewards have become worse or better than expected (Page–Hinkley; Page, "Continuous inspection schemes",
 * Biometrika 1954). Fed with rewards less what was expected of them, it starts anew after each alarm.
 */
export class DriftWatch {
  #count: number;
  #up: number;
  #down: number;

  constructor(state: DriftState = { count: 0, up: 0, down: 0 }) {
    ({ count: this.#count, up: this.#up, down: this.#down } = state);
  }

  /** Takes a residual in; gives the direction of a change that it makes certain. */
  observe(residual: number): DriftDirection | undefined {
    this.#count++;
    this.#up = Math.max(0, this.#up + residual - usualSurprise);
    this.#down = Math.max(0, this.#down - residual - usualSurprise);
    if (this.#count < fewest) return undefined;
    const direction = this.#down > alarmAt ? "worse" : this.#up > alarmAt ? "better" : undefined;
    if (direction !== undefined) this.reset();
    return direction;
  }

  reset(): void {
    this.#count = 0;
    this.#up = 0;
    this.#down = 0;
  }

  toState(): DriftState {
    return { count: this.#count, up: this.#up, down: this.#down };
  }
}
