import type { Demand, Limits, Reserved, Settlement } from "../core/ports/limits.ts";

/** Limits as another process serves them to one asker, whose reservations are not open any more when it ends. */
export interface LimitsService {
  "limits.reserve"(demand: Demand): Reserved | Promise<Reserved>;
  "limits.settle"(settlement: Settlement): void;
  "limits.release"(question: { readonly id: string }): void;
}

/** The questions of {@link LimitsService}; the first rejects where nobody answers. */
export interface LimitsPeer {
  "limits.reserve"(demand: Demand): Promise<Reserved>;
  "limits.settle"(settlement: Settlement): void;
  "limits.release"(question: { readonly id: string }): void;
}

/** A call waits no longer than this to hear whether its limits let it on; then it is refused. */
export const limitsPatienceMilliseconds = 2_000;

/** Limits whose counters another process keeps: one question for each call, and a word when it has ended. */
export class RemoteLimits implements Limits {
  readonly #peer: LimitsPeer;

  constructor(peer: LimitsPeer) {
    this.#peer = peer;
  }

  async reserve(demand: Demand): Promise<Reserved> {
    try {
      return await this.#peer["limits.reserve"](demand);
    } catch (error) {
      // It may be granted yet, and nobody would ever give it back. What is sent later is also read later.
      this.release(demand.id);
      throw error;
    }
  }

  settle(settlement: Settlement): void {
    this.#peer["limits.settle"](settlement);
  }

  release(id: string): void {
    this.#peer["limits.release"]({ id });
  }
}
