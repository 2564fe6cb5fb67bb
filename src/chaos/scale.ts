import type { Timeouts } from "../core/timeouts.ts";

/** Without a wish of the user's, no silence is waited for longer than this. */
const longestSilenceMilliseconds = 400;
/** Pauses between tries and those of Retry-After are not scaled, so the whole call keeps room for them. */
const leastTotalMilliseconds = 5_000;
/** Below this a busy machine alone would break a deadline. */
const leastMilliseconds = 50;

/** A scale that lets every silence end soon; never more than 1. */
export const defaultScale = (silencesMilliseconds: readonly number[]): number => {
  const longest = Math.max(1, ...silencesMilliseconds);
  return Math.min(1, Number((longestSilenceMilliseconds / longest).toPrecision(2)));
};

/** A duration in whole milliseconds; 0 stays 0, and what was short stays as it is. */
export const scaleDuration = (milliseconds: number, scale: number): number =>
  Math.min(milliseconds, Math.max(leastMilliseconds, Math.round(milliseconds * scale)));

/** A route's deadlines for the calls of this run. */
export const scaleTimeouts = (timeouts: Timeouts, scale: number): Timeouts => ({
  connectMilliseconds: scaleDuration(timeouts.connectMilliseconds, scale),
  headersMilliseconds: scaleDuration(timeouts.headersMilliseconds, scale),
  firstTokenMilliseconds: scaleDuration(timeouts.firstTokenMilliseconds, scale),
  idleMilliseconds: scaleDuration(timeouts.idleMilliseconds, scale),
  totalMilliseconds: Math.min(
    timeouts.totalMilliseconds,
    Math.max(leastTotalMilliseconds, Math.round(timeouts.totalMilliseconds * scale)),
  ),
});
