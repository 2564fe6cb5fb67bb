import type { Target } from "./model.ts";
import type { Strategy } from "./ports/strategy.ts";

/** Deadlines of one call, in milliseconds. */
export interface Timeouts {
  /** Until the upstream's connection stands and its headers have come, where the answer is streamed. */
  readonly firstTokenMilliseconds: number;
  /** Between two pieces of a stream. */
  readonly idleMilliseconds: number;
  /** For the whole call, all attempts together. */
  readonly totalMilliseconds: number;
}
export interface Retries {
  /** Further tries of the same target after the first. */
  readonly perTarget: number;
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
}
