import { GatewayError } from "../core/errors.ts";
import type { JournalRecord } from "../core/ledger.ts";
import { crc32c } from "./crc32c.ts";

// A frame: length of the payload (u32), CRC-32C of version and payload (u32), version (u8), payload (JSON, UTF-8).
// Numbers are little-endian.
const headerBytes = 9;
const version = 1;
/** No record comes near this; a length beyond it was not written by the journal. */
export const maxPayloadBytes = 16 * 1024 * 1024;
const openingBrace = 0x7b;

/** Ends the last segment of a journal that was closed in order: its calls in flight will not be settled. */
export interface ClosedRecord {
  readonly type: "closed";
}
export type SegmentRecord = JournalRecord | ClosedRecord;

/** A whole frame, its checksum right, that holds no record this program knows. */
export interface UnknownRecord {
  readonly type: "unknown";
  readonly text: string;
}
export type ReadRecord = SegmentRecord | UnknownRecord;

/** Encodes records; the bytes are valid until the next call. Throws `storage_unavailable` for a record over 16 MiB. */
export const createFrameEncoder = (): ((record: SegmentRecord) => Uint8Array) => {
  const encoder = new TextEncoder();
  let buffer = new Uint8Array(64 * 1024);
  let view = new DataView(buffer.buffer);
  return (record) => {
    const text = JSON.stringify(record);
    // UTF-8 takes up to three bytes for each UTF-16 unit.
    if (text.length * 3 + headerBytes > buffer.length && !fits(text, buffer.length)) {
      buffer = new Uint8Array(Buffer.byteLength(text) + headerBytes);
      view = new DataView(buffer.buffer);
    }
    const { written } = encoder.encodeInto(text, buffer.subarray(headerBytes));
    if (written > maxPayloadBytes)
      throw new GatewayError("storage_unavailable", `A ledger record of ${written} bytes is too large to be kept.`);
    view.setUint32(0, written, true);
    buffer[8] = version;
    view.setUint32(4, crc32c(buffer, 8, headerBytes + written), true);
    return buffer.subarray(0, headerBytes + written);
  };
};

const fits = (text: string, bytes: number): boolean => Buffer.byteLength(text) + headerBytes <= bytes;

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

type Found = { readonly kind: "frame"; readonly end: number } | { readonly kind: "bad" } | { readonly kind: "newer" };

/** Reads whole frames from `offset` on, until the bytes end or are not a frame. Never throws on what it reads. */
export const readSegment = (bytes: Uint8Array, offset = 0): SegmentRead => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const decoder = new TextDecoder();
  const records: ReadRecord[] = [];
  let end = offset;
  while (end < bytes.length) {
    const found = frameAt(bytes, view, end);
    if (found.kind === "newer") return { records, end, tail: "newer" };
    if (found.kind === "bad") return { records, end, ...tailAt(bytes, view, end) };
    records.push(recordOf(decoder.decode(bytes.subarray(end + headerBytes, found.end))));
    end = found.end;
  }
  return { records, end, tail: "none" };
};

const recordOf = (text: string): ReadRecord => {
  try {
    const value = JSON.parse(text) as SegmentRecord;
    if (value.type === "closed" || typeof value.call?.id === "string") return value;
  } catch {
    // Not JSON: kept as it is, below.
  }
  return { type: "unknown", text };
};

const frameAt = (bytes: Uint8Array, view: DataView, at: number): Found => {
  if (at + headerBytes >= bytes.length) return { kind: "bad" };
  const length = view.getUint32(at, true);
  const end = at + headerBytes + length;
  if (length === 0 || length > maxPayloadBytes || end > bytes.length) return { kind: "bad" };
  const isNewer = (bytes[at + 8] as number) > version;
  if (!isNewer && (bytes[at + 8] !== version || bytes[at + headerBytes] !== openingBrace)) return { kind: "bad" };
  if (crc32c(bytes, at + 8, end) !== view.getUint32(at + 4, true)) return { kind: "bad" };
  return isNewer ? { kind: "newer" } : { kind: "frame", end };
};

// A whole frame after the bad bytes proves damage: appends are in order, so a torn one is always the last.
const tailAt = (bytes: Uint8Array, view: DataView, from: number): Pick<SegmentRead, "tail" | "resumesAt"> => {
  for (let at = from + 1; at + headerBytes < bytes.length; at++)
    if (frameAt(bytes, view, at).kind === "frame") return { tail: "corrupt", resumesAt: at };
  return { tail: "torn" };
};
