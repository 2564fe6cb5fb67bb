import { expect, test } from "bun:test";
import type { KeyProfile } from "../core/key-scope.ts";
import { isAsStrictAs, joinProfiles } from "./join-profiles.ts";

type Profile = KeyProfile | null;

const joined: readonly (readonly [team: Profile, own: Profile, expected: KeyProfile | undefined])[] = [
  [null, null, undefined],
  [null, { model: "a" }, { model: "a" }],
  [{ model: "a" }, null, { model: "a" }],
  [{ model: "a" }, { model: "b" }, { model: "a" }],
  [{ strategy: "random" }, { strategy: "priority", model: "b" }, { strategy: "random", model: "b" }],
  [{ deniedModels: ["a", "b"] }, { deniedModels: ["b", "c"] }, { deniedModels: ["a", "b", "c"] }],
  [{ routing: false }, { routing: true }, { routing: false }],
  [{ routing: true }, { routing: false }, { routing: false }],
  [{ routing: true }, {}, {}],
];
test.each(joined)("the team's %j and one's own %j: %j", (team, own, expected) => {
  expect(joinProfiles(team, own)).toEqual(expected);
});

const strictness: readonly (readonly [wanted: Profile, own: KeyProfile, expected: boolean])[] = [
  [null, {}, true],
  [null, { routing: true }, true],
  [null, { routing: false }, false],
  [null, { model: "a" }, false],
  [{ model: "b" }, { model: "a" }, false],
  [{ model: "a", routing: false }, { model: "a" }, true],
  [{ strategy: "random" }, { strategy: "priority" }, false],
  [{ deniedModels: ["b", "a"] }, { deniedModels: ["a", "b"] }, true],
  [{ deniedModels: ["a"] }, { deniedModels: ["a", "b"] }, false],
  [{ deniedModels: ["mock/a"] }, { deniedModels: ["a"] }, false],
  [{ deniedModels: ["a"] }, { deniedModels: ["mock/a"] }, false],
];
test.each(strictness)("%j is as strict as %j: %p", (wanted, own, expected) => {
  expect(isAsStrictAs(wanted, own)).toBe(expected);
});

test("a join is as strict as both of its parts, but for what the team has fixed otherwise", () => {
  for (const [team, own] of joined) {
    const both = joinProfiles(team, own) ?? null;
    if (team !== null) expect(isAsStrictAs(both, team)).toBe(true);
    if (own !== null) expect(isAsStrictAs(both, { deniedModels: own.deniedModels, routing: own.routing })).toBe(true);
  }
});
