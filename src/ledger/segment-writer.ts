import { join } from "node:path";
import type { AppendFile, Durability, OpenAppendFile } from "../core/ports/append-file.ts";
import { segmentName } from "./owner.ts";

export interface SegmentWriterOptions {
  readonly directory: string;
  readonly owner: string;
  readonly durability: Durability;
  readonly openFile: OpenAppendFile;
  /** A segment that would grow beyond this is followed by a new one. */
  readonly segmentBytes: number;
  /** Told where a full segment, or the one in use, could not be synced; gives what is thrown then. */
  readonly unconfirmed: (cause: unknown) => Error;
}

/** Writes frames to an owner's segments, one file after the other. Other errors than `unconfirmed` are those of files. */
export class SegmentWriter {
  readonly #options: SegmentWriterOptions;
  #sequence = 0;
  #file: AppendFile;
  /** Full segments whose last sync may still run. */
  #retired: AppendFile[] = [];
  #appended = 0;
  #synced = 0;

  constructor(options: SegmentWriterOptions) {
    this.#options = options;
    this.#file = this.#open();
  }

  /** How many writes there were. */
  get appended(): number {
    return this.#appended;
  }
  get isSynced(): boolean {
    return this.#synced >= this.#appended;
  }

  /** Whether the segment in use takes so many bytes more. */
  takes(bytes: number): boolean {
    return this.#file.size + bytes <= this.#options.segmentBytes;
  }

  /** Appends the first `length` bytes, whole frames, or nothing. */
  append(bytes: Uint8Array, length: number): void {
    const { size, isSound } = this.#file;
    if (!isSound || (size > 0 && size + length > this.#options.segmentBytes)) this.#rotate();
    this.#file.append(bytes, length);
    this.#appended += 1;
  }

  /** Puts on the disk what was appended before. */
  sync = async (): Promise<void> => {
    const upTo = this.#appended;
    const retired = this.#retired;
    try {
      await this.#file.sync();
    } catch (error) {
      throw this.#options.unconfirmed(error);
    }
    this.#synced = Math.max(this.#synced, upTo);
    this.#retired = this.#retired.filter((file) => !retired.includes(file));
    for (const file of retired) file.close();
  };

  /** Marks the segment as in use. */
  touch(): void {
    this.#file.touch();
  }

  close(): void {
    this.#file.close();
  }

  #open(): AppendFile {
    const { directory, owner, openFile, durability } = this.#options;
    this.#sequence += 1;
    return openFile(join(directory, segmentName(owner, this.#sequence)), durability);
  }

  // The new segment is there before the old one counts as complete: an owner without segments has ended.
  #rotate(): void {
    const full = this.#file;
    try {
      this.#file = this.#open();
    } catch (error) {
      // Without room for a new segment the old one may grow; only half a record at its end forbids it.
      if (full.isSound) return;
      throw error;
    }
    if (this.#options.durability === "process") {
      full.close();
      return;
    }
    this.#retired.push(full);
    try {
      full.syncNow();
    } catch (error) {
      throw this.#options.unconfirmed(error);
    }
  }
}
