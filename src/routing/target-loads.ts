import { BoundedMap } from "../core/bounded-map.ts";
import type { TargetLoad, TargetOutcomes, TargetQuota } from "../core/ports/strategy.ts";

/** Weight of the newest observation in the mean latency. */
const newest = 0.2;
/** So many latencies are remembered of each target. */
const remembered = 64;
/** Clients may name models that nobody declared: so many targets and routes are remembered at most. */
const mostNames = 2_000;

export interface Load {
  inFlight: number;
  latencyMilliseconds: number | undefined;
  readonly latest: number[];
  outcomes?: TargetOutcomes;
  /** When {@link outcomes} were counted, by the monotonic clock. */
  countedAt: number;
  quota?: TargetQuota;
}

const newLoad = (): Load => ({ inFlight: 0, latencyMilliseconds: undefined, latest: [], countedAt: 0 });
const newSequence = (): { next: number } => ({ next: 0 });

const idle: TargetLoad = { inFlight: 0, latencyMilliseconds: undefined };

/** An outcome counts half as much after so many milliseconds. */
const halfLife = 600_000;

/** What this process has seen of each target; outlives every configuration. */
export class TargetLoads {
  readonly #loads = new BoundedMap<string, Load>(mostNames, ({ inFlight }) => inFlight > 0);
  readonly #sequences = new BoundedMap<string, { next: number }>(mostNames);

  /** Passed on without its object. */
  readonly of = (targetId: string): TargetLoad => this.#loads.get(targetId) ?? idle;

  /** Counts an attempt in. What is returned is given to `end`, once. */
  begin(targetId: string): Load {
    const load = this.#loads.getOrMake(targetId, newLoad);
    load.inFlight += 1;
    return load;
  }

  /** Counts an attempt out. */
  end(load: Load): void {
    load.inFlight -= 1;
  }

  /** Counts how an attempt ended, now by the monotonic clock. Not told of what only the caller is to blame for. */
  count(load: Load, outcome: "success" | "failure", now: number): void {
    const { successes = 0, failures = 0 } = load.outcomes ?? {};
    const kept = 2 ** ((load.countedAt - now) / halfLife);
    load.countedAt = now;
    load.outcomes = {
      successes: successes * kept + (outcome === "success" ? 1 : 0),
      failures: failures * kept + (outcome === "failure" ? 1 : 0),
    };
  }

  /** Notes what the target's provider said of its limits. */
  noteQuota(targetId: string, quota: TargetQuota): void {
    this.#loads.getOrMake(targetId, newLoad).quota = quota;
  }

  /** Notes how long the first content took. */
  observe(targetId: string, latencyMilliseconds: number): void {
    const load = this.#loads.get(targetId);
    if (load === undefined) return;
    const before = load.latencyMilliseconds ?? latencyMilliseconds;
    load.latencyMilliseconds = before + newest * (latencyMilliseconds - before);
    load.latest.push(latencyMilliseconds);
    if (load.latest.length > remembered) load.latest.shift();
  }

  /** The latency that this share of the latest calls stayed under; undefined before there were ten. */
  percentile(targetId: string, share: number): number | undefined {
    const latest = this.#loads.get(targetId)?.latest;
    if (latest === undefined || latest.length < 10) return undefined;
    return latest.toSorted((a, b) => a - b)[Math.min(latest.length - 1, Math.floor(share * latest.length))];
  }

  /** The number that the route's next call will have. */
  sequenceOf(route: string): number {
    return this.#sequences.get(route)?.next ?? 0;
  }

  /** The number of the call on its route, from 0. */
  nextSequence(route: string): number {
    const sequence = this.#sequences.getOrMake(route, newSequence);
    sequence.next += 1;
    return sequence.next - 1;
  }
}
