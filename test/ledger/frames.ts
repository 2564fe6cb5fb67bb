import { FrameEncoder, type SegmentRecord } from "../../src/ledger/frame.ts";
import { type ReadRecord, readSegment } from "../../src/ledger/segment.ts";

const encoder = new FrameEncoder();

/** The bytes of one record in a segment. */
export const frameOf = (record: SegmentRecord): Uint8Array => {
  const length = encoder.encode(record);
  return encoder.bytes.slice(0, length);
};

/** The bytes of records in a segment, one after the other. */
export const framesOf = (...records: readonly SegmentRecord[]): Uint8Array =>
  new Uint8Array(Buffer.concat(records.map(frameOf)));

const whole = (record: ReadRecord): unknown => {
  if (record.type === "dispatched") return record.read();
  return record.type === "settled" && typeof record.call.decision === "string"
    ? { ...record, call: { ...record.call, decision: JSON.parse(record.call.decision) } }
    : record;
};

/** What a segment holds; decisions, which stay the text that they were written as, as objects again. */
export const readFrames = (bytes: Uint8Array, offset = 0) => {
  const found = readSegment(bytes, offset);
  return { ...found, records: found.records.map(whole) };
};
