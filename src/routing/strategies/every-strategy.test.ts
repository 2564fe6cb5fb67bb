import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Bench, type Situation, type Targets } from "./testing.ts";

/** One of each kind, with options that make it do all that it can. */
const settings: readonly object[] = [
  { kind: "priority" },
  { kind: "random" },
  { kind: "weighted" },
  { kind: "round-robin" },
  { kind: "least-latency" },
  { kind: "least-busy" },
  { kind: "cost-first" },
  { kind: "quality-first", floor: "good" },
  { kind: "balanced" },
  { kind: "usage-headroom", floor: 0.3 },
  { kind: "capability-match", require: true },
  { kind: "trust", floor: 0.9, targets: { "p1/*": 0.5 } },
  { kind: "regions", within: ["eu", "us"], neighbours: { eu: ["us"] }, default: "eu" },
  { kind: "tags", none: ["beta"] },
  { kind: "affinity" },
  { kind: "cascade", accept: "checked", steps: [["p1/m", "p2/n"], ["p3/o"]] },
  {
    kind: "complexity",
    simple: ["m"],
    moderate: ["p1/*", "m"],
    complex: ["p2/*"],
    otherwise: { kind: "trust", floor: 0.8 },
  },
  { kind: "affinity", by: "user", first: { kind: "least-busy" } },
  {
    kind: "semantic",
    threshold: 0.05,
    groups: [{ targets: ["p2/*", "m"], examples: ["Write code", "Sum of numbers"] }],
  },
  {
    kind: "rules",
    rules: [
      { when: "length > 20", exclude: ["p3/*"] },
      { when: "'x' in tags", targets: ["m", "p1/*"] },
      { when: "hasTools || metadata.a", prefer: ["p2/*"], strategy: { kind: "balanced" } },
    ],
  },
  {
    filter: [
      { kind: "tags", none: ["beta"] },
      { kind: "regions", within: ["eu"] },
    ],
    rank: { kind: "cost-first" },
    tieBreak: { kind: "random" },
    tolerance: 0.5,
  },
];

const optional = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });
const facts = fc.record(
  {
    price: fc.record({
      input: fc.double({ min: 0, max: 1e6, noNaN: true }),
      output: fc.double({ min: 0, max: 1e6, noNaN: true }),
    }),
    qualityTier: fc.constantFrom("basic", "good", "high", "exceptional"),
    region: fc.constantFrom("eu", "eu-west-1", "us-east-1", "mars", ""),
    tags: fc.subarray(["beta", "local"]),
    tools: fc.boolean(),
    openWeights: fc.boolean(),
    contextTokens: fc.nat(),
    weight: fc.nat(3),
    releaseDate: fc.constantFrom("2025-01-01", "no date"),
  },
  { requiredKeys: [] },
);
const targets = fc
  .array(fc.tuple(fc.constantFrom("p1", "p2", "p3"), fc.constantFrom("m", "n", "o", "8b-mini")), {
    minLength: 1,
    maxLength: 6,
  })
  .chain((names) => fc.tuple(...names.map(([provider, model]) => fc.tuple(fc.constant(`${provider}/${model}`), facts))))
  .map((entries) => Object.fromEntries(entries) as Targets);
const loads = fc.record({
  inFlight: fc.nat(1_000),
  latencyMilliseconds: optional(fc.double({ min: 0, max: 1e5, noNaN: true })),
  outcomes: fc.record({
    successes: fc.double({ min: 0, max: 1e4, noNaN: true }),
    failures: fc.double({ min: 0, max: 1e4, noNaN: true }),
  }),
  quota: fc.record({
    of: fc.constant("tokens" as const),
    left: fc.double({ min: 0, max: 1, noNaN: true }),
    resetsAt: optional(fc.integer()),
  }),
});
const situation = fc.record({
  text: fc.string({ unit: "binary", maxLength: 60 }),
  tokens: fc.nat(1e6),
  random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  routing: fc.record(
    { session: fc.string(), tags: fc.array(fc.constantFrom("x", "y")), region: fc.constantFrom("eu", "us") },
    { requiredKeys: [] },
  ),
  request: fc.record(
    { user: fc.string(), metadata: fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.boolean(), fc.double())) },
    { requiredKeys: [] },
  ),
  load: loads,
});

describe("every strategy, whatever the candidates and the call", () => {
  for (const options of settings)
    test(JSON.stringify(options).slice(0, 100), () => {
      fc.assert(
        fc.property(targets, situation, (made, { load, ...asked }) => {
          const bench = new Bench(options, made);
          const given = {
            ...asked,
            loads: Object.fromEntries(
              Object.keys(made)
                .slice(0, 3)
                .map((id) => [id, load]),
            ),
          } as Situation;
          const call = bench.call(given);
          const { ranked, filtered = [] } = bench.rank(given, call);
          // Each candidate once, ranked or filtered, each with a reason; scores are numbers and never rise.
          const all = [...ranked, ...filtered].map(({ candidate }) => candidate);
          expect(new Set(all)).toEqual(new Set(call.route.candidates));
          expect(all.length).toBe(call.route.candidates.length);
          for (const { reason } of [...ranked, ...filtered]) expect(reason).not.toBe("");
          for (const { score } of ranked) expect(score).not.toBeNaN();
          if (!("tieBreak" in options))
            for (let place = 1; place < ranked.length; place++)
              expect(ranked[place]?.score).toBeLessThanOrEqual(ranked[place - 1]?.score as number);
        }),
        { numRuns: 60 },
      );
    });
});
