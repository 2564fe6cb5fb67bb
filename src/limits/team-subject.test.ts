import { expect, test } from "bun:test";
import { namesTeam, subjectOfName, teamSubject } from "./team-subject.ts";

test("equal names of two tenants are two teams", () => {
  expect(teamSubject({ tenant: "default", team: "search" })).toBe("search");
  expect(teamSubject({ tenant: "acme", team: "search" })).toBe("acme/search");
  // Such a name is no longer given, but may be from before.
  expect(teamSubject({ tenant: "default", team: "acme/search" })).toBe("default/acme/search");
});

test.each([
  ["search", "search", true],
  ["search", "acme/search", true],
  ["acme/search", "acme/search", true],
  ["acme/search", "search", false],
  ["acme/search", "other/search", false],
  ["default/search", "search", true],
  ["default/search", "acme/search", false],
  ["acme", "acme/search", false],
])("'%s' names the team '%s': %p", (name, subject, expected) => {
  expect(namesTeam(new Set([name]), subject)).toBe(expected);
});

test("a name says by itself whose team it means first", () => {
  expect(["search", "default/search", "acme/search"].map(subjectOfName)).toEqual(["search", "search", "acme/search"]);
});
