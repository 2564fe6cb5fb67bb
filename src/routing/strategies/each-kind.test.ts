import { describe, expect, test } from "bun:test";
import type { UserPart } from "../../core/chat.ts";
import { orderOf, type Situation, type Targets } from "./testing.ts";

const price = (output: number) => ({ price: { input: output / 4, output } });
const image: UserPart = { type: "image", source: { kind: "url", url: "https://example.com/a.png" } };
const withImage = { messages: [{ role: "user" as const, content: [image] }] };
const tool = { type: "function" as const, name: "f" };

const tiers: Targets = {
  "a/x": { qualityTier: "good", ...price(1) },
  "b/x": { qualityTier: "exceptional", ...price(10) },
  "c/x": { qualityTier: "basic", ...price(0.1) },
};
const skills: Targets = {
  "a/x": { tools: true, inputModalities: ["text", "image"], reasoning: true, structuredOutput: true },
  "b/x": { tools: false, inputModalities: ["text"], structuredOutput: false, reasoning: false },
  "c/x": { bestFor: ["poetry"] },
};
const places: Targets = {
  "a/x": { region: "us-east-1" },
  "b/x": { region: "eu-central-1" },
  "c/x": {},
  "d/x": { region: "uk" },
};
const neighbours = { eu: ["uk", "us"] };
const plain: Targets = { "a/x": {}, "b/x": {}, "c/x": {} };
const tagged: Targets = { "a/x": { tags: ["local"] }, "b/x": { tags: ["local", "beta"] }, "c/x": {} };
const quota = (left: number, resetsAt?: number) => ({ quota: { of: "requests" as const, left, resetsAt } });
const outcomes = (successes: number, failures: number) => ({ outcomes: { successes, failures } });
const byComplexity = { kind: "complexity", simple: ["a/x", "c/x"], moderate: ["b/*", "c/*"], complex: ["c/x"] };
const troubled = { loads: { "a/x": outcomes(10, 30), "b/x": outcomes(40, 0) } };

