import type { Clock } from "../core/ports/clock.ts";
import type { Admission, Failure, Standing } from "../core/ports/health.ts";
import { type BreakerSettings, Breakers, defaultBreakerSettings, type StandingListener } from "./breakers.ts";

/** Breakers for several askers that may vanish: of each open circuit one of them has the probe, until it ends or goes. */
export class SharedBreakers<Asker extends object> {
  readonly #breakers: Breakers;
  readonly #probes = new Map<string, Asker>();

  constructor(
    clock: Pick<Clock, "monotonic">,
    onChange: StandingListener,
    settings: BreakerSettings = defaultBreakerSettings,
  ) {
    this.#breakers = new Breakers(clock, settings, onChange);
  }

  standings(): readonly (readonly [targetId: string, standing: Standing])[] {
    return this.#breakers.standings();
  }

  standing(targetId: string): Standing {
    return this.#breakers.standing(targetId);
  }

  look(targetId: string): Admission {
    return this.#breakers.look(targetId);
  }

  admit(asker: Asker, targetId: string): Admission {
    const admission = this.#breakers.admit(targetId);
    if (admission.kind === "probe") this.#probes.set(targetId, asker);
    return admission;
  }

  succeed(targetId: string): void {
    this.#probes.delete(targetId);
    this.#breakers.succeed(targetId);
  }

  fail(targetId: string, failure: Failure, agoMilliseconds: number): void {
    this.#probes.delete(targetId);
    this.#breakers.fail(targetId, failure, agoMilliseconds);
  }

  coolDown(targetId: string, milliseconds: number, agoMilliseconds: number): void {
    this.#breakers.coolDown(targetId, milliseconds, agoMilliseconds);
  }

  /** Gives an asker's probe back; that of another stays. */
  release(asker: Asker, targetId: string): void {
    if (this.#probes.get(targetId) !== asker) return;
    this.#probes.delete(targetId);
    this.#breakers.release(targetId);
  }

  /** The asker is gone: whoever asks next probes in its place. */
  leave(asker: Asker): void {
    for (const [targetId, prober] of this.#probes) if (prober === asker) this.release(asker, targetId);
  }
}
