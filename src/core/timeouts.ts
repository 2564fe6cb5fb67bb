/** Deadlines of one call, in milliseconds. */
export interface Timeouts {
  /** Until the connection stands, TLS included. */
  readonly connectMilliseconds: number;
  /** Until the connection stands and the headers of a stream have come. */
  readonly headersMilliseconds: number;
  /** From then until the first content of a stream. */
  readonly firstTokenMilliseconds: number;
  /** Between two pieces of a stream. */
  readonly idleMilliseconds: number;
  /** For the whole call, all attempts together. */
  readonly totalMilliseconds: number;
}

/** Deadlines of one target that differ from its route's; the total is the call's. */
export type TargetTimeouts = Partial<Omit<Timeouts, "totalMilliseconds">>;
