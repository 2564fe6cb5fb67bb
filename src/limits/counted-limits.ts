import type { Clock } from "../core/ports/clock.ts";
import type {
  Claim,
  Demand,
  LimitedAmount,
  LimitStanding,
  Limits,
  Meter,
  Reserved,
  Settlement,
} from "../core/ports/limits.ts";
import { type Counter, CounterTable } from "./counter-table.ts";
import type { Slice, WindowCounter } from "./window-counter.ts";

/** What one claim of a reservation has counted, and where. */
interface Held {
  readonly counter: Counter;
  readonly requests: Slice | undefined;
  readonly tokens: Slice | undefined;
}
interface Reservation {
  readonly tokens: number;
  readonly held: readonly Held[];
}

interface Obstacle {
  readonly claim: number;
  readonly amount: LimitedAmount;
  /** Infinity: never. */
  readonly wait: number;
}

const waitFor = (counter: WindowCounter, demand: number, { limit, now }: { limit: number; now: number }): number => {
  if (demand > limit) return Number.POSITIVE_INFINITY;
  return counter.used(now) + demand <= limit ? 0 : counter.waitUntil(limit - demand, now);
};

const meterOf = (counter: WindowCounter, limit: number, now: number): Meter => ({
  limit,
  remaining: Math.max(0, limit - counter.used(now)),
  resetMilliseconds: counter.waitUntilEmpty(now),
});

/** Of two limits the one that has less left is shown; of equal ones that which takes longer. */
const tighter = (left: Meter | undefined, right: Meter): Meter => {
  if (left === undefined) return right;
  if (left.remaining !== right.remaining) return left.remaining < right.remaining ? left : right;
  return left.resetMilliseconds >= right.resetMilliseconds ? left : right;
};

const standingOf = (requests: Meter | undefined, tokens: Meter | undefined): LimitStanding => {
  if (requests === undefined) return tokens === undefined ? {} : { tokens };
  return tokens === undefined ? { requests } : { requests, tokens };
};

/** Counts in this process's memory. Nothing waits between the look and the count, so nobody comes in between. */
export class CountedLimits implements Limits {
  readonly #table: CounterTable;
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #reservations = new Map<string, Reservation>();

  constructor(clock: Pick<Clock, "monotonic">, table: CounterTable = new CounterTable()) {
    this.#clock = clock;
    this.#table = table;
  }

  /** Reservations that have not ended. */
  get open(): number {
    return this.#reservations.size;
  }

  reserve({ id, tokens, claims }: Demand): Reserved {
    const now = this.#clock.monotonic();
    this.#table.sweep(claims.length, now);
    const counters = claims.map((claim) => this.#table.of(claim));
    const worst = this.#worst({ tokens, claims, counters, now });
    if (worst !== undefined) {
      const { claim, amount, wait } = worst;
      const waitMilliseconds = Number.isFinite(wait) && amount !== "concurrent" ? wait : null;
      return { kind: "refused", claim, amount, waitMilliseconds, standing: this.#standing(claims, counters, now) };
    }
    const held = claims.map((claim, place): Held => {
      const counter = counters[place] as Counter;
      counter.open += 1;
      return {
        counter,
        requests: claim.requests === undefined ? undefined : counter.requests.add(1, now),
        tokens: claim.tokens === undefined ? undefined : counter.tokens.add(tokens, now),
      };
    });
    this.#reservations.set(id, { tokens, held });
    return { kind: "granted", standing: this.#standing(claims, counters, now) };
  }

  settle({ id, tokens, unused }: Settlement): void {
    const now = this.#clock.monotonic();
    this.#end(id, (held, reserved, place) => {
      if (unused.includes(place)) return takeAllBack(held, reserved);
      if (held.tokens === undefined) return;
      if (tokens < reserved) held.counter.tokens.takeBack(reserved - tokens, held.tokens);
      // What nobody expected counts from when it is known: the reservation itself may have left the window by now.
      else if (tokens > reserved) held.counter.tokens.add(tokens - reserved, now);
    });
  }

  release(id: string): void {
    this.#end(id, takeAllBack);
  }

  /** Whoever made the reservation is gone: it is not open any more, and all of it stays counted. */
  abandon(id: string): void {
    this.#end(id, () => undefined);
  }

  #end(id: string, correct: (held: Held, reserved: number, place: number) => void): void {
    const reservation = this.#reservations.get(id);
    if (reservation === undefined) return;
    this.#reservations.delete(id);
    reservation.held.forEach((held, place) => {
      held.counter.open -= 1;
      correct(held, reservation.tokens, place);
    });
  }

  /** What stands in the way for longest. */
  #worst({ tokens, claims, counters, now }: Omit<Demand, "id"> & { counters: readonly Counter[]; now: number }) {
    let worst: Obstacle | undefined;
    const note = (claim: number, amount: LimitedAmount, wait: number): void => {
      if (wait > 0 && (worst === undefined || wait > worst.wait)) worst = { claim, amount, wait };
    };
    claims.forEach(({ requests, tokens: most, concurrent }, place) => {
      const counter = counters[place] as Counter;
      if (requests !== undefined) note(place, "requests", waitFor(counter.requests, 1, { limit: requests, now }));
      if (most !== undefined) note(place, "tokens", waitFor(counter.tokens, tokens, { limit: most, now }));
      // Nobody knows how long; anything that is known is the better answer.
      if (concurrent !== undefined && counter.open >= concurrent) note(place, "concurrent", Number.MIN_VALUE);
    });
    return worst;
  }

  #standing(claims: readonly Claim[], counters: readonly Counter[], now: number) {
    let ofRequests: Meter | undefined;
    let ofTokens: Meter | undefined;
    claims.forEach(({ requests, tokens }, place) => {
      const counter = counters[place] as Counter;
      if (requests !== undefined) ofRequests = tighter(ofRequests, meterOf(counter.requests, requests, now));
      if (tokens !== undefined) ofTokens = tighter(ofTokens, meterOf(counter.tokens, tokens, now));
    });
    return standingOf(ofRequests, ofTokens);
  }
}

const takeAllBack = ({ counter, requests, tokens }: Held, reserved: number): void => {
  if (requests !== undefined) counter.requests.takeBack(1, requests);
  if (tokens !== undefined) counter.tokens.takeBack(reserved, tokens);
};
