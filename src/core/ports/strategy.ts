import type { z } from "zod";
import type { Call } from "../call.ts";
import type { DecisionDetail } from "../decision.ts";
import type { CascadePlan } from "../plan.ts";
import type { Candidate } from "../route.ts";
import type { Clock } from "./clock.ts";

/** What is known of a target at this instant, from the calls of this process. */
export interface TargetLoad {
  readonly inFlight: number;
  /** Exponentially weighted mean time to the first content, milliseconds; undefined before the first call. */
  readonly latencyMilliseconds: number | undefined;
}

/** What a strategy may look at beside the call: computed before it runs, so that it never waits. */
export interface Features {
  /** Nobody will carry the decision out: nothing may be remembered of it, and nothing be tried in order to learn. */
  readonly isDryRun?: true | undefined;
  /** Counts the calls of the route in this process, from 0. */
  readonly sequence: number;
  /** Uniform in [0, 1), drawn once per call. */
  readonly random: number;
  /** Counted when it is asked for first. */
  readonly estimatedInputTokens: number;
  load(targetId: string): TargetLoad;
}

export interface Ranked {
  readonly candidate: Candidate;
  /** Higher is better; comparable within one ranking only. */
  readonly score: number;
  readonly reason: string;
}

/** A candidate that a strategy lets nobody have: `reason` follows the words "passed over:". */
export interface FilteredOut {
  readonly candidate: Candidate;
  readonly reason: string;
}

/** Every candidate stands in `ranked` or in `filtered`. */
export interface Ranking {
  /** Best first. */
  readonly ranked: readonly Ranked[];
  readonly filtered?: readonly FilteredOut[];
  /** Several targets asked for one answer before those of `ranked` are tried one by one. */
  readonly cascade?: CascadePlan;
  readonly detail?: DecisionDetail;
}

/** Ranks candidates. Pure and synchronous: no I/O, no clock, no retries. A plain list where there is no more to say. */
export interface Strategy {
  readonly kind: string;
  /** Whether it is asked also where there is one candidate only, because it may filter that out or has to tell more. */
  readonly asksAlways?: true;
  rank(candidates: readonly Candidate[], call: Call, features: Features): readonly Ranked[] | Ranking;
}

/** A strategy that has no more to say than its list. */
export interface ListStrategy extends Strategy {
  rank(candidates: readonly Candidate[], call: Call, features: Features): readonly Ranked[];
}

/** What a strategy is made with. */
export interface StrategyParts {
  readonly route: string;
  readonly candidates: readonly Candidate[];
  readonly clock: Clock;
  /** State of the route by a name, made once: it outlives the configuration that asked for it first. */
  keep<State>(name: string, make: () => State): State;
}

/** What is wrong with a strategy's options; `path` from them on, the message follows it. */
export interface StrategyProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** One kind of strategy: what stands beside `kind` in the configuration, and how it is made of that. */
export interface StrategyDefinition<Options = unknown> {
  readonly kind: string;
  readonly options: z.ZodType<Options>;
  /** What the options' schema cannot tell, since it does not know the route's targets, as `provider/model`. */
  problems?(options: Options, targets: readonly string[]): readonly StrategyProblem[];
  create(options: Options, parts: StrategyParts): Strategy;
}
