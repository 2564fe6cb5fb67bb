import { describe, expect, test } from "bun:test";
import type { ListStrategy, Strategy } from "../../core/ports/strategy.ts";
import { compose } from "./composed.ts";
import { createStrategy, strategySchema, withOtherRank } from "./index.ts";
import { priority } from "./priority.ts";
import { Bench, orderOf, type Situation, type Targets } from "./testing.ts";

const targets: Targets = {
  "a/x": { price: { input: 1, output: 1.02 }, region: "eu", tags: ["local"] },
  "b/x": { price: { input: 1, output: 1 }, region: "us" },
  "c/x": { price: { input: 9, output: 9 }, region: "eu-west-1", tags: ["local"] },
  "d/x": { price: { input: 0.1, output: 0.1 } },
};
const busy = { loads: { "a/x": { inFlight: 1 } } };
const rank = { kind: "cost-first" };
const inEurope = { kind: "regions", within: ["eu"] };

describe("composition", () => {
  const cases: readonly (readonly [string, object, Situation, string])[] = [
    ["a ranking alone", { rank }, {}, "dbac"],
    ["a filter before it", { filter: [inEurope], rank }, {}, "ac|bd"],
    [
      "filters one after the other",
      {
        filter: [
          { kind: "tags", none: ["local"] },
          { kind: "regions", within: ["us"] },
        ],
        rank,
      },
      {},
      "b|acd",
    ],
    ["filters that leave nothing", { filter: [inEurope, { kind: "tags", none: ["local"] }], rank }, {}, "|bdac"],
    ["ties within the tolerance", { rank, tieBreak: { kind: "priority" }, tolerance: 0.05 }, {}, "dabc"],
    ["no ties without it", { rank, tieBreak: { kind: "priority" } }, {}, "dbac"],
    ["ties by load", { rank, tieBreak: { kind: "least-busy" }, tolerance: 0.05 }, busy, "dbac"],
    ["all equal", { rank: { kind: "regions" }, tieBreak: { kind: "cost-first" } }, {}, "dbac"],
    [
      "compositions within compositions",
      { filter: [{ filter: [inEurope], rank }], rank: { kind: "priority" } },
      {},
      "ac|bd",
    ],
    ["what the ranking itself excludes", { rank: { kind: "regions", within: ["us"] } }, {}, "b|acd"],
    [
      "a tie-break excludes nobody",
      { rank: { kind: "regions" }, tieBreak: { kind: "tags", none: ["local"] } },
      {},
      "bdac",
    ],
  ];
  for (const [name, settings, situation, expected] of cases)
    test(name, () => {
      expect(orderOf(settings, targets, situation)).toBe(expected);
    });

  test("each target that is excluded has a reason", () => {
    const { filtered = [] } = new Bench({ filter: [inEurope], rank }, targets).rank();
    expect(filtered.map(({ candidate, reason }) => `${candidate.target.id}: ${reason}`)).toEqual([
      "b/x: it is in us; calls stay within eu",
      "d/x: its region is not known; calls stay within eu",
    ]);
  });

  test("equals say by what they were ordered", () => {
    const { ranked } = new Bench({ rank, tieBreak: { kind: "least-busy" }, tolerance: 0.05 }, targets).rank(busy);
    expect(ranked.map(({ reason }) => reason)).toEqual([
      "about 0.000150 USD",
      "about 0.001500 USD; of equals: 0 calls in flight",
      "about 0.001510 USD; of equals: 1 calls in flight",
      "about 0.013500 USD",
    ]);
  });
});

describe("parts that fail", () => {
  const broken: Strategy = {
    kind: "broken",
    rank: () => {
      throw new Error("by itself");
    },
  };
  const forgetful: ListStrategy = {
    kind: "forgetful",
    rank: (candidates, ...rest) => priority.rank(candidates, ...rest).slice(1),
  };
  const bench = new Bench({ rank: { kind: "priority" } }, targets);
  const call = bench.call({});
  const features = {
    sequence: 0,
    random: 0,
    estimatedInputTokens: 1,
    load: () => ({ inFlight: 0, latencyMilliseconds: undefined }),
  };
  const europe = createStrategy(strategySchema.parse(inEurope), {
    route: "fast",
    candidates: [],
    clock: { monotonic: () => 0, wall: () => 0 },
    keep: (_, make) => make(),
  });

  test("a filter that fails lets nobody through", () => {
    const answer = compose({ filters: [broken], rank: priority, tolerance: 0 }).rank(
      call.route.candidates,
      call,
      features,
    );
    expect(answer).toMatchObject({ ranked: [], filtered: Array(4).fill({ reason: "the filter 'broken' failed" }) });
  });

  test.each([broken, forgetful])("a ranking that fails does not bring back what was filtered", (bad) => {
    const answer = compose({ filters: [europe], rank: bad, tolerance: 0 }).rank(call.route.candidates, call, features);
    expect(answer).toMatchObject({
      ranked: [{ candidate: { target: { id: "a/x" } } }, { candidate: { target: { id: "c/x" } } }],
      filtered: [{ candidate: { target: { id: "b/x" } } }, { candidate: { target: { id: "d/x" } } }],
      notes: [`strategy '${bad.kind}' failed: the route's own order was taken`],
    });
  });
});

describe("another ranking in the place of a strategy's", () => {
  const cases: readonly (readonly [object, string])[] = [
    [{ kind: "priority" }, "dbac"],
    [inEurope, "ac|bd"],
    [{ filter: [inEurope], rank: { kind: "random" } }, "ac|bd"],
    [{ filter: [inEurope], rank: { kind: "tags", none: ["local"] } }, "|bdac"],
    [{ kind: "rules", rules: [{ when: "true", exclude: ["a/x"] }] }, "dbc|a"],
    [{ rank: { rank: { kind: "trust", floor: 1 } } }, "|abcd"],
  ];
  for (const [settings, expected] of cases)
    test(`what ${JSON.stringify(settings)} excludes stays excluded`, () => {
      expect(orderOf(withOtherRank(strategySchema.parse(settings), "cost-first"), targets)).toBe(expected);
    });
});
