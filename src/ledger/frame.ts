import { GatewayError } from "../core/errors.ts";
import type { JournalRecord } from "../core/ledger.ts";
import { checksumOf } from "./checksum.ts";
import { FieldWriter } from "./packed-fields.ts";
import { writeDispatched, writeSettled } from "./packed-record.ts";

// A frame: length of the payload (u32), checksum of version and payload (u32), version (u8), payload. Numbers are
// little-endian.
export const headerBytes = 9;
/** The payload is the record as JSON, UTF-8: whatever is rare. */
export const jsonVersion = 1;
/** The payload is the kind of the record (u8) and its packed fields. */
export const packedVersion = 3;
/** The same with another checksum: what programs before wrote. */
export const earlierPackedVersion = 2;
export const packedKinds = { dispatched: 1, settled: 2 } as const;
/** No record comes near this; a length beyond it was not written by the journal. */
export const maxPayloadBytes = 16 * 1024 * 1024;

/** Ends the last segment of a journal that was closed in order: its calls in flight will not be settled. */
export interface ClosedRecord {
  readonly type: "closed";
}
export type SegmentRecord = JournalRecord | ClosedRecord;

/** Packed records larger than this are rare. */
const roomBytes = 64 * 1024;
/** Where records are encoded one behind the other, they begin within so many bytes. */
export const mostBytesBefore = 64 * 1024;

/** Encodes records into one buffer: each at its beginning, or behind others. */
export class FrameEncoder {
  #bytes = new Uint8Array(mostBytesBefore + roomBytes);
  #view = new DataView(this.#bytes.buffer);
  #fields = new FieldWriter(this.#bytes);
  readonly #encoder = new TextEncoder();

  /** Where frames are encoded; another one after some that are large. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /**
   * Gives the length of the record's frame, which begins at `at`, {@link mostBytesBefore} at most; what stands before
   * it stays. Throws GatewayError `storage_unavailable` for a record over 16 MiB.
   */
  encode(record: SegmentRecord, at = 0): number {
    const packedEnd = this.#pack(record, at);
    const end = packedEnd ?? this.#writeJson(record, at);
    const version = packedEnd === undefined ? jsonVersion : packedVersion;
    this.#bytes[at + 8] = version;
    this.#view.setUint32(at, end - at - headerBytes, true);
    this.#view.setUint32(at + 4, checksumOf(version, this.#bytes, at + 8, end), true);
    return end - at;
  }

  /** Undefined where the record must be written as JSON. */
  #pack(record: SegmentRecord, at: number): number | undefined {
    const fields = this.#fields;
    const payload = at + headerBytes;
    if (record.type === "dispatched") {
      this.#bytes[payload] = packedKinds.dispatched;
      fields.begin(payload + 1);
      writeDispatched(fields, record);
      return fields.end();
    }
    if (record.type !== "settled") return undefined;
    this.#bytes[payload] = packedKinds.settled;
    fields.begin(payload + 1);
    return writeSettled(fields, record.call) ? fields.end() : undefined;
  }

  #writeJson(record: SegmentRecord, at: number): number {
    const text = JSON.stringify(record);
    // UTF-8 takes up to three bytes for each UTF-16 unit.
    const mostBytes = text.length * 3 + headerBytes;
    if (at + mostBytes > this.#bytes.length) this.#grow(at, Buffer.byteLength(text) + headerBytes);
    const { written } = this.#encoder.encodeInto(text, this.#bytes.subarray(at + headerBytes));
    return at + headerBytes + written;
  }

  #grow(at: number, bytes: number): void {
    if (bytes > maxPayloadBytes + headerBytes)
      throw new GatewayError("storage_unavailable", `A ledger record of ${bytes} bytes is too large to be kept.`);
    if (at + bytes <= this.#bytes.length) return;
    const before = this.#bytes;
    this.#bytes = new Uint8Array(mostBytesBefore + bytes);
    this.#bytes.set(before.subarray(0, at));
    this.#view = new DataView(this.#bytes.buffer);
    this.#fields = new FieldWriter(this.#bytes);
  }
}
