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
  /** How its calls ended of late; absent before the first one did. */
  readonly outcomes?: TargetOutcomes;
  /** What its provider said that is left; absent where it says nothing, or nobody asked. */
  readonly quota?: TargetQuota;
}

/** How calls ended, each counting half as much after every ten minutes. */
export interface TargetOutcomes {
  readonly successes: number;
  /** Only what the target is to blame for. */
  readonly failures: number;
}

/** What a provider's headers said of its own limits. */
export interface TargetQuota {
  /** The share that is left of the limit that is nearest to its end, 0–1. */
  readonly left: number;
  /** Which one: `requests` or `tokens`. */
  readonly of: "requests" | "tokens";
  /** By the monotonic clock, milliseconds: from then on nothing of it is used; undefined where that was not said. */
  readonly resetsAt: number | undefined;
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
  /** What went otherwise than the configuration meant, for the decision's notes. */
  readonly notes?: readonly string[];
}

/** Ranks candidates. Pure and synchronous: no I/O, no clock, no retries. A plain list where there is no more to say. */
export interface Strategy {
  readonly kind: string;
  /** Whether it is asked also where there is one candidate only, because it may filter that out or has to tell more. */
  readonly asksAlways?: true;
  /** Whether it looks at what providers say of their limits: only then is that read. */
  readonly readsQuota?: true;
  rank(candidates: readonly Candidate[], call: Call, features: Features): readonly Ranked[] | Ranking;
}

/** A strategy that has no more to say than its list. */
export interface ListStrategy extends Strategy {
  rank(candidates: readonly Candidate[], call: Call, features: Features): readonly Ranked[];
}

/** What a prompt seems to ask for, and how hard that is for language models at large. */
export interface PromptClass {
  readonly taskKind: string;
  readonly complexity: "simple" | "moderate" | "complex";
  /** Probability that the complexity is right, 0–1. */
  readonly complexityConfidence: number;
}

/** What a strategy is made with. */
export interface StrategyParts {
  readonly route: string;
  readonly candidates: readonly Candidate[];
  readonly clock: Clock;
  /** State of the route by a name, made once: it outlives the configuration that asked for it first. */
  keep<State>(name: string, make: () => State): State;
  /** Reads a file that the configuration names; absent where there are none. Throws where it cannot be read. */
  readonly readFile?: (path: string) => Uint8Array;
  /** Reads a prompt, in far less than a millisecond; absent where no classifier is there. */
  readonly classify?: (text: string) => PromptClass;
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
  /** Whether it excludes targets where it is given these options; absent: never. Such a strategy is a policy: it stays
   * in force where a client or a key asks for another strategy. */
  filters?(options: Options): boolean;
}
