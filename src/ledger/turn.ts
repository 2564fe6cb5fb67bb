import type { GatewayError } from "../core/errors.ts";
import type { OnWritten } from "../core/ports/journal.ts";
import type { SegmentRecord } from "./frame.ts";

interface Waiting {
  readonly record: SegmentRecord;
  readonly onWritten: OnWritten | undefined;
}

const ignore = (): void => undefined;

/** The records that one write takes to the system, and those who wait for it. */
export class Turn {
  readonly #waiting: Waiting[] = [];
  readonly #write = Promise.withResolvers<void>();
  #excused: Promise<void> | undefined;

  constructor() {
    // Nobody need be waiting when it fails.
    this.#write.promise.catch(ignore);
  }

  /** Gives what whoever appended the record waits for. */
  add(record: SegmentRecord, onWritten: OnWritten | undefined): Promise<void> {
    this.#waiting.push({ record, onWritten });
    if (record.type !== "settled" || record.call.attempts.length > 0) return this.#write.promise;
    // A call that dispatched nothing is not refused its end.
    this.#excused ??= this.#write.promise.catch(ignore);
    return this.#excused;
  }

  // Who waits goes on after those who are told: promises call back when all that runs now has run.
  succeed(): void {
    this.#write.resolve();
    for (const { onWritten } of this.#waiting) onWritten?.(undefined);
  }

  /** `refuse` gives why a record is refused; undefined where it is not, though it is not written yet. */
  fail(error: GatewayError, refuse: (record: SegmentRecord) => GatewayError | undefined): void {
    this.#write.reject(error);
    for (const { record, onWritten } of this.#waiting) {
      const failure = refuse(record);
      onWritten?.(failure);
    }
  }
}
