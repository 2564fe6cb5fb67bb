import { describe, expect, test } from "bun:test";
import { strategySchema } from "../index.ts";
import { Bench, orderOf, type Situation, type Targets } from "../testing.ts";

const targets: Targets = {
  "a/x": { price: { input: 9, output: 9 } },
  "b/x": { price: { input: 1, output: 1 } },
  "c/y": {},
  "d/y": { region: "eu" },
};
const rules = (...list: readonly object[]) => ({ kind: "rules", rules: list });

describe("rules", () => {
  const cases: readonly (readonly [string, object, Situation, string])[] = [
    ["no match: the route's order", rules({ when: "false", targets: ["d/y"] }), {}, "abcd"],
    [
      "no match: otherwise",
      { ...rules({ when: "false", targets: ["d/y"] }), otherwise: { kind: "tags", none: ["x"] } },
      {},
      "abcd",
    ],
    ["targets, in their order", rules({ when: "true", targets: ["y", "a/x"] }), {}, "cda|b"],
    ["targets of a provider", rules({ when: "true", targets: ["b/*"] }), {}, "b|acd"],
    ["targets by a strategy", rules({ when: "true", targets: ["x"], strategy: { kind: "cost-first" } }), {}, "ba|cd"],
    ["a preference", rules({ when: "true", prefer: ["d/y", "b/x"] }), {}, "dbac"],
    [
      "a preference before a strategy",
      rules({ when: "true", prefer: ["d/y"], strategy: { kind: "cost-first" } }),
      {},
      "dcba",
    ],
    ["an exclusion", rules({ when: "true", exclude: ["x"] }), {}, "cd|ab"],
    [
      "exclusions add up, and a later rule decides",
      rules({ when: "true", exclude: ["a/x"] }, { when: "true", exclude: ["c/y"] }, { when: "true", prefer: ["d/y"] }),
      {},
      "db|ac",
    ],
    [
      "the first that decides ends it",
      rules({ when: "true", prefer: ["b/x"] }, { when: "true", targets: ["d/y"] }),
      {},
      "bacd",
    ],
    ["everything excluded", rules({ when: "true", exclude: ["x", "y"] }), {}, "|abcd"],
    ["rules within rules", rules({ when: "true", strategy: rules({ when: "true", exclude: ["d/y"] }) }), {}, "abc|d"],
  ];
  for (const [name, settings, situation, expected] of cases)
    test(name, () => {
      expect(orderOf(settings, targets, situation)).toBe(expected);
    });

  test("targets say which rule sent them there, or away", () => {
    const { ranked, filtered = [] } = new Bench(
      rules({ name: "night", when: "true", targets: ["b/x"] }),
      targets,
    ).rank();
    expect(ranked.map(({ reason }) => reason)).toEqual(["rule 'night'"]);
    expect(new Set(filtered.map(({ reason }) => reason))).toEqual(new Set(["rule 'night' sends the call elsewhere"]));
  });

  test("a rule that fails does not match, and is noted without what it read", () => {
    const bench = new Bench(
      rules(
        { when: "metadata.plan == 'pro' && text.contains('secret')", targets: ["d/y"] },
        { when: "int(text) > 1", prefer: ["c/y"] },
      ),
      targets,
    );
    const { ranked, notes } = bench.rank({ text: "secret words" });
    expect(ranked[0]?.candidate.target.id).toBe("a/x");
    expect(notes).toEqual([
      "rule '1' could not be evaluated and did not match: no such key, at character 10",
      expect.stringMatching(/^rule '2' could not be evaluated and did not match: [a-z ]+, at character \d+$/),
    ]);
    expect(JSON.stringify(notes)).not.toContain("secret");
  });
});

