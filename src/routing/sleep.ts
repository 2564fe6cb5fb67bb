import type { CancelSignal } from "../core/cancel.ts";
/** Waits, never less than asked for: timers fire up to a millisecond early. Rejects with the signal's reason as soon as it is aborted. */
export const sleep = (milliseconds: number, signal: CancelSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    }, Math.ceil(milliseconds) + 1);
    signal.addEventListener("abort", onAbort, { once: true });
  });
