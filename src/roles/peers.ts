import type { Budgets } from "../core/ports/budgets.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Guesses } from "../core/ports/guesses.ts";
import type { Health } from "../core/ports/health.ts";
import type { LearningNotice } from "../core/ports/learning.ts";
import type { Limits } from "../core/ports/limits.ts";
import type { AdminReload } from "../http/admin/dependencies.ts";
import { CountedLimits } from "../limits/counted-limits.ts";
import { Breakers } from "../routing/breakers.ts";
import type { MetricFamily } from "../telemetry/exposition.ts";
import { type Discovery, type DiscoveryParts, startDiscovery } from "./discovery.ts";
import type { TalliedLimits } from "./limit-metrics.ts";

/** What the metrics show of health beside what calls ask. */
export interface WatchedHealth extends Health {
  /** Targets that are not called because they failed. */
  openTargets(): readonly string[];
}

/** The processes that serve the same address, as one of them sees them. */
export interface Peers {
  /** How many there are, this one included. */
  readonly count: number;
  readonly health: WatchedHealth;
  readonly limits: Limits;
  /** The counters, where this process keeps them; else undefined. */
  readonly countedLimits: TalliedLimits | undefined;
  /** Counts failures to authenticate, where another process does that for all; else undefined. */
  readonly guesses: Guesses | undefined;
  /** Where another process keeps the sums of budgets: that, and the time there; else undefined. */
  readonly budgets: { readonly budgets: Budgets; readonly now: number } | undefined;
  /** Tells the others that the database's keys or providers were changed here; resolves when all of them know. */
  announce(change: Change): Promise<void>;
  /** Tells the others what is learned from; undefined where there are none. */
  readonly shareLearning: ((notices: readonly LearningNotice[]) => void) | undefined;
  startDiscovery(parts: DiscoveryParts): Discovery;
  /** Loads the configuration anew, for all; undefined where this process does that itself. */
  readonly reload: (() => Promise<AdminReload>) | undefined;
  /** Of all of them. `ours` are those of this process. */
  callsInFlight(ours: number): number | Promise<number>;
  /** Of all of them, as one. `ours` are those of this process. */
  collectMetrics(ours: () => readonly MetricFamily[]): Promise<readonly MetricFamily[]>;
}

/** What one process may change in the database that others remember. */
export type Change = "keys" | "providers";

/** A process that is alone. */
export const noPeers = (clock: Pick<Clock, "monotonic">): Peers => {
  const limits = new CountedLimits(clock);
  return {
    count: 1,
    health: new Breakers(clock),
    limits,
    countedLimits: limits,
    guesses: undefined,
    budgets: undefined,
    announce: async () => undefined,
    shareLearning: undefined,
    startDiscovery,
    reload: undefined,
    callsInFlight: (ours) => ours,
    collectMetrics: async (ours) => ours(),
  };
};
