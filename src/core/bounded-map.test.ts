import { describe, expect, test } from "bun:test";
import { BoundedMap } from "./bounded-map.ts";

describe("BoundedMap", () => {
  test("forgets what was longest unused", () => {
    const map = new BoundedMap<string, number>(2);
    map.getOrMake("a", () => 1);
    map.getOrMake("b", () => 2);
    map.getOrMake("a", () => 9);
    map.getOrMake("c", () => 3);
    expect([...map.entries()]).toEqual([
      ["a", 1],
      ["c", 3],
    ]);
    expect(map.get("b")).toBeUndefined();
  });

  test("keeps what is still needed, even beyond its limit", () => {
    const map = new BoundedMap<string, { busy: boolean }>(1, ({ busy }) => busy);
    const first = map.getOrMake("a", () => ({ busy: true }));
    map.getOrMake("b", () => ({ busy: true }));
    expect(map.size).toBe(2);
    first.busy = false;
    map.getOrMake("c", () => ({ busy: true }));
    expect([...map.entries()].map(([key]) => key)).toEqual(["b", "c"]);
  });
});
