import { CancelController, type CancelSignal } from "../../core/cancel.ts";
import { GatewayError } from "../../core/errors.ts";

/** Something to be done for a call that is over, which nobody waits for. */
export interface BackgroundWork {
  /** What it keeps in memory until it is done, about. */
  readonly bytes: number;
  /** Never rejects for long: what it throws is told to `onFailed`. */
  run(signal: CancelSignal): Promise<void>;
}

export interface BackgroundQueueParts {
  /** Whether clients' calls need all there is: then what waits is dropped, and nothing is taken. */
  readonly isBusy: () => boolean;
  readonly onFailed: (error: unknown) => void;
}

const most = { running: 4, waiting: 100, bytes: 33_554_432, bytesOfOne: 4_194_304 } as const;

/**
 * Work behind the calls of one process: a few pieces at a time, a bounded number waits, and the rest is dropped. It is the
 * first to go when the process has much to do.
 */
export class BackgroundQueue {
  readonly #parts: BackgroundQueueParts;
  readonly #stopping = new CancelController();
  #waiting: BackgroundWork[] = [];
  readonly #running = new Set<Promise<void>>();
  #bytes = 0;

  constructor(parts: BackgroundQueueParts) {
    this.#parts = parts;
  }

  /** False where it is dropped. It begins later, never within. */
  offer(work: BackgroundWork): boolean {
    if (this.#stopping.aborted || work.bytes > most.bytesOfOne) return false;
    if (this.#parts.isBusy()) {
      this.#drop();
      return false;
    }
    if (this.#waiting.length >= most.waiting || this.#bytes + work.bytes > most.bytes) return false;
    this.#waiting.push(work);
    this.#bytes += work.bytes;
    setTimeout(() => this.#begin(), 0).unref();
    return true;
  }

  /** Nothing is taken any more; what runs is told to end. */
  stop(): void {
    this.#drop();
    this.#stopping.abort(new GatewayError("shutting_down", "The gateway is stopping."));
  }

  /** Resolves when nothing runs any more. */
  async ended(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  #drop(): void {
    for (const { bytes } of this.#waiting) this.#bytes -= bytes;
    this.#waiting = [];
  }

  #begin(): void {
    if (this.#running.size >= most.running) return;
    if (this.#waiting.length > 0 && this.#parts.isBusy()) this.#drop();
    const work = this.#waiting.shift();
    if (work === undefined) return;
    const running = work
      .run(this.#stopping.signal)
      .catch(this.#parts.onFailed)
      .then(() => {
        this.#bytes -= work.bytes;
        this.#running.delete(running);
        this.#begin();
      });
    this.#running.add(running);
  }
}
