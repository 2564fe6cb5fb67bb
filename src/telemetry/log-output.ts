import { write, writeSync } from "node:fs";
import { HeldLines } from "./held-lines.ts";

/** Where finished lines go, as UTF-8. */
export interface LogTarget {
  /** Writes all of it without holding up the program; rejects where that fails. The bytes stand as long as it takes. */
  write(bytes: Uint8Array): Promise<void>;
  /** Writes all of it before returning: for the end of the program. */
  writeNow(bytes: Uint8Array): void;
  close(): void;
}

/** Lines on their way to a target. */
export interface LogOutput {
  /** Takes one line, without its line break; never waits and never throws. */
  write(line: string): void;
  /** Resolves when all that was taken has been written, or has failed. */
  flush(): Promise<void>;
  /** Writes what is held before returning. */
  flushNow(): void;
  close(): Promise<void>;
}

export interface LogOutputOptions {
  readonly target: LogTarget;
  /** The line that tells of lines which could not be written. */
  readonly describeLoss: (lines: number) => string;
  /** Told when the target begins to fail. */
  readonly onFailure: (error: unknown) => void;
  readonly flushMilliseconds?: number;
  readonly after?: (milliseconds: number, callback: () => void) => void;
}

/** Each batch wakes another thread, so few large ones; a busy program writes some ten a second. */
const largestBatch = 256 * 1024;
/** What a target that does not keep up may make us hold, in bytes; further lines are counted and dropped. */
const mostHeld = 8 * 1024 * 1024;

const inBackground = (milliseconds: number, callback: () => void): void => {
  setTimeout(callback, milliseconds).unref();
};

/** Collects lines and writes them in batches, one at a time, so that no call waits for a disk or a pipe. */
export const bufferOutput = (options: LogOutputOptions): LogOutput => {
  const { target, describeLoss, onFailure, flushMilliseconds = 100, after = inBackground } = options;
  let held = new HeldLines();
  /** Takes the place of what is being written; that comes back here. */
  let spare: HeldLines | undefined;
  let lostLines = 0;
  let isScheduled = false;
  let isFailing = false;
  let isClosed = false;
  let writing: Promise<void> | undefined;

  /** What is held, behind the line that tells of a loss; and how many lines are lost if it cannot be written. */
  const take = (): { batch: HeldLines; lines: number } => {
    let batch = held;
    const lines = held.lines + lostLines;
    if (lostLines > 0) {
      batch = new HeldLines();
      batch.add(describeLoss(lostLines));
      batch.append(held);
      lostLines = 0;
    }
    held = spare ?? new HeldLines();
    spare = undefined;
    return { batch, lines };
  };

  const failed = (lines: number, error: unknown) => {
    lostLines += lines;
    if (!isFailing) onFailure(error);
    isFailing = true;
  };

  const writeBatches = async (): Promise<void> => {
    while (held.length > 0) {
      const { batch, lines } = take();
      try {
        await target.write(batch.bytes);
        isFailing = false;
      } catch (error) {
        failed(lines, error);
      }
      batch.clear();
      spare = batch;
    }
  };

  const flush = (): Promise<void> => {
    writing ??= writeBatches().finally(() => {
      writing = undefined;
    });
    return writing;
  };

  const flushNow = (): void => {
    if (held.length === 0) return;
    const { batch, lines } = take();
    try {
      target.writeNow(batch.bytes);
    } catch (error) {
      failed(lines, error);
    }
  };

  return {
    write: (line) => {
      if (isClosed) return;
      if (held.length > mostHeld) {
        lostLines += 1;
        return;
      }
      held.add(line);
      if (held.length > largestBatch) void flush();
      if (isScheduled) return;
      isScheduled = true;
      after(flushMilliseconds, () => {
        isScheduled = false;
        void flush();
      });
    },
    flush,
    flushNow,
    close: async () => {
      isClosed = true;
      await flush();
      target.close();
    },
  };
};

const isBusy = (error: unknown): boolean => (error as { readonly code?: unknown } | null)?.code === "EAGAIN";

/** Writes bytes to a descriptor whole; a full pipe is waited for without blocking. */
export const writeAll = async (descriptor: number, bytes: Uint8Array): Promise<void> => {
  let offset = 0;
  while (offset < bytes.length) {
    const written = await new Promise<number>((resolve, reject) => {
      write(descriptor, bytes, offset, bytes.length - offset, null, (error, count) => {
        if (error === null || error === undefined) resolve(count);
        else if (isBusy(error)) setTimeout(() => resolve(0), 10);
        else reject(error);
      });
    });
    offset += written;
  }
};

/** Writes bytes to a descriptor before returning; gives up on a pipe that stays full for a quarter of a second. */
export const writeAllNow = (descriptor: number, bytes: Uint8Array): void => {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  let offset = 0;
  for (let refusals = 0; offset < bytes.length; ) {
    try {
      offset += writeSync(descriptor, bytes, offset, bytes.length - offset);
    } catch (error) {
      refusals += 1;
      if (!isBusy(error) || refusals > 50) throw error;
      Atomics.wait(pause, 0, 0, 5);
    }
  }
};

/** A descriptor that is already open, such as standard output (1). */
export const descriptorTarget = (descriptor: number): LogTarget => {
  return {
    write: (bytes) => writeAll(descriptor, bytes),
    writeNow: (bytes) => writeAllNow(descriptor, bytes),
    close: () => undefined,
  };
};
