import { describe, expect, test } from "bun:test";
import { decodeMatrix, encodeMatrix } from "./sparse-matrix.ts";
import { decodeStored, encodeStored } from "./stored-prompts.ts";

const rows = Uint16Array.from({ length: 400 }, (_, at) => at * 2);
const shape = { width: 3, rows };
const values = new Float32Array(800 * 3);
// Two numbers with more zeros between them than one gap can say, and one at the very end.
values.set([0.5], 0);
values.set([-1], 700 * 3 + 1);
values.set([0.25, 0, 1], 798 * 3);

const sectionsOf = () => {
  const found = new Map(encodeMatrix("m", values, { ...shape, levels: 4 }));
  return {
    gaps: found.get("m.gaps") as Uint8Array,
    codes: found.get("m.codes") as Int8Array,
    units: found.get("m.units") as Float32Array,
  };
};

describe("a sparse matrix", () => {
  test("comes back, to a step of its column", () => {
    const back = new Float32Array(values.length);
    expect(decodeMatrix(sectionsOf(), shape, back)).toBe(true);
    expect(back).toEqual(values);
  });

  test.each([
    ["fewer rows than it names", { width: 3, rows: rows.subarray(0, 300) }, sectionsOf()],
    ["a code without a gap", shape, { ...sectionsOf(), gaps: sectionsOf().gaps.subarray(0, 3) }],
    ["a gap without a code", shape, { ...sectionsOf(), codes: new Int8Array(1) }],
  ])("%s: refused", (_, wanted, sections) =>
    expect(decodeMatrix(sections, wanted, new Float32Array(values.length))).toBe(false),
  );
});

describe("stored prompts", () => {
  const stored = {
    starts: Uint32Array.of(0, 2, 2, 5),
    indices: Uint16Array.of(3, 32_000, 0, 255, 256),
    values: Float32Array.of(1, -1, 0, 1, 1),
  };
  const found = new Map(encodeStored(stored));
  const sections = {
    lengths: found.get("storedLengths") as Uint16Array,
    low: found.get("storedLow") as Uint8Array,
    high: found.get("storedHigh") as Uint8Array,
    codes: found.get("storedValues") as Int8Array,
    unit: (found.get("storedUnit") as Float64Array)[0] as number,
  };

  test("come back", () => {
    expect(decodeStored(sections, 32_801)).toEqual(stored);
  });

  test("an index out of range: refused", () => {
    expect(decodeStored(sections, 32_000)).toBeUndefined();
  });
});
