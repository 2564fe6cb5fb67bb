import { describe, expect, test } from "bun:test";
import { makeCall, makeTarget } from "../../../test/support/make-call.ts";
import type { Call } from "../../core/call.ts";
import type { JsonObject } from "../../core/json.ts";
import { unitDigest } from "../../core/unit-digest.ts";
import { type Arm, assignArm, drawFor, unitOf } from "./assign.ts";

const units = Array.from({ length: 4_000 }, (_, place) => `user-${place}`);
const assignment = (arms: readonly Arm[], { seed = "s", share = 1 } = {}) =>
  new Map(units.map((unit) => [unit, assignArm(arms, { seed, unit, share })?.name]));
const moves = (before: ReadonlyMap<string, string | undefined>, after: typeof before) =>
  units.flatMap((unit) => (before.get(unit) === after.get(unit) ? [] : [`${before.get(unit)} → ${after.get(unit)}`]));
const even: readonly Arm[] = [
  { name: "a", weight: 1 },
  { name: "b", weight: 1 },
];
const share = (assigned: ReadonlyMap<string, string | undefined>, arm: string | undefined) =>
  [...assigned.values()].filter((one) => one === arm).length / units.length;

describe("an arm", () => {
  test("is the same for the same unit, also in another process: these are part of what was promised", () => {
    const seen = units.slice(0, 12).map((unit) => assignArm(even, { seed: "s", unit, share: 1 })?.name);
    expect(seen.join("")).toBe("abbbabaabaab");
    expect(drawFor("a", "b")).toBeCloseTo(0.979703812568, 12);
  });

  test.each([
    [1, 1],
    [1, 3],
    [9, 1],
  ])("gets its share: weights %p to %p", (one, other) => {
    const assigned = assignment([
      { name: "a", weight: one },
      { name: "b", weight: other },
    ]);
    expect(Math.abs(share(assigned, "a") - one / (one + other))).toBeLessThan(0.03);
  });

  test("whose weight grows takes from the others, and nobody else moves", () => {
    const [heavier] = [[even[0] as Arm, { name: "b", weight: 2 }]];
    const moved = moves(assignment(even), assignment(heavier as readonly Arm[]));
    expect(new Set(moved)).toEqual(new Set(["a → b"]));
    expect(Math.abs(moved.length / units.length - 1 / 6)).toBeLessThan(0.03);
  });

  test("that is added takes from all, and moves nobody between the others", () => {
    const moved = moves(assignment(even), assignment([...even, { name: "c", weight: 1 }]));
    expect(new Set(moved)).toEqual(new Set(["a → c", "b → c"]));
  });

  test("is kept when the share grows: who takes part stays", () => {
    const [few, many] = [assignment(even, { share: 0.1 }), assignment(even, { share: 0.3 })];
    expect(Math.abs(share(few, undefined) - 0.9)).toBeLessThan(0.03);
    expect(new Set(moves(few, many))).toEqual(new Set(["undefined → a", "undefined → b"]));
  });

  test("depends on the seed, and two experiments are independent of each other", () => {
    const [one, other] = [assignment(even), assignment(even, { seed: "t" })];
    const both = units.filter((unit) => one.get(unit) === "a" && other.get(unit) === "a").length / units.length;
    expect(Math.abs(both - 0.25)).toBeLessThan(0.03);
  });
});

test("words of a draw are told apart by their places", () => expect(drawFor("ab", "c")).not.toBe(drawFor("a", "bc")));

test("a digest tells tenants and experiments apart", () =>
  expect(new Set([unitDigest("e", "t", "u"), unitDigest("f", "t", "u"), unitDigest("e", "s", "u")]).size).toBe(3));

describe("whose call it is", () => {
  const callWith = (body: JsonObject, caller: Partial<Call["caller"]> = {}): Call => {
    const { call } = makeCall({ targets: [makeTarget("lab/m")], caller });
    return { ...call, wire: { ...call.wire, body } } as unknown as Call;
  };
  test.each([
    ["user", callWith({ user: "ann" }), "ann"],
    ["user", callWith({ safety_identifier: "bob" }), "bob"],
    ["user", callWith({ metadata: { user_id: "cid" } }), "cid"],
    ["user", callWith({ user: "ann" }, { userId: "u_1" }), "u_1"],
    ["user", callWith({ user: 5 }), undefined],
    ["user", callWith({ user: "" }), undefined],
    ["session", { ...callWith({}), routing: { session: "s1" } }, "s1"],
    ["session", callWith({}), undefined],
    ["key", callWith({}, { keyId: "k_1" }), "k_1"],
    ["key", callWith({}), undefined],
    ["call", callWith({}), "call-1"],
  ] as const)("unit %p", (unit, call, expected) => expect(unitOf(call, unit)).toBe(expected as string));
});
