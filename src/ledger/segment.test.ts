import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { sampleAttempt, sampleCall, sampleDispatch } from "../../test/contracts/sample-calls.ts";
import { frameOf, framesOf, readFrames } from "../../test/ledger/frames.ts";
import type { CallRecord } from "../core/ledger.ts";
import { checksumOf } from "./checksum.ts";
import { jsonVersion, packedVersion, type SegmentRecord } from "./frame.ts";

const settled = (changes: Partial<CallRecord> = {}): SegmentRecord => ({
  type: "settled",
  call: sampleCall("a", changes),
});
const records: readonly SegmentRecord[] = [
  sampleDispatch("a"),
  settled(),
  settled({ errorMessage: "naïve – 日本語 𝄞", model: "another" }),
  { type: "closed" },
];
const ends = records.map((_, index) => framesOf(...records.slice(0, index + 1)).length);
const whole = framesOf(...records);
const changed = (at: number, value: number): Uint8Array => {
  const copy = whole.slice();
  copy[at] = value;
  return copy;
};
const versionOf = (frame: Uint8Array): number | undefined => frame[8];

describe("readSegment", () => {
  test("gives back what was encoded, from any frame on", () => {
    expect(readFrames(whole)).toEqual({ records: [...records], end: whole.length, tail: "none" });
    expect(readFrames(whole, ends[0]).records).toEqual(records.slice(1));
    expect(readFrames(new Uint8Array())).toEqual({ records: [], end: 0, tail: "none" });
  });

  test("cuts a torn tail at every byte", () => {
    for (let length = 0; length < whole.length; length++) {
      const complete = ends.filter((end) => end <= length).length;
      const end = complete === 0 ? 0 : (ends[complete - 1] as number);
      const tail = length === end ? "none" : "torn";
      expect(readFrames(whole.subarray(0, length))).toEqual({ records: records.slice(0, complete), end, tail });
    }
  });

  test("reads a tail of zeros, as a power cut leaves it, as torn", () => {
    expect(readFrames(new Uint8Array(Buffer.concat([whole, new Uint8Array(5_000)])))).toMatchObject({
      end: whole.length,
      tail: "torn",
    });
  });

  test.each([1, 2])(
    "reports damage at any byte of the middle (record %d), and where whole frames begin again",
    (place) => {
      const from = ends[place - 1] as number;
      const to = ends[place] as number;
      for (let at = from; at < to; at++)
        expect(readFrames(changed(at, (whole[at] as number) ^ 0x10))).toEqual({
          records: records.slice(0, place),
          end: from,
          tail: "corrupt",
          resumesAt: to,
        });
    },
  );

  test("stops at a frame of a newer version instead of guessing", () => {
    const newer = changed(8, packedVersion + 1);
    new DataView(newer.buffer).setUint32(4, checksumOf(packedVersion + 1, newer, 8, ends[0] as number), true);
    expect(readFrames(newer)).toEqual({ records: [], end: 0, tail: "newer" });
  });

  test("a packed record that breaks off within its fields is kept as it stands", () => {
    const [frame, kept] = [frameOf(sampleDispatch("a")), 60];
    const view = new DataView(frame.buffer);
    view.setUint32(0, kept - 9, true);
    view.setUint32(4, checksumOf(packedVersion, frame, 8, kept), true);
    const text = Buffer.from(frame.subarray(0, kept)).toString("base64");
    expect(readFrames(frame.subarray(0, kept)).records).toEqual([{ type: "unknown", text }]);
  });

  test.each([1, 2])("reads what the program wrote that made records of version %d", (version) => {
    const bytes = readFileSync(resolve(import.meta.dir, `../../test/ledger/fixtures/version-${version}.journal`));
    const found = readFrames(bytes);
    expect(found.tail).toBe("none");
    const failed = sampleAttempt({
      outcome: "error",
      errorCode: "upstream_error",
      errorMessage: 'It "failed".',
      delivered: false,
      usage: null,
      usageSource: "unknown",
      costPicoUsd: 0,
      costSource: "none",
    });
    const other = { target: "other/large", provider: "other", model: "large", price: null, worstCasePicoUsd: null };
    expect(found.records).toEqual([
      sampleDispatch("a"),
      { type: "settled", call: sampleCall("a", { errorMessage: "naïve – 日本語 𝄞" }) },
      sampleDispatch("b"),
      sampleDispatch("b", { attempt: 2, ...other }),
      { type: "settled", call: sampleCall("b", { attempts: [failed, sampleAttempt({ number: 2 })] }) },
      sampleDispatch("c"),
      { type: "closed" },
    ]);
  });
});

describe("FrameEncoder", () => {
  const times = {
    startedAfterMilliseconds: 1 / 3,
    headersAfterMilliseconds: null,
    endedAfterMilliseconds: 7.328676999999971,
  };
  const packed: readonly (readonly [string, SegmentRecord])[] = [
    ["a dispatch", sampleDispatch("a")],
    ["a dispatch without price or bound", sampleDispatch("a", { price: null, worstCasePicoUsd: null })],
    ["a settlement", settled()],
    ["times as they were measured", settled({ durationMilliseconds: 0.1 + 0.2, attempts: [sampleAttempt(times)] })],
    ["no decision, no key", settled({ decision: null, keyId: null, team: "red" })],
    ["no attempt", settled({ attempts: [], target: null, model: null, usage: null, usageSource: "unknown" })],
    [
      "a call that the first of three attempts answered",
      settled({
        attempts: [
          sampleAttempt(),
          sampleAttempt({ number: 2, usage: { inputTokens: 1, outputTokens: 2 }, price: null, upstreamStatus: null }),
          sampleAttempt({ number: 3, usage: null, errorCode: "upstream_error", errorMessage: 'a\nb\u0000"' }),
        ],
      }),
    ],
    [
      "attempts of a cascade",
      settled({
        attempts: [
          sampleAttempt(),
          sampleAttempt({ number: 2, delivered: false, contributed: true }),
          sampleAttempt({ number: 3, delivered: false }),
        ],
      }),
    ],
    ["text beyond ASCII", settled({ route: "öl", errorMessage: "naïve – 日本語 𝄞" })],
    ["an empty text", settled({ errorMessage: "", route: "" })],
  ];
  test.each(packed)("packs %s", (_, record) => {
    const frame = frameOf(record);
    expect(versionOf(frame)).toBe(packedVersion);
    expect(readFrames(frame).records).toEqual([record]);
  });

  const written: readonly (readonly [string, SegmentRecord])[] = [
    ["a text longer than 64 KiB", settled({ errorMessage: "x".repeat(66_000) })],
    ["records larger than its buffer", settled({ errorMessage: "é".repeat(200_000) })],
    ["a call that no attempt answered as it says", settled({ model: "another" })],
    ["the end", { type: "closed" }],
  ];
  test.each(written)("writes JSON: %s", (_, record) => {
    const frame = frameOf(record);
    expect(versionOf(frame)).toBe(jsonVersion);
    expect(readFrames(frame).records).toEqual([record]);
    // The buffer may have grown: what comes next is packed again.
    expect(versionOf(frameOf(settled()))).toBe(packedVersion);
  });

  test("refuses a record over 16 MiB", () => {
    expect(() => frameOf(settled({ errorMessage: "x".repeat(17 << 20) }))).toThrow("too large");
  });
});
