import type { TargetLoad } from "../core/ports/strategy.ts";

/** Weight of the newest observation in the mean latency. */
const newest = 0.2;
const idle: TargetLoad = { inFlight: 0, latencyMilliseconds: undefined };

/** So many latencies are remembered of each target. */
const remembered = 64;

/** What this process has seen of each target; outlives every configuration. */
export class TargetLoads {
  readonly #loads = new Map<string, { inFlight: number; latencyMilliseconds: number | undefined }>();
  readonly #latencies = new Map<string, number[]>();
  readonly #sequences = new Map<string, number>();

  of(targetId: string): TargetLoad {
    return this.#loads.get(targetId) ?? idle;
  }

  /** Counts an attempt in; the function returned counts it out, once. */
  begin(targetId: string): () => void {
    const load = this.#loads.get(targetId) ?? { inFlight: 0, latencyMilliseconds: undefined };
    this.#loads.set(targetId, load);
    load.inFlight += 1;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      load.inFlight -= 1;
    };
  }

  /** Notes how long the first content took. */
  observe(targetId: string, latencyMilliseconds: number): void {
    const load = this.#loads.get(targetId);
    if (load === undefined) return;
    const before = load.latencyMilliseconds ?? latencyMilliseconds;
    load.latencyMilliseconds = before + newest * (latencyMilliseconds - before);
    const latest = this.#latencies.get(targetId) ?? [];
    this.#latencies.set(targetId, latest);
    latest.push(latencyMilliseconds);
    if (latest.length > remembered) latest.shift();
  }

  /** The latency that this share of the latest calls stayed under; undefined before there were ten. */
  percentile(targetId: string, share: number): number | undefined {
    const latest = this.#latencies.get(targetId);
    if (latest === undefined || latest.length < 10) return undefined;
    return latest.toSorted((a, b) => a - b)[Math.min(latest.length - 1, Math.floor(share * latest.length))];
  }

  /** The number of the call on its route, from 0. */
  nextSequence(route: string): number {
    const sequence = this.#sequences.get(route) ?? 0;
    this.#sequences.set(route, sequence + 1);
    return sequence;
  }
}
