import { mkdirSync } from "node:fs";
import { GatewayError } from "../core/errors.ts";
import type { CallRecord } from "../core/ledger.ts";
import type { Durability, OpenAppendFile } from "../core/ports/append-file.ts";
import type { Journal, OnWritten } from "../core/ports/journal.ts";
import { FrameEncoder, mostBytesBefore, type SegmentRecord } from "./frame.ts";
import { createGroupedSync } from "./grouped-sync.ts";
import { thisOwner } from "./owner.ts";
import { SegmentWriter } from "./segment-writer.ts";
import { Spool } from "./spool.ts";
import { Turn } from "./turn.ts";

export interface JournalOptions {
  /** Made where it is not there. */
  readonly directory: string;
  readonly durability: Durability;
  readonly openFile: OpenAppendFile;
  /** A segment that would grow beyond this is followed by a new one. */
  readonly segmentBytes?: number;
  /** Told when the disk would not confirm what was written. The journal then refuses everything: end the program. */
  readonly onFault?: (error: GatewayError) => void;
  /** Told when the disk begins to take nothing, with what it said and of which file; and, without it, when it does again. */
  readonly onRoom?: (refusal: GatewayError | undefined) => void;
  /** Told of a settlement that was refused for want of room, once it is written after all. */
  readonly onWrittenLate?: (record: CallRecord) => void;
}

/** A journal and the means to end it. */
export interface OpenJournal extends Journal {
  /** Names this journal in its segments. */
  readonly owner: string;
  /** Why nothing can be dispatched at present; undefined where all is well. Names no file: clients may see it. */
  refusal(): GatewayError | undefined;
  /** Ends the journal in order. Calls that are not settled by then are entered as interrupted. */
  close(): Promise<void>;
}

const defaultSegmentBytes = 64 * 1024 * 1024;
/** How often a segment is marked as in use, for those who cannot see the process. */
export const touchMilliseconds = 5_000;
/** How often a disk without room is asked whether there is some again. */
const spoolMilliseconds = 250;

/**
 * Opens this process's journal: a new segment in `directory`. Throws GatewayError `storage_unavailable` where the
 * directory cannot be written.
 */
export const openJournal = (options: JournalOptions): OpenJournal => {
  makeDirectory(options.directory);
  return new SegmentedJournal(options);
};

const cannotRecord = (cause: unknown): GatewayError =>
  new GatewayError(
    "storage_unavailable",
    "The gateway cannot record calls at present, so it takes none: its journal cannot be written. The log says why.",
    { cause },
  );

const makeDirectory = (directory: string): void => {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  } catch (cause) {
    const { code } = cause as { code?: string };
    const message = `Cannot make the journal's folder ${directory} (${code}). Check the rights of the folder above it.`;
    throw new GatewayError("storage_unavailable", message, { cause });
  }
};

class SegmentedJournal implements OpenJournal {
  readonly owner = thisOwner(crypto.randomUUID().slice(0, 8));
  readonly #options: JournalOptions;
  readonly #encoder = new FrameEncoder();
  readonly #segments: SegmentWriter;
  readonly #sync: () => Promise<void>;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #spool = new Spool();
  /** What was appended and is not written yet: so many bytes at the beginning of the encoder's. */
  #turn: Turn | undefined;
  #turnBytes = 0;
  #spoolTimer: ReturnType<typeof setInterval> | undefined;
  /** Final: the journal is closed, or its disk cannot be trusted. */
  #refusal: GatewayError | null = null;
  /** Set while the disk takes nothing. */
  #full: GatewayError | undefined;

  constructor(options: JournalOptions) {
    this.#options = options;
    const { owner } = this;
    const segments = new SegmentWriter({
      segmentBytes: defaultSegmentBytes,
      ...options,
      owner,
      unconfirmed: (cause) => this.#fail(cause),
    });
    this.#segments = segments;
    this.#sync = createGroupedSync({ run: segments.sync, count: () => segments.appended });
    this.#timer = setInterval(() => this.#touch(), touchMilliseconds);
    this.#timer.unref();
  }

