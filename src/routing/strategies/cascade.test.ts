import { describe, expect, test } from "bun:test";
import { makeCall, makeTarget } from "../../../test/support/make-call.ts";
import type { Call } from "../../core/call.ts";
import type { Features, Ranking } from "../../core/ports/strategy.ts";
import type { Candidate } from "../../core/route.ts";
import { routeSchema } from "../settings.ts";
import { cascade } from "./cascade.ts";

const candidateOf = (id: string): Candidate => ({ target: makeTarget(id), weight: 1 });
const features: Features = {
  sequence: 0,
  random: 0,
  estimatedInputTokens: 10,
  load: () => ({ inFlight: 0, latencyMilliseconds: undefined }),
};
type Options = Parameters<typeof cascade.create>[0];
const agreement: Options = { steps: [["a/x", "b/x"], ["c/x"]], accept: "agreement" };
const checked: Options = { steps: [["a/x"], ["b/x"], ["c/x"]], accept: "checked" };

const rank = (options: Options, possible: readonly string[]): Ranking => {
  const candidates = possible.map(candidateOf);
  const parts = {
    route: "r",
    candidates,
    clock: { monotonic: () => 0, wall: () => 0 },
    keep: <S>(_: string, make: () => S) => make(),
  };
  const { call } = makeCall({ targets: candidates.map(({ target }) => target) });
  return cascade.create(options, parts).rank(candidates, call as unknown as Call, features) as Ranking;
};

describe("a configured cascade", () => {
  const cases: readonly (readonly [string, Options, readonly string[], readonly (readonly string[])[] | undefined])[] =
    [
      ["all of it", agreement, ["c/x", "a/x", "b/x", "d/x"], [["a/x", "b/x"], ["c/x"]]],
      ["without what is not possible", checked, ["a/x", "c/x"], [["a/x"], ["c/x"]]],
      ["not with too few to agree", agreement, ["a/x", "c/x", "d/x"], undefined],
      ["not with one target", checked, ["c/x", "d/x"], undefined],
      ["without its last step", agreement, ["a/x", "b/x", "d/x"], [["a/x", "b/x"]]],
      [
        "not with fewer than must agree",
        { ...agreement, steps: [["a/x", "b/x", "d/x"], ["c/x"]], needed: 3 },
        ["a/x", "b/x", "c/x"],
        undefined,
      ],
    ];
  for (const [name, options, possible, steps] of cases)
    test(`${name}: the route's order stays the order of fallback`, () => {
      const { ranked, cascade: plan } = rank(options, possible);
      expect(ranked.map(({ candidate }) => candidate.target.id)).toEqual([...possible]);
      expect(plan?.steps.map((step) => step.map(({ target }) => target.id))).toEqual(steps as string[][] | undefined);
    });

  test("takes over what its options say", () => {
    expect(rank({ ...checked, minimumMeanLogprob: -0.5 }, ["a/x", "b/x"]).cascade).toMatchObject({
      kind: "checked",
      minimumMeanLogprob: -0.5,
      reason: "the first that passes of a/x, then b/x",
    });
  });
});

describe("its options", () => {
  const targets = ["a/x", { target: "b/x", weight: 2 }, "c/x"];
  const cases: readonly (readonly [object, readonly (string | number)[], string])[] = [
    [{ steps: [["a/x"], ["d/x"]], accept: "checked" }, ["steps", 1, 0], "is not one of the route's targets"],
    [{ steps: [["a/x"], ["b/x", "a/x"]], accept: "checked" }, ["steps", 1, 1], "stands there twice"],
    [{ steps: [["a/x"]], accept: "checked" }, ["steps"], "name one target only"],
    [{ steps: [["a/x"], ["b/x"]], accept: "agreement" }, ["steps"], "have 1 of the 2 answers"],
    [{ ...agreement, needed: 3 }, ["steps"], "have 2 of the 3 answers"],
    [{ ...checked, needed: 2 }, ["needed"], "means nothing with 'checked'"],
    [{ ...agreement, minimumMeanLogprob: -1 }, ["minimumMeanLogprob"], "means nothing with 'agreement'"],
    [{ ...agreement, needed: 1 }, ["needed"], ">=2"],
    [{ ...checked, minimumMeanLogprob: 1 }, ["minimumMeanLogprob"], "<=0"],
    [{ ...checked, steps: [] }, ["steps"], ">=1"],
    [{ ...checked, accept: "hope" }, ["accept"], "agreement"],
  ];
  for (const [options, path, words] of cases)
    test(`${JSON.stringify(options)}: ${words}`, () => {
      const { error } = routeSchema.safeParse({ targets, strategy: { kind: "cascade", ...options } });
      const issue = error?.issues.find((one) => one.message.includes(words));
      expect(issue?.path).toEqual(["strategy", ...path]);
    });

  test("are taken where they are right", () => {
    for (const options of [agreement, checked])
      expect(routeSchema.safeParse({ targets, strategy: { kind: "cascade", ...options } }).success).toBe(true);
  });
});
