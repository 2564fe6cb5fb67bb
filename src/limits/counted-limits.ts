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
import { type Counter, CounterTable, type Tally } from "./counter-table.ts";
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

/** The counters of claims, each at its claim's place. */
interface Counted {
  readonly claims: readonly Claim[];
  readonly counters: readonly Counter[];
  readonly now: number;
}

// This and what follows is on the way of each call, for each of its claims: no closures, and no object that is not kept.

/** What stands in the way for longest. */
const worstOf = ({ tokens, claims, counters, now }: Counted & Pick<Demand, "tokens">): Obstacle | undefined => {
  let worst: Obstacle | undefined;
  for (let place = 0; place < claims.length; place++) {
    const { requests, tokens: most, concurrent } = claims[place] as Claim;
    const counter = counters[place] as Counter;
    if (requests !== undefined) {
      const wait = waitFor(counter.requests, 1, { limit: requests, now });
      if (wait > (worst?.wait ?? 0)) worst = { claim: place, amount: "requests", wait };
    }
    if (most !== undefined) {
      const wait = waitFor(counter.tokens, tokens, { limit: most, now });
      if (wait > (worst?.wait ?? 0)) worst = { claim: place, amount: "tokens", wait };
    }
    // Nobody knows how long; anything that is known is the better answer.
    if (concurrent !== undefined && counter.open >= concurrent && worst === undefined)
      worst = { claim: place, amount: "concurrent", wait: Number.MIN_VALUE };
  }
  return worst;
};

/** The limit of a kind that has the least left; of equal ones that which takes longer. */
const tightest = (kind: "requests" | "tokens", { claims, counters, now }: Counted): Meter | undefined => {
  let found: WindowCounter | undefined;
  let limit = 0;
  let remaining = 0;
  for (let place = 0; place < claims.length; place++) {
    const most = (claims[place] as Claim)[kind];
    if (most === undefined) continue;
    const counter = (counters[place] as Counter)[kind];
    const left = Math.max(0, most - counter.used(now));
    if (found !== undefined && left > remaining) continue;
    if (found !== undefined && left === remaining && counter.waitUntilEmpty(now) <= found.waitUntilEmpty(now)) continue;
    found = counter;
    limit = most;
    remaining = left;
  }
  return found === undefined ? undefined : { limit, remaining, resetMilliseconds: found.waitUntilEmpty(now) };
};

const standingAt = (counted: Counted): LimitStanding => {
  const requests = tightest("requests", counted);
  const tokens = tightest("tokens", counted);
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
    const counters: Counter[] = [];
    for (const claim of claims) counters.push(this.#table.of(claim));
    const worst = worstOf({ tokens, claims, counters, now });
    if (worst !== undefined) {
      const { claim, amount, wait } = worst;
      (counters[claim] as Counter).tally.refused[amount] += 1;
      const waitMilliseconds = Number.isFinite(wait) && amount !== "concurrent" ? wait : null;
      return { kind: "refused", claim, amount, waitMilliseconds, standing: standingAt({ claims, counters, now }) };
    }
    const held: Held[] = [];
    for (let place = 0; place < claims.length; place++) {
      const claim = claims[place] as Claim;
      const counter = counters[place] as Counter;
      counter.open += 1;
      counter.tally.granted += 1;
      held.push({
        counter,
        requests: claim.requests === undefined ? undefined : counter.requests.add(1, now),
        tokens: claim.tokens === undefined ? undefined : counter.tokens.add(tokens, now),
      });
    }
    this.#reservations.set(id, { tokens, held });
    return { kind: "granted", standing: standingAt({ claims, counters, now }) };
  }

  /** What became of calls so far, by scope and window. */
  tallies(): readonly Tally[] {
    return this.#table.tallies();
  }

  /** Nobody was told of a refusal: the same is asked again. */
  withdraw({ claims }: Demand, reserved: Reserved): void {
    if (reserved.kind === "refused")
      this.#table.of(claims[reserved.claim] as Claim).tally.refused[reserved.amount] -= 1;
  }

  settle({ id, tokens, unused }: Settlement): void {
    const reservation = this.#end(id);
    if (reservation === undefined) return;
    const { held, tokens: reserved } = reservation;
    const now = this.#clock.monotonic();
    for (let place = 0; place < held.length; place++) {
      const own = held[place] as Held;
      if (unused.length > 0 && unused.includes(place)) takeAllBack(own, reserved);
      else if (own.tokens === undefined) continue;
      else if (tokens < reserved) own.counter.tokens.takeBack(reserved - tokens, own.tokens);
      // What nobody expected counts from when it is known: the reservation itself may have left the window by now.
      else if (tokens > reserved) own.counter.tokens.add(tokens - reserved, now);
    }
  }

  release(id: string): void {
    const reservation = this.#end(id);
    for (const held of reservation?.held ?? []) takeAllBack(held, reservation?.tokens ?? 0);
  }

  /** Whoever made the reservation is gone: it is not open any more, and all of it stays counted. */
  abandon(id: string): void {
    this.#end(id);
  }

  #end(id: string): Reservation | undefined {
    const reservation = this.#reservations.get(id);
    if (reservation === undefined) return undefined;
    this.#reservations.delete(id);
    for (const { counter } of reservation.held) counter.open -= 1;
    return reservation;
  }
}

const takeAllBack = ({ counter, requests, tokens }: Held, reserved: number): void => {
  if (requests !== undefined) counter.requests.takeBack(1, requests);
  if (tokens !== undefined) counter.tokens.takeBack(reserved, tokens);
};