  append(record: SegmentRecord, onWritten?: OnWritten): Promise<void> | undefined {
    if (this.#refusal !== null) throw this.#refusal;
    if (this.#full !== undefined) return this.#appendWithoutRoom(record);
    if (this.#turnBytes > mostBytesBefore) return this.#appendToNextTurn(record, onWritten);
    const bytes = this.#turnBytes + this.#encoder.encode(record, this.#turnBytes);
    if (this.#turn === undefined) {
      this.#turn = new Turn();
      // It runs when the sockets that are ready have been served.
      setImmediate(this.#writeTurn);
    } else if (!this.#segments.takes(bytes)) return this.#appendToNextTurn(record, onWritten);
    this.#turnBytes = bytes;
    return this.#turn.add(record, onWritten);
  }

  /** What came before fits into the buffer and the segment; with this record it would not. */
  #appendToNextTurn(record: SegmentRecord, onWritten: OnWritten | undefined): Promise<void> | undefined {
    this.#writeTurn();
    return this.append(record, onWritten);
  }

  /** All of the turn's records, or none of them. */
  readonly #writeTurn = (): void => {
    const turn = this.#turn;
    if (turn === undefined) return;
    const length = this.#turnBytes;
    this.#turn = undefined;
    this.#turnBytes = 0;
    try {
      if (this.#refusal !== null) throw this.#refusal;
      this.#segments.append(this.#encoder.bytes, length);
    } catch (cause) {
      const error = this.#refusal ?? this.#becomeFull(cause);
      turn.fail(error, (record) => this.#refuse(record, error));
      return;
    }
    turn.succeed();
  };

  /**
   * Without room on the disk nothing is dispatched any more, so nothing new is owed. Settlements of what was
   * dispatched before are refused too, but kept: they are written before anything else once there is room. A call that
   * dispatched nothing owes nothing, so it is not refused its end.
   */
  #appendWithoutRoom(record: SegmentRecord): undefined {
    if (record.type === "settled") this.#spool.drop(record.call.id);
    try {
      this.#writeSpooled();
      this.#write(record);
    } catch (error) {
      const failure = this.#refuse(record, error as GatewayError);
      if (failure !== undefined) throw failure;
      return;
    }
    this.#becomeWritable();
  }

  refusal(): GatewayError | undefined {
    return this.#refusal ?? this.#full;
  }

  /** Keeps what is owed until there is room; gives what the caller is to hear. */
  #refuse(record: SegmentRecord, error: GatewayError): GatewayError | undefined {
    if (error !== this.#full || record.type !== "settled") return error;
    this.#spool.keep(record.call);
    return record.call.attempts.length > 0 ? error : undefined;
  }

  /** Writes at once. */
  #write(record: SegmentRecord): void {
    const length = this.#encoder.encode(record);
    try {
      this.#segments.append(this.#encoder.bytes, length);
    } catch (error) {
      throw this.#refusal ?? this.#becomeFull(error);
    }
  }

  flushed(): Promise<void> | undefined {
    if (this.#options.durability === "process" || this.#segments.isSynced) return undefined;
    return this.#refusal === null ? this.#sync() : Promise.reject(this.#refusal);
  }

  close = async (): Promise<void> => {
    clearInterval(this.#timer);
    clearInterval(this.#spoolTimer);
    if (this.#refusal !== null) return;
    try {
      this.#appendClosed();
      await this.flushed();
    } finally {
      this.#refusal ??= new GatewayError("shutting_down", "The gateway is shutting down. Try again in a moment.");
      this.#segments.close();
    }
  };

  /** Where it cannot be written, the end of the process says the same to the next one. */
  #appendClosed(): void {
    try {
      void this.append({ type: "closed" });
      this.#writeTurn();
    } catch {
      // Told below where it is final.
    }
    if (this.#refusal !== null) throw this.#refusal;
  }

  /** Throws where there is still no room: what comes after would be an answer without a bill. */
  #writeSpooled(): void {
    for (const record of this.#spool.records()) {
      this.#write({ type: "settled", call: record });
      this.#spool.drop(record.id);
      if (record.attempts.length > 0) this.#options.onWrittenLate?.(record);
    }
  }

  #becomeFull(cause: unknown): GatewayError {
    if (this.#full !== undefined) return this.#full;
    this.#full = cannotRecord(cause);
    this.#spoolTimer = setInterval(() => this.#trySpooled(), spoolMilliseconds);
    this.#spoolTimer.unref();
    this.#options.onRoom?.(cause instanceof GatewayError ? cause : this.#full);
    return this.#full;
  }

  #becomeWritable(): void {
    this.#full = undefined;
    clearInterval(this.#spoolTimer);
    this.#options.onRoom?.(undefined);
  }

  #trySpooled(): void {
    if (this.#refusal !== null) return;
    try {
      this.#writeSpooled();
      // Where nothing was owed nothing was tried either: the next call finds out.
      this.#becomeWritable();
    } catch {
      // The next time, then; who wants to append is told why not.
    }
  }

  // After a failed sync the system may have dropped the pages: no later success would mean anything.
  #fail(error: unknown): GatewayError {
    if (this.#refusal !== null) return this.#refusal;
    this.#refusal = cannotRecord(error);
    this.#options.onFault?.(error instanceof GatewayError ? error : this.#refusal);
    return this.#refusal;
  }

  #touch(): void {
    try {
      this.#segments.touch();
    } catch {
      // Only those who cannot see the process need the mark; the next append tells of a broken disk.
    }
  }
}
