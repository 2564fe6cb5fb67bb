import { describe, expect, test } from "bun:test";
import { openToolCallIds } from "./tool-call-ids.ts";

const idsOf = (seed: string, ...calls: readonly ({ id?: string } & { name: string })[]): readonly string[] => {
  const ids = openToolCallIds();
  return calls.map((call) => ids.next(call, seed));
};
const made = /^call_[0-9a-f]{24}$/;

describe("ids of tool calls", () => {
  test("the provider's own are kept", () => {
    expect(idsOf("s", { id: "a", name: "f" }, { id: "b", name: "f" })).toEqual(["a", "b"]);
  });
  test("absent, empty and repeated ones are made up, and distinct", () => {
    const ids = idsOf(
      "s",
      { name: "f" },
      { name: "f" },
      { id: "", name: "f" },
      { id: "a", name: "f" },
      { id: "a", name: "f" },
    );
    expect(ids[3]).toBe("a");
    for (const id of [ids[0], ids[1], ids[2], ids[4]]) expect(id).toMatch(made);
    expect(new Set(ids).size).toBe(5);
  });
  test("the same answer gets the same ids, another one others", () => {
    expect(idsOf("s", { name: "f" })).toEqual(idsOf("s", { name: "f" }));
    expect(idsOf("s", { name: "f" })).not.toEqual(idsOf("t", { name: "f" }));
  });
  test("they are counted", () => {
    const ids = openToolCallIds();
    ids.next({ name: "f" }, "s");
    expect(ids.count).toBe(1);
  });
});