const cases: readonly (readonly [string, object, Targets, Situation, string])[] = [
  ["the best first", { kind: "quality-first" }, tiers, {}, "bac"],
  ["none below the floor", { kind: "quality-first", floor: "good" }, tiers, {}, "ba|c"],
  ["nothing above the floor", { kind: "quality-first", floor: "high" }, plain, {}, "|abc"],

  ["quality alone", { kind: "balanced", cost: 0, latency: 0 }, tiers, {}, "bac"],
  ["cost alone", { kind: "balanced", quality: 0, latency: 0 }, tiers, {}, "cab"],
  ["the middle of both", { kind: "balanced", quality: 1, cost: 1.3, latency: 0 }, tiers, {}, "cab"],
  [
    "latency alone, unknown in the middle",
    { kind: "balanced", quality: 0, cost: 0 },
    tiers,
    { loads: { "a/x": { latencyMilliseconds: 900 }, "b/x": { latencyMilliseconds: 100 } } },
    "bca",
  ],
  ["no weight at all keeps the order", { kind: "balanced", quality: 0, cost: 0, latency: 0 }, tiers, {}, "abc"],

  [
    "most left first, unknown as half",
    { kind: "usage-headroom" },
    plain,
    { loads: { "a/x": quota(0.2), "c/x": quota(0.9) } },
    "cba",
  ],
  ["what began anew is whole", { kind: "usage-headroom" }, plain, { loads: { "b/x": quota(0.1, -1) } }, "bac"],
  ["what comes later is not", { kind: "usage-headroom" }, plain, { loads: { "b/x": quota(0.1, 1_000) } }, "acb"],
  ["fewer in flight of equals", { kind: "usage-headroom" }, plain, { loads: { "a/x": { inFlight: 3 } } }, "bca"],
  ["none under the floor", { kind: "usage-headroom", floor: 0.2 }, plain, { loads: { "a/x": quota(0.1) } }, "bc|a"],

  ["the surest first", { kind: "trust" }, plain, troubled, "bca"],
  ["none under the floor", { kind: "trust", floor: 0.5 }, plain, troubled, "bc|a"],
  ["a low prior comes last", { kind: "trust", targets: { "b/x": 0.1 } }, plain, {}, "acb"],
  ["a strong prior outweighs few calls", { kind: "trust", strength: 1_000 }, plain, troubled, "bca"],
  ["one failure is no verdict", { kind: "trust", floor: 0.8 }, plain, { loads: { "a/x": outcomes(0, 1) } }, "bca"],

  ["near first", { kind: "regions", neighbours }, places, { routing: { region: "eu-west-1" } }, "bdac"],
  ["the same region first", { kind: "regions", neighbours }, places, { routing: { region: "eu" } }, "bdac"],
  ["by tenant", { kind: "regions", tenants: { default: "us" } }, places, {}, "abdc"],
  [
    "what the request says wins",
    { kind: "regions", tenants: { default: "us" } },
    places,
    { routing: { region: "uk" } },
    "dabc",
  ],
  ["the default", { kind: "regions", default: "uk" }, places, {}, "dabc"],
  ["nothing known keeps the order", { kind: "regions" }, places, {}, "abcd"],
  ["never leaving", { kind: "regions", within: ["eu"] }, places, { routing: { region: "us" } }, "b|acd"],
  ["a region is no prefix of a word", { kind: "regions", within: ["u"] }, places, {}, "|abcd"],

  ["an easy one", byComplexity, plain, { text: "easy" }, "acb"],
  ["one in the middle", byComplexity, plain, { text: "middling" }, "bca"],
  ["a hard one", byComplexity, plain, { text: "hard" }, "cab"],
  ["easy, maybe: one step up", byComplexity, plain, { text: "easy, maybe" }, "bca"],
  ["in the middle, maybe", byComplexity, plain, { text: "middling, maybe" }, "cab"],
  ["hard, maybe", byComplexity, plain, { text: "hard, maybe" }, "cab"],
  ["any doubt is allowed", { ...byComplexity, leastConfidence: 0 }, plain, { text: "easy, maybe" }, "acb"],
  [
    "what the others exclude",
    { ...byComplexity, otherwise: { kind: "tags", none: ["beta"] } },
    { ...plain, "c/x": { tags: ["beta"] } },
    { text: "hard" },
    "ab|c",
  ],

  ["all of the tags", { kind: "tags", all: ["local", "beta"] }, tagged, {}, "b|ac"],
  ["any of the tags", { kind: "tags", any: ["beta", "local"] }, tagged, {}, "ab|c"],
  ["none of the tags", { kind: "tags", none: ["beta"] }, tagged, {}, "ac|b"],

  ["nothing needed: the simplest", { kind: "capability-match" }, skills, {}, "bca"],
  ["tools", { kind: "capability-match" }, skills, { request: { tools: [tool] } }, "acb"],
  ["tools, required", { kind: "capability-match", require: true }, skills, { request: { tools: [tool] } }, "ac|b"],
  ["images", { kind: "capability-match", require: true }, skills, { request: withImage }, "ac|b"],
  [
    "a schema",
    { kind: "capability-match" },
    skills,
    { request: { responseFormat: { kind: "schema", name: "s", schema: {} } } },
    "acb",
  ],
  [
    "no reasoning is no need",
    { kind: "capability-match" },
    skills,
    { request: { reasoning: { effort: "none" } } },
    "bca",
  ],
  ["what it is best for", { kind: "capability-match" }, skills, { routing: { tags: ["poetry"] } }, "cba"],
];

describe("strategies", () => {
  for (const [name, settings, targets, situation, expected] of cases)
    test(`${JSON.stringify(settings)}: ${name}`, () => {
      expect(orderOf(settings, targets, situation)).toBe(expected);
    });
});
