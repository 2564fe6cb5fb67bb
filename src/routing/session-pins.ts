import { BoundedMap } from "../core/bounded-map.ts";
import type { Clock } from "../core/ports/clock.ts";

const mostSessions = 20_000;
/** A session that nobody used for so long is no longer pinned, milliseconds. */
const lifetime = 86_400_000;

/** Which target each session is pinned to, in this process. */
export class SessionPins {
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #pins = new BoundedMap<string, { name: string; until: number }>(mostSessions);

  constructor(clock: Pick<Clock, "monotonic">) {
    this.#clock = clock;
  }

  /** The name that the session is pinned to; asking keeps it so. */
  find(tenant: string, session: string): string | undefined {
    const key = `${tenant}\n${session}`;
    if (this.#pins.get(key) === undefined) return undefined;
    const pin = this.#pins.getOrMake(key, () => ({ name: "", until: 0 }));
    const now = this.#clock.monotonic();
    if (pin.until <= now) {
      this.#pins.delete(key);
      return undefined;
    }
    pin.until = now + lifetime;
    return pin.name;
  }

  pin(tenant: string, session: string, name: string): void {
    const until = this.#clock.monotonic() + lifetime;
    const pin = this.#pins.getOrMake(`${tenant}\n${session}`, () => ({ name, until }));
    pin.name = name;
    pin.until = until;
  }

  release(tenant: string, session: string): void {
    this.#pins.delete(`${tenant}\n${session}`);
  }
}
