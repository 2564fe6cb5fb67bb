import type { Target } from "./model.ts";
import type { Strategy } from "./ports/strategy.ts";
import type { Timeouts } from "./timeouts.ts";

export interface Retries {
  /** Further tries of the same target after the first. */
  readonly perTarget: number;
}

/**
 * What becomes of a stream that died after it began and that no target could continue: it ends with an error, or
 * another answer is announced and sent from its beginning.
 */
export type RescuePolicy = "error" | "restart" | "off";

/** A second attempt beside a slow first one. */
export interface Hedge {
  /** Sent after so many milliseconds, or after the time in which 95 % of the target's first tokens came of late. */
  readonly after: number | "p95";
  /** At most this share of the route's calls is hedged, and of what they cost at most. */
  readonly maxShare: number;
}

/** A candidate of a route: a target and what the route says of it. */
export interface Candidate {
  readonly target: Target;
  /** Share of the traffic under the `weighted` strategy. */
  readonly weight: number;
}

/** A name that a client may send as `model`, resolved against one configuration. */
export interface CompiledRoute {
  readonly name: string;
  /** `declared` in the configuration, or `implicit`: a target or model name that the client wrote. */
  readonly kind: "declared" | "implicit";
  readonly candidates: readonly Candidate[];
  readonly strategy: Strategy;
  readonly timeouts: Timeouts;
  readonly retries: Retries;
  /**
   * Whether a whole answer is asked for as a stream and put together here, so that the deadlines for headers, first
   * token and pauses hold for it too.
   */
  readonly assembleWhole: boolean;
  /** `off`: a stream that dies is not continued at all. */
  readonly rescue: RescuePolicy;
  readonly hedge: Hedge | undefined;
}
