import { BoundedMap } from "../core/bounded-map.ts";
import type { TargetLoad } from "../core/ports/strategy.ts";

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
}

const newLoad = (): Load => ({ inFlight: 0, latencyMilliseconds: undefined, latest: [] });
const newSequence = (): { next: number } => ({ next: 0 });

const idle: TargetLoad = { inFlight: 0, latencyMilliseconds: undefined };

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
