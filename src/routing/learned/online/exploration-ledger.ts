import { BoundedMap } from "../../../core/bounded-map.ts";

/** Trials under way that are remembered. */
const mostOpen = 10_000;
/** After so long one that was not heard of again has cost nothing: it was only thought of. */
const openMilliseconds = 600_000;

export interface ExplorationState {
  readonly spentUsd: number;
}

interface Trial {
  readonly expectedUsd: number;
  readonly until: number;
}

/** What trials have cost; those that are under way count with what they are expected to. */
export class ExplorationLedger {
  readonly #open = new BoundedMap<string, Trial>(mostOpen);
  #settledUsd: number;
  #openUsd = 0;

  constructor(state: ExplorationState = { spentUsd: 0 }) {
    this.#settledUsd = state.spentUsd;
  }

  /** `now` in milliseconds, on the clock of {@link begin}. */
  spentUsd(now: number): number {
    for (const [callId, { until }] of this.#open.entries()) {
      if (until > now) break;
      this.#close(callId);
    }
    return this.#settledUsd + this.#openUsd;
  }

  begin(callId: string, { expectedUsd, now }: { readonly expectedUsd: number; readonly now: number }): void {
    this.#close(callId);
    this.#open.getOrMake(callId, () => ({ expectedUsd, until: now + openMilliseconds }));
    this.#openUsd += expectedUsd;
  }

  settled(callId: string, { costUsd, explored }: { readonly costUsd: number; readonly explored: boolean }): void {
    if (!explored) return;
    this.#close(callId);
    this.#settledUsd += costUsd;
  }

  toState(): ExplorationState {
    return { spentUsd: this.#settledUsd };
  }

  #close(callId: string): void {
    const trial = this.#open.get(callId);
    if (trial === undefined) return;
    this.#open.delete(callId);
    this.#openUsd = this.#open.size === 0 ? 0 : this.#openUsd - trial.expectedUsd;
  }
}
