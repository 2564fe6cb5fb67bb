import { BoundedMap } from "../../../core/bounded-map.ts";
import { type DriftDirection, DriftWatch } from "./drift.ts";

/** Watches that are kept: each tenant has one for each target, and for each kind of prompt on it. */
const remembered = 10_000;

export interface Residual {
  readonly tenant: string;
  readonly target: string;
  readonly cluster: number;
  /** The reward less what was expected of it. */
  readonly residual: number;
}

export interface Drift {
  readonly direction: DriftDirection;
  /** Whether the target as a whole has changed, or on one kind of prompt. */
  readonly where: "target" | "kind";
}

/** Watches what each tenant's rewards say of each target, as a whole and on each kind of prompt. */
export class DriftWatches {
  readonly #watches = new BoundedMap<string, DriftWatch>(remembered);

  /** Takes a residual in; gives the change that it makes certain. That target is then watched anew. */
  observe({ tenant, target, cluster, residual }: Residual): Drift | undefined {
    const key = `${tenant}\n${target}`;
    const make = (): DriftWatch => new DriftWatch();
    const whole = this.#watches.getOrMake(key, make).observe(residual);
    const part = this.#watches.getOrMake(`${key}\n${cluster}`, make).observe(residual);
    const direction = whole ?? part;
    if (direction === undefined) return undefined;
    for (const [other, watch] of this.#watches.entries())
      if (other === key || other.startsWith(`${key}\n`)) watch.reset();
    return { direction, where: whole === undefined ? "kind" : "target" };
  }

  /** Begins anew for a target, whoever's. */
  reset(target: string): void {
    for (const [key, watch] of this.#watches.entries()) if (key.split("\n")[1] === target) watch.reset();
  }
}
