import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { openJsonExtent } from "./json-extent.ts";

describe("openJsonExtent", () => {
  test("ends with the last character of any object or array, and not before", () => {
    const container = fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.array(fc.jsonValue()));
    fc.assert(
      fc.property(container, fc.nat(), (value, cut) => {
        const text = JSON.stringify(value);
        const at = cut % text.length;
        const extent = openJsonExtent();
        expect(extent.feed(text.slice(0, at))).toBe(false);
        expect(extent.feed(text.slice(at, -1))).toBe(false);
        expect(extent.feed(text.slice(-1))).toBe(true);
      }),
    );
  });

  const open: readonly string[] = ["", "  ", '"{}"', '{"a":"}"', '{"a":"\\"}', "[{}", "12"];
  test.each(open)("has not ended after %j", (text) => {
    expect(openJsonExtent().feed(text)).toBe(false);
  });
});
