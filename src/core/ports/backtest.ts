import type { JudgedCallQuery } from "./learning.ts";

/**
 * A policy to be judged on recorded calls. `constant`: always this target. `lambda`: what the route's policy expected of
 * each action, weighed at another price: the quality (0–1) that a USD must buy.
 */
export type BacktestedPolicy =
  | { readonly kind: "constant"; readonly target: string }
  | { readonly kind: "lambda"; readonly lambda: number };

export type BacktestQuery = Omit<JudgedCallQuery, "limit" | "before" | "route"> & { readonly route: string };

/** An estimate with its 95 % interval. */
export interface Estimated {
  readonly value: number;
  readonly lower: number;
  readonly upper: number;
}

/** What one policy would have come to. All per call; null where nothing says anything of it. */
export interface BacktestLine {
  readonly policy: string;
  /** 0–1. */
  readonly quality: Estimated | null;
  readonly costUsd: Estimated | null;
  readonly latencyMilliseconds: Estimated | null;
  /** Share of the calls in which it would have taken what was taken. */
  readonly agreement: number;
  /** So many judged calls of the policy itself would tell as much. */
  readonly effectiveCalls: number;
}

/** How a policy differs from another one, call by call; positive is more. */
export interface BacktestLift {
  readonly over: string;
  readonly quality: Estimated | null;
  readonly costUsd: Estimated | null;
}

export interface BacktestReport {
  readonly route: string;
  /** Recorded calls that could be looked at, the newest 10,000 at most. */
  readonly calls: number;
  readonly complete: boolean;
  /** Calls of which somebody said how good the answer was. */
  readonly judged: number;
  /** Calls in which the policy would have taken something that nobody weighed then. */
  readonly leftOut: number;
  readonly policy: BacktestLine;
  readonly today: BacktestLine;
  /** The single target of the highest estimated quality. */
  readonly bestConstant: BacktestLine | null;
  /** The mixture of two single targets that costs as much as the policy. */
  readonly zeroRouter: BacktestLine | null;
  readonly lifts: readonly BacktestLift[];
  /** What to bear in mind, in sentences. */
  readonly notes: readonly string[];
}
