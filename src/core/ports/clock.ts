/** Time, handed in so that no feature has a clock of its own. */
export interface Clock {
  /** Milliseconds from an arbitrary start, never going back: for durations and deadlines. */
  monotonic(): number;
  /** Milliseconds since 1970: for records only. */
  wall(): number;
}
