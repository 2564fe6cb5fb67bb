import { describe, expect, test } from "bun:test";
import { load } from "../../src/roles/load-configuration.ts";

const file = "/configuration/c.json";

/** What is said of a strategy; undefined where nothing is. */
const complaint = async (strategy: unknown): Promise<string | undefined> => {
  const routes = { r: { targets: ["mock/a", { target: "mock/b" }], strategy } };
  const text = JSON.stringify({ providers: { mock: { kind: "mock" } }, routes });
  const disk = { readFile: async () => new TextEncoder().encode(text), isFile: async () => true };
  const options = { config: file, environment: {}, flags: [], workingDirectory: "/configuration" };
  try {
    await load(options as unknown as Parameters<typeof load>[0], new Set(), disk);
  } catch (thrown) {
    return (thrown as Error).message;
  }
  return undefined;
};
const rule = (fields: object) => ({ kind: "rules", rules: [{ when: "true", ...fields }] });

describe("a strategy that is wrong stops the start, with its path", () => {
  const cases: readonly (readonly [unknown, string])[] = [
    ["priority", "strategy: expected an object, got text"],
    [{}, "strategy.rank: is required"],
    [{ kind: "cost-frist" }, "did you mean 'cost-first'?"],
    [{ kind: "nope" }, "strategy.kind: expected one of 'composed', 'priority', 'round-robin'"],
    [{ kind: "priority", floor: 1 }, "strategy.floor: unknown key (known: kind)"],
    [{ rank: { kind: "random" }, tolerence: 0.1 }, "strategy.tolerence: unknown key; did you mean 'tolerance'?"],
    [{ rank: { kind: "random" }, tolerance: 1 }, "strategy.tolerance: expected at most 0.99, got 1"],
    [{ rank: { rank: { kind: "nope" } } }, "strategy.rank.rank.kind: expected one of"],
    [
      { filter: [{ kind: "random" }], rank: { kind: "random" } },
      "strategy.filter[0]: excludes no target with these options",
    ],
    [
      { filter: [{ kind: "trust", floor: 2 }], rank: { kind: "random" } },
      "strategy.filter[0].floor: expected at most 1, got 2",
    ],
    [{ kind: "affinity", first: { kind: "trust", floor: 0.5 } }, "strategy.first: must exclude no target"],
    [{ kind: "quality-first", floor: "hihg" }, "did you mean 'high'?"],
    [
      { kind: "trust", targets: { "x/y": 0.5 } },
      `strategy.targets["x/y"]: stands for none of the route's targets (mock/a, mock/b)`,
    ],
    [{ kind: "regions", within: ["EU!"] }, "strategy.within[0]: expected a region such as eu"],
    [{ kind: "complexity", simple: ["a"], moderate: ["b"] }, "strategy.complex: is required"],
    [{ kind: "complexity", simple: ["a"], moderate: ["b"], complex: ["c"] }, "strategy.complex[0]: stands for none"],
    [
      { kind: "semantic", groups: [{ targets: ["c"], examples: ["x"] }] },
      "strategy.groups[0].targets[0]: stands for none",
    ],
    [rule({}), "strategy.rules[0]: says nothing to do"],
    [rule({ when: "lenght > 3", prefer: ["a"] }), "strategy.rules[0].when: Unknown variable: lenght, at character 1"],
    [rule({ when: "text ==", prefer: ["a"] }), "strategy.rules[0].when: Unexpected token: EOF, at character 8"],
    [rule({ targets: ["a", "mock/c"] }), "strategy.rules[0].targets[1]: stands for none"],
    [rule({ strategy: rule({ exclude: ["c"] }) }), "strategy.rules[0].strategy.rules[0].exclude[0]: stands for none"],
    [
      { rank: { kind: "cascade", accept: "checked", steps: [["mock/a"], ["mock/c"]] } },
      "strategy.rank.steps[1][0]: is not one of the route's targets",
    ],
  ];
  for (const [strategy, message] of cases)
    test(JSON.stringify(strategy), async () => {
      const told = await complaint(strategy);
      expect(told).toStartWith(`${file}: routes.r.strategy`);
      expect(told).toContain(message);
    });

  const good: readonly unknown[] = [
    undefined,
    { kind: "composed", rank: { kind: "random" } },
    { filter: [], rank: { kind: "regions" }, tieBreak: { kind: "random" }, tolerance: 0.5 },
    rule({ targets: ["mock/*"], prefer: ["b"], exclude: ["mock/a"], strategy: { kind: "balanced" } }),
    { kind: "affinity", first: { kind: "least-busy" } },
  ];
  for (const strategy of good)
    test(`${JSON.stringify(strategy)} is none`, async () => {
      expect(await complaint(strategy)).toBeUndefined();
    });
});
