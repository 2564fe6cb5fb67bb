import { describe, expect, test } from "bun:test";
import { sampleCall, sampleDispatch } from "../../test/contracts/sample-calls.ts";
import { crc32c } from "./crc32c.ts";
import { createFrameEncoder, readSegment, type SegmentRecord } from "./segment.ts";

const records: readonly SegmentRecord[] = [
  sampleDispatch("a"),
  { type: "settled", call: sampleCall("a", { errorMessage: "naïve – 日本語 𝄞" }) },
  { type: "closed" },
];
const encode = createFrameEncoder();
const frames = records.map((record) => encode(record).slice());
const ends = frames.map((_, index) => frames.slice(0, index + 1).reduce((sum, frame) => sum + frame.length, 0));
const whole = new Uint8Array(Buffer.concat(frames));
const changed = (at: number, value: number): Uint8Array => {
  const copy = whole.slice();
  copy[at] = value;
  return copy;
};

describe("readSegment", () => {
  test("gives back what was encoded, from any frame on", () => {
    expect(readSegment(whole)).toEqual({ records: [...records], end: whole.length, tail: "none" });
    expect(readSegment(whole, ends[0] as number).records).toEqual(records.slice(1));
    expect(readSegment(new Uint8Array())).toEqual({ records: [], end: 0, tail: "none" });
  });

  test("cuts a torn tail at every byte", () => {
    for (let length = 0; length < whole.length; length++) {
      const read = readSegment(whole.subarray(0, length));
      const complete = ends.filter((end) => end <= length).length;
      const end = complete === 0 ? 0 : (ends[complete - 1] as number);
      expect(read).toEqual({ records: records.slice(0, complete), end, tail: length === end ? "none" : "torn" });
    }
  });

  test("reads a tail of zeros, as a power cut leaves it, as torn", () => {
    expect(readSegment(new Uint8Array(Buffer.concat([whole, new Uint8Array(5_000)])))).toMatchObject({
      end: whole.length,
      tail: "torn",
    });
  });

  test("reports damage at any byte of the middle, and where whole frames begin again", () => {
    const [from, to] = ends as [number, number];
    for (let at = from; at < to; at++)
      expect(readSegment(changed(at, (whole[at] as number) ^ 0x10))).toEqual({
        records: records.slice(0, 1),
        end: from,
        tail: "corrupt",
        resumesAt: to,
      });
  });

  test("stops at a frame of a newer version instead of guessing", () => {
    const newer = changed(8, 2);
    new DataView(newer.buffer).setUint32(4, crc32c(newer, 8, ends[0] as number), true);
    expect(readSegment(newer)).toEqual({ records: [], end: 0, tail: "newer" });
  });
});

describe("createFrameEncoder", () => {
  test("takes records larger than its buffer", () => {
    const large: SegmentRecord = { type: "settled", call: sampleCall("a", { errorMessage: "é".repeat(200_000) }) };
    expect(readSegment(encode(large)).records).toEqual([large]);
  });

  test("refuses a record over 16 MiB", () => {
    const huge: SegmentRecord = { type: "settled", call: sampleCall("a", { errorMessage: "x".repeat(17 << 20) }) };
    expect(() => createFrameEncoder()(huge)).toThrow("too large");
  });
});
