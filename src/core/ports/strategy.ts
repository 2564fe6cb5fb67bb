import type { Call } from "../call.ts";
import type { Candidate } from "../route.ts";

/** What is known of a target at this instant, from the calls of this process. */
export interface TargetLoad {
  readonly inFlight: number;
  /** Exponentially weighted mean time to the first content, milliseconds; undefined before the first call. */
  readonly latencyMilliseconds: number | undefined;
}

/** What a strategy may look at beside the call: computed before it runs, so that it never waits. */
export interface Features {
  /** Counts the calls of the route in this process, from 0. */
  readonly sequence: number;
  /** Uniform in [0, 1), drawn once per call. */
  readonly random: number;
  readonly estimatedInputTokens: number;
  load(targetId: string): TargetLoad;
}

export interface Ranked {
  readonly candidate: Candidate;
  /** Higher is better; comparable within one ranking only. */
  readonly score: number;
  readonly reason: string;
}

/** Ranks candidates, best first. Pure and synchronous: no I/O, no clock, no retries. */
export interface Strategy {
  readonly kind: string;
  rank(candidates: readonly Candidate[], call: Call, features: Features): readonly Ranked[];
}
