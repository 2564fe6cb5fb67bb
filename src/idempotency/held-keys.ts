import type { Clock } from "../core/ports/clock.ts";
import type { HeldKey, IdempotencyStore } from "../core/ports/idempotency.ts";
import type { Bound, Seal } from "./seal.ts";
import type { IdempotencySettings } from "./settings.ts";

/** How long a process vouches for its calls at a time. It counts only where nobody can see whether it lives. */
export const vouchMilliseconds = 60_000;

export interface HeldKeysParts {
  readonly store: IdempotencyStore;
  readonly seal: Seal;
  readonly clock: Pick<Clock, "wall">;
  /** Told of what could not be written; must not throw. */
  readonly onProblem: (error: unknown) => void;
}

/** The keys that calls of this process hold. */
export class HeldKeys {
  readonly #parts: HeldKeysParts;
  readonly #writing = new Set<Promise<void>>();
  /** Endings that could not be written: the entries still say that the calls go on. */
  readonly #overdue = new Set<() => Promise<void>>();
  #held = 0;

  constructor(parts: HeldKeysParts) {
    this.#parts = parts;
  }

  /** Entries that say that a call of this process goes on. */
  get count(): number {
    return this.#held + this.#overdue.size;
  }

  hold(bound: Bound, settings: IdempotencySettings): HeldKey {
    this.#held += 1;
    let isEnded = false;
    const end = (write: () => Promise<void>): Promise<void> => {
      if (isEnded) return Promise.resolve();
      isEnded = true;
      this.#held -= 1;
      return this.#track(write());
    };
    return {
      maxStoredBytes: settings.maxStoredBytes,
      save: (answer) =>
        end(async () => {
          const isKept = answer !== undefined && answer.body.length <= settings.maxStoredBytes;
          await this.#finish(bound, settings, () => (isKept ? this.#parts.seal.close(answer, bound) : null));
        }),
      release: () => void end(() => this.#release(bound)),
    };
  }

  /** Writes what could not be written before. */
  async retry(): Promise<void> {
    const overdue = [...this.#overdue];
    this.#overdue.clear();
    for (const write of overdue) await this.#track(write());
  }

  /** Resolves when every call has given its key back, or has had half a second for it, and that is written. */
  async settled(): Promise<void> {
    for (let turns = 0; this.#held > 0 && turns < 100; turns++) await new Promise((resolve) => setTimeout(resolve, 5));
    while (this.#writing.size > 0) await Promise.all(this.#writing);
  }

  #track(write: Promise<void>): Promise<void> {
    this.#writing.add(write);
    return write.finally(() => this.#writing.delete(write));
  }

  async #finish(bound: Bound, settings: IdempotencySettings, answer: () => Uint8Array | null): Promise<void> {
    const { store, clock, onProblem } = this.#parts;
    try {
      await store.finish({ ...bound, expiresAt: clock.wall() + settings.ttlMilliseconds, answer: answer() });
      await store.flushed();
    } catch (error) {
      onProblem(error);
      // The call was carried out and will be billed: its key must not run again, even though the answer is lost.
      this.#overdue.add(() => this.#finish(bound, settings, () => null));
    }
  }

  async #release(bound: Bound): Promise<void> {
    try {
      await this.#parts.store.release(bound);
    } catch (error) {
      this.#parts.onProblem(error);
      this.#overdue.add(() => this.#release(bound));
    }
  }
}
