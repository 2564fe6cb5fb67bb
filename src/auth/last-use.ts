import type { KeyStore } from "../core/ports/key-store.ts";

const coarsenessMilliseconds = 60_000;
const delayMilliseconds = 1_000;

/** Notes when keys were last used: at most once a minute for each, in batches, away from the call that used it. */
export class LastUse {
  readonly #store: Pick<KeyStore, "touch">;
  readonly #noted = new Map<string, number>();
  #pending = new Map<string, number>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(store: Pick<KeyStore, "touch">) {
    this.#store = store;
  }

  note(id: string, at: number): void {
    const last = this.#noted.get(id);
    if (last !== undefined && at - last < coarsenessMilliseconds) return;
    this.#noted.set(id, at);
    this.#pending.set(id, at);
    this.#schedule();
  }

  /** Writes what is noted; what could not be written is kept for the next time. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const uses = this.#pending;
    if (uses.size === 0) return;
    this.#pending = new Map();
    try {
      await this.#store.touch(uses);
    } catch {
      // A store that is away must not fail a call that only used its key; the next use tries again.
      this.#pending = new Map([...uses, ...this.#pending]);
    }
  }

  #schedule(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => void this.flush(), delayMilliseconds);
    this.#timer.unref();
  }
}
