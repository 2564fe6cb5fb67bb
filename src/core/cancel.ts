/**
 * Tells those who wait that they should stop: the part of the platform's AbortSignal that is used here, so one of those
 * will do wherever this is asked for.
 */
export interface CancelSignal {
  readonly aborted: boolean;
  /** Why; undefined until then. */
  readonly reason: unknown;
  addEventListener(type: "abort", listener: () => void, options?: { readonly once?: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/**
 * A signal and the means to give it. Every call needs several of them, and the platform's own cost ten times as much.
 * Listeners are told at once, each at most once, and must not throw; only the first reason counts.
 */
export class CancelController implements CancelSignal {
  aborted = false;
  reason: unknown = undefined;
  /** Most signals have one listener at a time. */
  #only: (() => void) | undefined;
  #others: Set<() => void> | undefined;

  /** For those who may listen and not give it. One object is both, since each call has several. */
  get signal(): CancelSignal {
    return this;
  }

  addEventListener(_: "abort", listener: () => void): void {
    if (this.aborted) return;
    if (this.#only === undefined || this.#only === listener) this.#only = listener;
    else {
      this.#others ??= new Set();
      this.#others.add(listener);
    }
  }

  removeEventListener(_: "abort", listener: () => void): void {
    if (this.#only === listener) this.#only = undefined;
    else this.#others?.delete(listener);
  }

  abort(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    const listeners = [...(this.#only === undefined ? [] : [this.#only]), ...(this.#others ?? [])];
    this.#only = undefined;
    this.#others = undefined;
    for (const listener of listeners) listener();
  }
}

/** The platform's own signal for those who need one: a runtime's client. Given when the other is. */
export const platformSignal = (signal: CancelSignal): AbortSignal => {
  if (signal instanceof AbortSignal) return signal;
  const controller = new AbortController();
  const onAbort = (): void => controller.abort(signal.reason);
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  return controller.signal;
};
