import { describe, expect, test } from "bun:test";
import { compileRules } from "./compile-rules.ts";
import type { LimitRule } from "./settings.ts";
import { callOf } from "./testing.ts";

const rule = (changes: Partial<LimitRule>): LimitRule => ({ scope: "key", requests: 5, per: "minute", ...changes });
const subjects = (one: LimitRule, call: Parameters<typeof callOf>[0] = {}) =>
  compileRules([one])(callOf(call).call).map(({ subject }) => subject);

describe("whom a rule concerns", () => {
  const cases: readonly (readonly [string, Partial<LimitRule>, Parameters<typeof callOf>[0], readonly string[]])[] = [
    ["each key", {}, {}, ["k"]],
    ["callers without a key as one", {}, { caller: { keyId: null } }, ["none"]],
    ["a key by its id", { match: "k" }, {}, ["k"]],
    ["no other key", { match: ["a", "b"] }, {}, []],
    ["a team", { scope: "team" }, { caller: { team: "t" } }, ["t"]],
    ["a team of another tenant", { scope: "team" }, { caller: { tenant: "acme", team: "t" } }, ["acme/t"]],
    ["a team of one tenant", { scope: "team", match: "acme/t" }, { caller: { tenant: "acme", team: "t" } }, ["acme/t"]],
    ["not the same name elsewhere", { scope: "team", match: "acme/t" }, { caller: { team: "t" } }, []],
    ["nobody's team", { scope: "team" }, {}, []],
    ["a tenant", { scope: "tenant", match: ["default"] }, {}, ["default"]],
    ["a route", { scope: "route" }, {}, ["r"]],
    ["no route of the client's own words", { scope: "route" }, { route: { kind: "implicit" } }, []],
    ["every model of the route", { scope: "model" }, { targets: ["p/m", "q/n", "q/m"] }, ["m", "n"]],
    ["one model", { scope: "model", match: "n" }, { targets: ["p/m", "q/n"] }, ["n"]],
    ["one model of one provider", { scope: "model", match: ["q/m"] }, { targets: ["p/m", "q/m"] }, ["q/m"]],
    ["everyone", { scope: "everyone" }, {}, [""]],
  ];
  test.each(cases.map((one) => [...one] as const))("%s", (_, changes, call, expected) => {
    expect(subjects(rule(changes), call)).toEqual([...expected]);
  });
});

test("rules for the same counter are one claim with the stricter of each limit", () => {
  const claims = compileRules([
    rule({ requests: 5, tokens: 100 }),
    rule({ match: "k", requests: 9, tokens: 50, concurrent: 4 }),
    rule({ requests: 3, per: "hour" }),
    { scope: "key", concurrent: 2 },
  ])(callOf().call);
  expect(claims).toEqual([
    { scope: "key", subject: "k", windowMilliseconds: 60_000, requests: 5, tokens: 50 },
    { scope: "key", subject: "k", windowMilliseconds: 0, concurrent: 2 },
    { scope: "key", subject: "k", windowMilliseconds: 3_600_000, requests: 3 },
  ]);
});
