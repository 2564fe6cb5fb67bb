import { BoundedMap } from "../../../core/bounded-map.ts";
import { type Observation, QualityPosterior, type QualityState, type Spread } from "./quality-posterior.ts";

/** Tenants that are learned from at a time; of more, those that were not heard of longest are forgotten. */
const mostTenants = 500;

export type BeliefsState = Readonly<Record<string, QualityState>>;

/** What was learned of quality, for each tenant alone: nobody's rewards change what another tenant gets. */
export class Beliefs {
  readonly #spread: Spread;
  readonly #halfLifeMilliseconds: number;
  readonly #tenants = new BoundedMap<string, QualityPosterior>(mostTenants);

  constructor(spread: Spread, halfLifeMilliseconds: number) {
    this.#spread = spread;
    this.#halfLifeMilliseconds = halfLifeMilliseconds;
  }

  of(tenant: string): QualityPosterior {
    return this.#tenants.getOrMake(tenant, () => new QualityPosterior(this.#spread, this.#halfLifeMilliseconds));
  }

  add(tenant: string, observation: Observation): void {
    this.of(tenant).add(observation);
  }

  /** All that were learned of. */
  all(): readonly QualityPosterior[] {
    return [...this.#tenants.entries()].map(([, posterior]) => posterior);
  }

  toState(): BeliefsState {
    return Object.fromEntries([...this.#tenants.entries()].map(([tenant, posterior]) => [tenant, posterior.toState()]));
  }

  static fromState(state: BeliefsState, spread: Spread, halfLifeMilliseconds: number): Beliefs {
    const beliefs = new Beliefs(spread, halfLifeMilliseconds);
    for (const [tenant, posterior] of Object.entries(state))
      beliefs.#tenants.getOrMake(tenant, () => QualityPosterior.fromState(posterior, spread, halfLifeMilliseconds));
    return beliefs;
  }
}
