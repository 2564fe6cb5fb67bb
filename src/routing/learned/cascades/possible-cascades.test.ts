import { describe, expect, test } from "bun:test";
import { possibleCascades } from "./possible-cascades.ts";

const both = { kinds: ["agreement", "checked"], lambda: 10 } as const;
const cheap = { quality: 0.8, costUsd: 0.001 };
const other = { quality: 0.8, costUsd: 0.002 };
const dear = { quality: 0.9, costUsd: 0.02 };

describe("cascades that may pay", () => {
  test("two that together cost less than the third, or one that does", () => {
    expect(possibleCascades([cheap, other, dear], both)).toEqual([
      { kind: "checked", first: [0], last: 1 },
      { kind: "checked", first: [0], last: 2 },
      { kind: "agreement", first: [0, 1], last: 2 },
      { kind: "checked", first: [1], last: 2 },
    ]);
    expect(possibleCascades([cheap, other, dear], { ...both, kinds: ["agreement"] })).toHaveLength(1);
  });

  const none = [
    ["where nothing costs anything", [cheap, other, dear].map((one) => ({ ...one, costUsd: 0 }))],
    ["where all cost the same", [cheap, other, dear].map((one) => ({ ...one, costUsd: 1 }))],
    ["of one target", [cheap]],
    [
      "where the dear one is far worse",
      [cheap, other, { quality: 0.5, costUsd: 0.02 }].map((one, at) => ({
        ...one,
        costUsd: at === 1 ? 0.001 : one.costUsd,
      })),
    ],
    ["of none", []],
  ] as const;
  test.each(none)("none %s", (_, members) => {
    expect(possibleCascades(members, both)).toEqual([]);
  });

  test("of many targets, few are looked at: those of the highest worth", () => {
    const members = Array.from({ length: 40 }, (_, place) => ({
      quality: 0.5 + place / 100,
      costUsd: 0.0001 * 1.3 ** place,
    }));
    const shapes = possibleCascades(members, { kinds: ["agreement"], lambda: 1 });
    const used = new Set(shapes.flatMap(({ first, last }) => [...first, last]));
    expect(used.size).toBeLessThanOrEqual(9);
    expect(used.has(39)).toBe(true);
    expect(shapes.length).toBeLessThanOrEqual(84);
  });
});
