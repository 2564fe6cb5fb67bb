import { describe, expect, test } from "bun:test";
import type { JsonObject } from "../core/json.ts";
import { describeChanges } from "./changes.ts";

const hide = (fields: JsonObject): JsonObject => ({ ...fields, ...("key" in fields ? { key: "[secret]" } : {}) });

describe("describeChanges", () => {
  const cases: readonly (readonly [string, JsonObject | null, JsonObject | null, unknown])[] = [
    ["nothing", { a: 1 }, { a: 1 }, []],
    [
      "one that was made",
      null,
      { a: 1, b: "x" },
      [
        ["a", null, "1"],
        ["b", null, "x"],
      ],
    ],
    ["one that was removed", { a: true }, null, [["a", "true", null]]],
    ["a value within", { a: { b: { c: 1, d: 2 } } }, { a: { b: { c: 3, d: 2 } } }, [["a.b.c", "1", "3"]]],
    ["a list", { a: [1] }, { a: [1, "x"] }, [["a", "[1]", '[1,"x"]']]],
    ["a field more", { a: 1 }, { a: 1, b: null }, [["b", null, "null"]]],
    [
      "an object that is empty now",
      { a: { b: 1 } },
      { a: {} },
      [
        ["a.b", "1", null],
        ["a", null, "{}"],
      ],
    ],
    ["a secret", { key: "one" }, { key: "two" }, [["key", "[secret]", "[secret]"]]],
    ["a secret that came", {}, { key: "two" }, [["key", null, "[secret]"]]],
    ["a key in another field", null, { name: `ir-${"x".repeat(43)}` }, [["name", null, "[secret]"]]],
    ["half a character", null, { name: "\ud800" }, [["name", null, "\ufffd"]]],
  ];
  test.each(cases.map((one) => [...one] as const))("%s", (_, before, after, expected) => {
    expect(JSON.parse(describeChanges({ before, after, show: hide }))).toEqual(expected);
  });

  test("cuts what is long, and says how much was left out", () => {
    const many = Object.fromEntries(Array.from({ length: 203 }, (_, number) => [`f${number}`, "x".repeat(3_000)]));
    const rows = JSON.parse(describeChanges({ before: null, after: many }));
    expect(rows).toHaveLength(201);
    expect(rows[0][2]).toHaveLength(2_001);
    expect(rows.at(-1)).toEqual(["…", null, "3 more fields"]);
  });
});
