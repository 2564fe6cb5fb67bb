import type { CancelSignal } from "../../core/cancel.ts";
import type { Pace, Steering } from "./options.ts";

/** Waits; rejects with the signal's reason at once when it is aborted, and leaves no timer behind. */
export const wait = (milliseconds: number, signal: CancelSignal): Promise<void> => {
  if (signal.aborted) return Promise.reject(signal.reason);
  if (milliseconds <= 0) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    }, milliseconds);
    signal.addEventListener("abort", onAbort, { once: true });
  });
};

/** The provider's pace, as one request changes it. */
export const steered = (pace: Pace, steering: Steering): Pace => ({
  ...pace,
  firstTokenMilliseconds: steering.delayMilliseconds ?? pace.firstTokenMilliseconds,
  tokensPerSecond: steering.tokensPerSecond ?? pace.tokensPerSecond,
});

/** How long so many tokens take, in milliseconds. */
export const durationOf = (tokens: number, { tokensPerSecond }: Pace): number =>
  tokensPerSecond === undefined ? 0 : (tokens / tokensPerSecond) * 1_000;
