import { heapStats } from "bun:jsc";
import { expect, test } from "bun:test";
import { array, assert, property, string } from "fast-check";
import { GrowingText } from "./growing-text.ts";

test("a text that grows is all its pieces, in their order", () => {
  assert(
    property(array(string({ maxLength: 600 }), { maxLength: 40 }), (pieces) => {
      const text = new GrowingText();
      for (const piece of pieces) text.add(piece);
      expect(text.toString()).toBe(pieces.join(""));
      expect(text.length).toBe(pieces.join("").length);
      text.clear();
      expect([text.toString(), text.length]).toEqual(["", 0]);
    }),
  );
});

test("a text that grows keeps its blocks, not its pieces", () => {
  const objects = (): number => {
    Bun.gc(true);
    return heapStats().objectCount;
  };
  const before = objects();
  const texts = Array.from({ length: 100 }, () => {
    const text = new GrowingText();
    for (let count = 0; count < 300; count++) text.add(`${count} ${"z".repeat(100)}`.slice(0, -1));
    return text;
  });
  // Of 30,000 pieces, at least two objects each.
  expect(objects() - before).toBeLessThan(15_000);
  expect(texts[0]?.length).toBeGreaterThan(30_000);
});
