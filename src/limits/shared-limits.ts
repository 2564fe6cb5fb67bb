import type { Clock } from "../core/ports/clock.ts";
import type { Demand, Reserved, Settlement } from "../core/ports/limits.ts";
import { CountedLimits } from "./counted-limits.ts";
import type { Tally } from "./counter-table.ts";

/** Counters for several askers that may vanish: what one had open is then not open any more. */
export class SharedLimits<Asker extends object> {
  readonly #limits: CountedLimits;
  readonly #open = new Map<Asker, Set<string>>();
  readonly #gone = new WeakSet<Asker>();

  constructor(clock: Pick<Clock, "monotonic">) {
    this.#limits = new CountedLimits(clock);
  }

  reserve(asker: Asker, demand: Demand): Reserved {
    const reserved = this.#limits.reserve(demand);
    if (reserved.kind === "refused") return reserved;
    // Its last words may be read after its end was noticed.
    if (this.#gone.has(asker)) this.#limits.abandon(demand.id);
    else this.#openOf(asker).add(demand.id);
    return reserved;
  }

  /** What became of calls so far, by scope and window. */
  tallies(): readonly Tally[] {
    return this.#limits.tallies();
  }

  /** Nobody was told of a refusal: the same is asked again. */
  withdraw(demand: Demand, reserved: Reserved): void {
    this.#limits.withdraw(demand, reserved);
  }

  settle(asker: Asker, settlement: Settlement): void {
    if (this.#open.get(asker)?.delete(settlement.id)) this.#limits.settle(settlement);
  }

  release(asker: Asker, id: string): void {
    if (this.#open.get(asker)?.delete(id)) this.#limits.release(id);
  }

  /** The asker is gone. What it reserved stays counted: nobody knows what became of it. */
  leave(asker: Asker): void {
    this.#gone.add(asker);
    for (const id of this.#open.get(asker) ?? []) this.#limits.abandon(id);
    this.#open.delete(asker);
  }

  #openOf(asker: Asker): Set<string> {
    const open = this.#open.get(asker) ?? new Set();
    this.#open.set(asker, open);
    return open;
  }
}
