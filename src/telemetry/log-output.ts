import { write, writeSync } from "node:fs";
import { GrowingText } from "../core/growing-text.ts";

/** Where finished text goes. */
export interface LogTarget {
  /** Writes all of it without holding up the program; rejects where that fails. */
  write(text: string): Promise<void>;
  /** Writes all of it before returning: for the end of the program. */
  writeNow(text: string): void;
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
/** What a target that does not keep up may make us hold, in characters; further lines are counted and dropped. */
const mostHeld = 8 * 1024 * 1024;

const inBackground = (milliseconds: number, callback: () => void): void => {
  setTimeout(callback, milliseconds).unref();
};

/** Collects lines and writes them in batches, one at a time, so that no call waits for a disk or a pipe. */
export const bufferOutput = (options: LogOutputOptions): LogOutput => {
  const { target, describeLoss, onFailure, flushMilliseconds = 100, after = inBackground } = options;
  // Many lines are held at once, and each is put together of many pieces: joined early, they are no work for collections.
  const held = new GrowingText();
  let heldLines = 0;
  let lostLines = 0;
  let isScheduled = false;
  let isFailing = false;
  let isClosed = false;
  let writing: Promise<void> | undefined;

  const take = (): { text: string; lines: number } => {
    const loss = lostLines > 0 ? `${describeLoss(lostLines)}\n` : "";
    const batch = { text: loss + held.toString(), lines: heldLines + lostLines };
    held.clear();
    heldLines = 0;
    lostLines = 0;
    return batch;
  };

  const failed = (lines: number, error: unknown) => {
    lostLines += lines;
    if (!isFailing) onFailure(error);
    isFailing = true;
  };

  const writeBatches = async (): Promise<void> => {
    while (held.length > 0) {
      const { text, lines } = take();
      try {
        await target.write(text);
        isFailing = false;
      } catch (error) {
        failed(lines, error);
      }
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
    const { text, lines } = take();
    try {
      target.writeNow(text);
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
      held.add(`${line}\n`);
      heldLines += 1;
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
  const encoder = new TextEncoder();
  return {
    write: (text) => writeAll(descriptor, encoder.encode(text)),
    writeNow: (text) => writeAllNow(descriptor, encoder.encode(text)),
    close: () => undefined,
  };
};
