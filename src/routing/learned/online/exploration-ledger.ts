import { BoundedMap } from "../../../core/bounded-map.ts";

/** Trials under way that are remembered. */
const mostOpen = 10_000;

export interface ExplorationState {
  readonly spentUsd: number;
}

/** What trials have cost, those that are under way by what they are expected to cost. */
export class ExplorationLedger {
  readonly #open = new BoundedMap<string, number>(mostOpen);
  #spentUsd: number;

  constructor(state: ExplorationState = { spentUsd: 0 }) {
    this.#spentUsd = state.spentUsd;
  }

  get spentUsd(): number {
    return this.#spentUsd;
  }

  begin(callId: string, expectedUsd: number): void {
    this.#open.getOrMake(callId, () => {
      this.#spentUsd += expectedUsd;
      return expectedUsd;
    });
  }

  settled(callId: string, { costUsd, explored }: { readonly costUsd: number; readonly explored: boolean }): void {
    if (!explored) return;
    this.#spentUsd += costUsd - (this.#open.get(callId) ?? 0);
    this.#open.delete(callId);
  }

  toState(): ExplorationState {
    return { spentUsd: this.#spentUsd };
  }
}