describe("what expressions know", () => {
  const tool = { type: "function" as const, name: "f" };
  const messages = [
    { role: "system" as const, content: [{ type: "text" as const, text: "Be brief." }] },
    { role: "user" as const, content: [{ type: "text" as const, text: "First" }] },
    { role: "assistant" as const, content: [{ type: "text" as const, text: "Yes" }] },
    {
      role: "user" as const,
      content: [
        { type: "text" as const, text: "Last words" },
        { type: "image" as const, source: { kind: "url" as const, url: "https://example.com" } },
      ],
    },
  ];
  const metadata = { plan: "pro", seats: 12, beta: true, list: [1, 2], __proto__: { sneaky: true } };
  const situation: Situation = {
    request: { model: "fast", messages, tools: [tool], metadata, stream: true },
    routing: { tags: ["urgent"], region: "eu" },
    caller: { tenant: "acme", team: "core", keyId: "key-1", userId: "ada", role: "developer" },
    tokens: 1_234.4,
  };
  const holds = [
    "text == 'Last words'",
    "length == 10",
    "taskKind == 'other' && complexity == 'simple'",
    "system.contains('brief')",
    "tokens == 1234 && tokens > 1000.5",
    "messages == 4",
    "hasTools && hasImages && stream",
    "operation == 'chat' && model == 'fast' && route == 'fast'",
    "'urgent' in tags && tags.exists(tag, tag.startsWith('urg'))",
    "metadata.plan == 'pro' && metadata.seats > 10 && metadata.beta",
    "!has(metadata.list) && !has(metadata.sneaky) && !has(metadata.nothing)",
    "caller.tenant == 'acme' && caller.team == 'core' && caller.key == 'key-1' && caller.user == 'ada'",
    "caller.role in ['developer', 'admin']",
    "region == 'eu'",
    "hour == 13 && weekday == 3",
    "text.containsAny(['no', 'words'])",
    "text.containsWord('words') && !text.containsWord('word')",
    "text.lowerAscii().startsWith('last')",
  ];
  for (const when of holds)
    test(when, () => {
      const bench = new Bench(rules({ when, targets: ["d/y"] }), targets);
      bench.now = (2 * 24 + 13) * 3_600_000 + 1;
      expect(bench.order(situation)).toBe("d|abc");
    });

  test("of calls that are no chats too", () => {
    const bench = new Bench(
      rules({
        when: "operation == 'embeddings' && text == 'one\\ntwo' && !hasTools && messages == 0",
        targets: ["d/y"],
      }),
      targets,
    );
    const call = {
      ...bench.call({}),
      operation: "embeddings" as const,
      request: { model: "fast", input: ["one", "two"], encodingFormat: "float" as const },
    };
    expect(bench.rank({}, call as never).ranked.map(({ candidate }) => candidate.target.id)).toEqual(["d/y"]);
  });
});

describe("expressions that are refused", () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ["", /character 1$/],
    ["1 +", /Unexpected token: EOF, at character 4/],
    ["lenght > 3", /Unknown variable: lenght, at character 1/],
    ["caller.password == ''", /No such key: password, at character 8/],
    ["length", /gives int, not true or false/],
    ["text > 3", /at character 1/],
    ["text.matches('(a+)+$')", /regular expressions are not offered.*at character 1/],
    ["tags.exists(t, text.matches(t))", /regular expressions/],
    ["text.split('').size() > 1", /texts are not split/],
    ["tags.exists(a, tags.exists(b, a == b))", /within another loop, at character 16/],
    ["constructor.constructor('return process')() == 1", /character/],
    ["text.constructor == ''", /character/],
    ["caller.__proto__ == ''", /No such key: __proto__/],
    ["process.exit(1)", /Unknown variable: process/],
    ["this == ''", /character/],
    ["globalThis.x", /Unknown variable: globalThis/],
    ["(() => true)()", /character/],
    ["`text` == ''", /character/],
    [`${"(".repeat(500)}true${")".repeat(500)}`, /./],
    [`${"!".repeat(1_000)}true`, /./],
    [Array.from({ length: 400 }, () => "true").join(" && "), /./],
    [`text == '${"a".repeat(3_000)}'`, /longer than 2000 characters/],
    ["[1, 2, 3].map(x, x * 2) == [2, 4, 6] && '\u0000' == text &", /character/],
  ];
  for (const [when, message] of cases)
    test(when.slice(0, 60), () => {
      const result = strategySchema.safeParse(rules({ when, targets: ["a/x"] }));
      expect(result.success).toBe(false);
      expect(result.error?.issues[0]?.path).toEqual(["rules", 0, "when"]);
      expect(result.error?.issues[0]?.message).toMatch(message);
    });

  test("an expression cannot reach the program", () => {
    const when = "has(metadata.constructor) || has(metadata.__proto__) || has(metadata.toString)";
    expect(orderOf(rules({ when, targets: ["d/y"] }), targets, { request: { metadata: { a: 1 } } })).toBe("abcd");
  });

  test("the longest text is read to a bound only", () => {
    const text = `${"a".repeat(1_000_000)}needle`;
    expect(
      orderOf(rules({ when: "length == 32768 && !text.contains('needle')", targets: ["d/y"] }), targets, { text }),
    ).toBe("d|abc");
  });
});
