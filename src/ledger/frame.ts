import { GatewayError } from "../core/errors.ts";
import type { JournalRecord } from "../core/ledger.ts";
import { crc32c } from "./crc32c.ts";
import { FieldWriter } from "./packed-fields.ts";
import { writeDispatched, writeSettled } from "./packed-record.ts";

// A frame: length of the payload (u32), CRC-32C of version and payload (u32), version (u8), payload. Numbers are
// little-endian.
export const headerBytes = 9;
/** The payload is the record as JSON, UTF-8: whatever is rare. */
export const jsonVersion = 1;
/** The payload is the kind of the record (u8) and its packed fields. */
export const packedVersion = 2;
export const packedKinds = { dispatched: 1, settled: 2 } as const;
/** No record comes near this; a length beyond it was not written by the journal. */
export const maxPayloadBytes = 16 * 1024 * 1024;

/** Ends the last segment of a journal that was closed in order: its calls in flight will not be settled. */
export interface ClosedRecord {
  readonly type: "closed";
}
export type SegmentRecord = JournalRecord | ClosedRecord;

/** Packed records larger than this are rare. */
const firstBytes = 64 * 1024;

/** Encodes records into one buffer, one after the other. */
export class FrameEncoder {
  #bytes = new Uint8Array(firstBytes);
  #view = new DataView(this.#bytes.buffer);
  #fields = new FieldWriter(this.#bytes);
  readonly #encoder = new TextEncoder();

  /** The frame that was encoded last stands at its beginning. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Gives the frame's length. Throws GatewayError `storage_unavailable` for a record over 16 MiB. */
  encode(record: SegmentRecord): number {
    const packedEnd = this.#pack(record);
    const end = packedEnd ?? this.#writeJson(record);
    this.#bytes[8] = packedEnd === undefined ? jsonVersion : packedVersion;
    this.#view.setUint32(0, end - headerBytes, true);
    this.#view.setUint32(4, crc32c(this.#bytes, 8, end), true);
    return end;
  }

  /** Undefined where the record must be written as JSON. */
  #pack(record: SegmentRecord): number | undefined {
    const fields = this.#fields;
    if (record.type === "dispatched") {
      this.#bytes[headerBytes] = packedKinds.dispatched;
      fields.begin(headerBytes + 1);
      writeDispatched(fields, record);
      return fields.end();
    }
    if (record.type !== "settled") return undefined;
    this.#bytes[headerBytes] = packedKinds.settled;
    fields.begin(headerBytes + 1);
    return writeSettled(fields, record.call) ? fields.end() : undefined;
  }

  #writeJson(record: SegmentRecord): number {
    const text = JSON.stringify(record);
    // UTF-8 takes up to three bytes for each UTF-16 unit.
    const mostBytes = text.length * 3 + headerBytes;
    if (mostBytes > this.#bytes.length) this.#grow(Buffer.byteLength(text) + headerBytes);
    const { written } = this.#encoder.encodeInto(text, this.#bytes.subarray(headerBytes));
    return headerBytes + written;
  }

  #grow(bytes: number): void {
    if (bytes > maxPayloadBytes + headerBytes)
      throw new GatewayError("storage_unavailable", `A ledger record of ${bytes} bytes is too large to be kept.`);
    if (bytes <= this.#bytes.length) return;
    this.#bytes = new Uint8Array(bytes);
    this.#view = new DataView(this.#bytes.buffer);
    this.#fields = new FieldWriter(this.#bytes);
  }
}
