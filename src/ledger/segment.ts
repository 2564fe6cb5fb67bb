import type { DispatchedRecord } from "../core/ledger.ts";
import type { FoldedCall } from "../core/ports/ledger-store.ts";
import { checksumOf } from "./checksum.ts";
import {
  type ClosedRecord,
  earlierPackedVersion,
  headerBytes,
  jsonVersion,
  maxPayloadBytes,
  packedKinds,
  packedVersion,
  type SegmentRecord,
} from "./frame.ts";
import { FieldReader } from "./packed-fields.ts";
import { readDispatched, readSettled } from "./packed-record.ts";

/** A whole frame, its checksum right, that holds no record this program knows. */
export interface UnknownRecord {
  readonly type: "unknown";
  readonly text: string;
}
/** A settlement as the database takes it. */
export interface ReadSettlement {
  readonly type: "settled";
  readonly call: FoldedCall;
}
/** A dispatch. Most are settled by the time that they are read, and nobody looks at more than their call. */
export interface ReadDispatch {
  readonly type: "dispatched";
  readonly callId: string;
  /** To be called before another stretch is read: its bytes take the place of these. */
  read(): DispatchedRecord | UnknownRecord;
}
export type ReadRecord = ReadDispatch | ReadSettlement | ClosedRecord | UnknownRecord;

/** What was found in a stretch of a segment. */
export interface SegmentRead {
  readonly records: readonly ReadRecord[];
  /** Where the last whole frame ends. */
  readonly end: number;
  /**
   * What follows `end`: nothing; a frame that is not there whole (yet); bytes that are not a frame, with a whole frame
   * after them; or a frame of a newer program.
   */
  readonly tail: "none" | "torn" | "corrupt" | "newer";
  /** With `corrupt`: where whole frames begin again. */
  readonly resumesAt?: number;
}

/** Reads whole frames from `offset` on, until the bytes end or are not a frame. Never throws on what it reads. */
export const readSegment = (bytes: Uint8Array, offset = 0): SegmentRead => {
  const source = new FrameSource(bytes);
  const records: ReadRecord[] = [];
  let end = offset;
  while (end < bytes.length) {
    const next = source.frameAt(end);
    if (next === bad) return { records, end, ...tailAt(source, end) };
    if (source.isNewer(end)) return { records, end, tail: "newer" };
    records.push(source.recordIn(end, next));
    end = next;
  }
  return { records, end, tail: "none" };
};

const bad = -1;
const openingBrace = 0x7b;

/** The frames in a stretch of bytes. */
class FrameSource {
  readonly length: number;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #fields: FieldReader;
  readonly #decoder = new TextDecoder();

  constructor(bytes: Uint8Array) {
    this.length = bytes.length;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#fields = new FieldReader(bytes);
  }

  /** Where the whole frame that begins here ends; `bad` where none does. */
  frameAt(at: number): number {
    if (at + headerBytes >= this.length) return bad;
    // Signed: numbers beyond 31 bits, as they stand in what is no frame, would make all that follows from them slower.
    const length = this.#view.getInt32(at, true);
    if (length <= 0 || length > maxPayloadBytes) return bad;
    const end = at + headerBytes + length;
    if (end > this.length || !this.#canBegin(at)) return bad;
    const checksum = checksumOf(this.#bytes[at + 8] as number, this.#bytes, at + 8, end);
    return checksum === this.#view.getUint32(at + 4, true) ? end : bad;
  }

  /** What a look at two bytes says, before the checksum of all is computed. */
  #canBegin(at: number): boolean {
    const version = this.#bytes[at + 8] as number;
    const first = this.#bytes[at + headerBytes] as number;
    if (version === packedVersion || version === earlierPackedVersion)
      return first === packedKinds.dispatched || first === packedKinds.settled;
    return version === jsonVersion ? first === openingBrace : version > packedVersion;
  }

  isNewer(at: number): boolean {
    return (this.#bytes[at + 8] as number) > packedVersion;
  }

  recordIn(at: number, end: number): ReadRecord {
    if (this.#bytes[at + 8] === jsonVersion) return recordOf(this.#decoder.decode(this.#bytes.subarray(at + 9, end)));
    const payload = at + headerBytes + 1;
    try {
      if (this.#bytes[at + headerBytes] === packedKinds.dispatched) {
        const callId = this.#fields.firstString(payload);
        return { type: "dispatched", callId, read: () => this.#dispatchIn(at, end) };
      }
      this.#fields.begin(payload, end);
      return { type: "settled", call: readSettled(this.#fields) };
    } catch {
      return this.#unknownIn(at, end);
    }
  }

  #dispatchIn(at: number, end: number): DispatchedRecord | UnknownRecord {
    try {
      this.#fields.begin(at + headerBytes + 1, end);
      return readDispatched(this.#fields);
    } catch {
      return this.#unknownIn(at, end);
    }
  }

  #unknownIn(at: number, end: number): UnknownRecord {
    return { type: "unknown", text: Buffer.from(this.#bytes.subarray(at, end)).toString("base64") };
  }
}

const recordOf = (text: string): ReadRecord => {
  try {
    const value = JSON.parse(text) as SegmentRecord;
    if (value.type === "closed") return value;
    if (typeof value.call?.id !== "string") return { type: "unknown", text };
    if (value.type === "dispatched") return { type: "dispatched", callId: value.call.id, read: () => value };
    return value;
  } catch {
    // Not JSON: kept as it is, below.
  }
  return { type: "unknown", text };
};

// A whole frame after the bad bytes proves damage: appends are in order, so a torn one is always the last.
const tailAt = (source: FrameSource, from: number): Pick<SegmentRead, "tail" | "resumesAt"> => {
  for (let at = from + 1; at + headerBytes < source.length; at++)
    if (source.frameAt(at) !== bad && !source.isNewer(at)) return { tail: "corrupt", resumesAt: at };
  return { tail: "torn" };
};
