import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { loadConfiguration } from "./load.ts";
import { ConfigurationError } from "./problem.ts";
import { sampleOptions } from "./testing.ts";

const failureOf = async (file: string, content: string | Uint8Array, environment = {}, flags = {}): Promise<string> => {
  const options = { ...sampleOptions({ [file]: content }, environment), file, ...flags };
  const thrown: unknown = await loadConfiguration(options).then(
    () => new Error("it loaded"),
    (error: unknown) => error,
  );
  if (!(thrown instanceof ConfigurationError)) throw thrown;
  return thrown.message;
};

describe("what is wrong is named with what was meant", () => {
  const cases: readonly [text: string, message: string][] = [
    [
      "routes:\n  fast:\n    targets: [a/b]\n    stratgy: { kind: priority }",
      "config.yaml: routes.fast.stratgy: unknown key; did you mean 'strategy'? (line 4)",
    ],
    [
      "routes:\n  fast:\n    tragets: [a/b]",
      "config.yaml: routes.fast.tragets: unknown key; did you mean 'targets'? (line 3)",
    ],
    ["sever: {}", "config.yaml: sever: unknown key; did you mean 'server'? (line 1)"],
    ["zzz: 1", "config.yaml: zzz: unknown key (known: server, logging, providers, routes) (line 1)"],
    ["server: { port: eighty }", 'config.yaml: server.port: expected a number, got "eighty" (line 1)'],
    ["server: { port: 70000 }", "config.yaml: server.port: expected at most 65535, got 70000 (line 1)"],
    ["server: { port: 1.5 }", "config.yaml: server.port: expected an integer, got 1.5 (line 1)"],
    ["server: { port: .inf }", "config.yaml: server.port: expected a number, got Infinity (line 1)"],
    ["server: { port: null }", "config.yaml: server.port: expected a number, got null (line 1)"],
    ["server: { compress: yes }", 'config.yaml: server.compress: expected true or false, got "yes" (line 1)'],
    ["server: [1]", "config.yaml: server: expected an object, got a list (line 1)"],
    ["server: 8000", "config.yaml: server: expected an object, got a number (line 1)"],
    [
      'server: { publicUrl: "not a url" }',
      'config.yaml: server.publicUrl: expected a valid url, got "not a url" (line 1)',
    ],
    [
      "logging:\n  level: warm",
      "config.yaml: logging.level: expected one of 'error', 'warn', 'info', 'debug', got \"warm\"; did you mean 'warn'? (line 2)",
    ],
    [
      "routes:\n  fast:\n    targets: [a/b]\n    strategy: { kind: prioritty }",
      "config.yaml: routes.fast.strategy.kind: expected one of 'priority', 'weighted', got \"prioritty\"; did you mean 'priority'? (line 4)",
    ],
    [
      "routes:\n  fast:\n    targets: [a/b]\n    strategy: { kind: priority, sticky: true }",
      "config.yaml: routes.fast.strategy.sticky: unknown key (known: kind) (line 4)",
    ],
    ["routes:\n  fast: {}", "config.yaml: routes.fast.targets: is required (expected a list) (line 2)"],
    [
      "routes:\n  fast:\n    targets:\n    - a/b\n    - 7",
      "config.yaml: routes.fast.targets[1]: expected text or an object, got a number (line 5)",
    ],
    [
      "routes:\n  fast:\n    targets:\n    - { target: a/b, wieght: 2 }",
      "config.yaml: routes.fast.targets[0].wieght: unknown key; did you mean 'weight'? (line 4)",
    ],
    [
      "routes:\n  fast:\n    targets:\n    - { target: a/b, weight: heavy }",
      'config.yaml: routes.fast.targets[0].weight: expected a number, got "heavy" (line 4)',
    ],
    [
      "providers:\n  gpt-4.1: { kind: opanai }",
      "config.yaml: providers[\"gpt-4.1\"].kind: expected one of 'openai', 'anthropic', 'openai-compatible', 'mock', got \"opanai\"; did you mean 'openai'? (line 2)",
    ],
    [
      "x: &base { port: 1 }\nserver:\n  <<: *base",
      "config.yaml: x: unknown key (known: server, logging, providers, routes) (line 1)\nconfig.yaml: server.<<: merge keys (<<) are not supported; write the keys out (line 3)",
    ],
  ];
  for (const [text, message] of cases)
    test(message, async () => {
      expect(await failureOf("config.yaml", text)).toBe(message.replace("server.<<", 'server["<<"]'));
    });

  test("everything at once, from every layer", async () => {
    const message = await failureOf(
      "config.yaml",
      "server: { prot: 1 }\nlogging: { level: 5 }\nproviders: { o: { kind: openai, apiKey: 'env:GONE' } }",
      { INTELLIROUTER_SERVER__MAX_BODY_BYTES: "many", INTELLIROUTER_SEVER__PORT: "1" },
      { flags: [{ flag: "--port", path: ["server", "port"], value: "x" }] },
    );
    expect(message.split("\n").sort()).toEqual(
      [
        "config.yaml: server.prot: unknown key; did you mean 'port'? (line 1)",
        "config.yaml: logging.level: expected one of 'error', 'warn', 'info', 'debug', got 5 (line 2)",
        "config.yaml: providers.o.apiKey: the environment variable GONE is not set; set it or remove this entry (line 3)",
        'INTELLIROUTER_SERVER__MAX_BODY_BYTES: server.maxBodyBytes: expected a number, got "many"',
        "INTELLIROUTER_SEVER__PORT: sever: unknown key; did you mean 'server'?",
        '--port: server.port: expected a number, got "x"',
      ].sort(),
    );
  });
});

describe("hostile and broken files", () => {
  const bomb = [
    "a: &a [x, x, x, x, x, x, x, x, x]",
    ..."bcdefghi".split("").map((name, index) => {
      const before = "abcdefgh"[index];
      return `${name}: &${name} [${Array(9).fill(`*${before}`).join(", ")}]`;
    }),
  ].join("\n");
  const cases: readonly [what: string, file: string, content: string | Uint8Array, message: RegExp][] = [
    ["a local tag", "c.yaml", "server: !evil { port: 1 }", /tags \(!…\) are not allowed \(line 1, column 9\)/],
    ["a script tag", "c.yaml", "server: !!js/function 'x'", /tags \(!…\) are not allowed/],
    ["binary", "c.yaml", "server: !!binary aGk=", /tags/],
    ["an alias bomb", "c.yaml", bomb, /alias count/],
    ["an alias of itself", "c.yaml", "server: &s\n  host: *s", /nested more than 64 levels/],
    ["an unknown alias", "c.yaml", "server: *gone", /alias/],
    ["deep nesting", "c.yaml", "[".repeat(20_000), /c\.yaml: /],
    ["deep JSON", "c.json", `${"[".repeat(200)}${"]".repeat(200)}`, /nested more than 64 levels/],
    ["__proto__ in YAML", "c.yaml", "server:\n  __proto__: { port: 1 }", /__proto__' is not allowed \(line 2\)/],
    ["__proto__ in JSON", "c.json", '{"__proto__": {"port": 1}}', /__proto__' is not allowed/],
    ["__proto__ in TOML", "c.toml", "[__proto__]\nport = 1", /__proto__' is not allowed/],
    ["constructor", "c.yaml", "constructor: { prototype: { x: 1 } }", /constructor' is not allowed/],
    ["a duplicate key", "c.yaml", "server:\n  port: 1\n  port: 2", /'port' is given twice \(line 3, column 3\)/],
    ["a duplicate key in JSON", "c.json", '{"a": 1,\n"a": 2}', /'a' is given twice \(line 2, column 1\)/],
    ["a duplicate key in TOML", "c.toml", "a = 1\na = 2", /redefine.*\(line 2, column 1\)/],
    ["a truncated file", "c.yaml", 'server: { host: "127.0', /\(line 1, column \d+\)/],
    ["truncated JSON", "c.json", '{"server": {"port": 80', /\(line 1, column \d+\)/],
    ["truncated TOML", "c.toml", "[server]\nport =", /\(line 2, column \d+\)/],
    ["bad indentation", "c.yaml", "server:\n  port: 1\n host: x", /\(line 3, column \d+\)/],
    ["a tab as indentation", "c.yaml", "server:\n\tport: 1", /[Tt]abs.*\(line 2/],
    ["two documents", "c.yaml", "server: {}\n---\nserver: {}", /more than one document/],
    ["a list at the top", "c.yaml", "- server", /must hold keys and values/],
    ["text at the top", "c.yaml", "server", /must hold keys and values/],
    ["YAML in a JSON file", "c.json", "server: {}", /is not JSON/],
    ["not UTF-8", "c.yaml", new Uint8Array([0x61, 0x3a, 0xff, 0xfe]), /is not UTF-8 text/],
    ["an unknown ending", "c.ini", "x", /no known ending; use one of \.toml, \.yaml, \.yml, \.json/],
    ["a date in TOML", "c.toml", "[server]\nhost = 2026-01-01", /server\.host: expected text, got a date/],
    ["an object as a key", "c.yaml", "? { a: 1 }\n: 2", /keys must be strings/],
    ["a huge file", "c.yaml", new Uint8Array(5 * 1024 * 1024), /larger than 4194304 bytes/],
  ];
  for (const [what, file, content, message] of cases)
    test(what, async () => {
      const failure = await failureOf(file, content);
      expect(failure).toMatch(message);
      expect(failure.split("\n").length).toBeLessThan(12);
      expect(({} as Record<string, unknown>)["port"]).toBeUndefined();
    });

  test("syntax errors do not quote the file", async () => {
    for (const [file, text] of [
      ["c.yaml", 'apiKey: "sk-hidden\nserver: {'],
      ["c.toml", 'apiKey = "sk-hidden'],
      ["c.json", '{"apiKey": "sk-hidden'],
    ] as const)
      expect(await failureOf(file, text)).not.toContain("sk-hidden");
  });

  test("a byte order mark and Windows line ends are harmless", async () => {
    for (const file of ["c.yaml", "c.json"]) {
      const text = file === "c.json" ? '\ufeff{"server":\r\n{"port": 9}}' : "\ufeffserver:\r\n  port: 9\r\n";
      const { value } = await loadConfiguration({ ...sampleOptions({ [file]: text }), file });
      expect(value.server.port).toBe(9);
    }
  });

  test("a named file that is not there is an error", async () => {
    const loading = loadConfiguration({ ...sampleOptions({}), file: "gone.yaml" });
    expect(loading).rejects.toThrow("gone.yaml: does not exist");
  });
});

describe("whatever the input", () => {
  const word = fc.constantFrom(
    ..."server port providers routes fast targets kind apiKey weighted constructor toString env:HOME".split(" "),
  );
  const tree = fc.letrec((tie) => ({
    node: fc.oneof(
      { maxDepth: 5 },
      word,
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie("node"), { maxLength: 3 }),
      fc.dictionary(word, tie("node"), { maxKeys: 5 }),
    ),
  })).node;

  const settles = async (options: Parameters<typeof loadConfiguration>[0]): Promise<string> => {
    try {
      await loadConfiguration(options);
      return "";
    } catch (error) {
      if (error instanceof ConfigurationError && error.problems.length > 0) return error.message;
      throw error;
    }
  };

  test("a tree loads or is refused with its problems named", () =>
    fc.assert(
      fc.asyncProperty(tree, tree, async (content, variable) => {
        await settles({
          ...sampleOptions({ "c.json": JSON.stringify(content) }, { INTELLIROUTER_ROUTES: JSON.stringify(variable) }),
          file: "c.json",
        });
      }),
      { numRuns: 300 },
    ));

  test("bytes load or are refused", () =>
    fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 200 }),
        fc.constantFrom("yaml", "json", "toml"),
        async (bytes, format) => {
          await settles({ ...sampleOptions({ [`c.${format}`]: bytes }), file: `c.${format}` });
        },
      ),
      { numRuns: 300 },
    ));

  const marker = "sk-hidden-0123456789";
  const places: readonly [what: string, content: string, environment?: Readonly<Record<string, string>>][] = [
    ["in place of a provider", `providers: { openai: ${marker} }`],
    ["in place of all providers", `providers: ${marker}`],
    ["as an object", `providers: { o: { kind: openai, apiKey: { key: ${marker} } } }`],
    ["in a nested list", `providers: { o: { kind: openai, apiKey: [[${marker}]] } }`],
    ["under a misspelt key", `providers: { o: { kind: openai, apikey: ${marker} } }`],
    ["beside a wrong value", `providers: { o: { kind: opnai, apiKey: ${marker} } }`],
    ["in a URL", `server: { publicUrl: "nonsense://me:${marker}@ host" }`],
    ["in broken JSON of a variable", "", { INTELLIROUTER_PROVIDERS__O: `{"apiKey": "${marker}"` }],
    ["in a variable for an object", "", { INTELLIROUTER_PROVIDERS__O: marker }],
    ["behind a reference", "providers: { o: { kind: opnai, apiKey: 'env:KEY' } }", { KEY: marker }],
  ];
  for (const [what, content, environment] of places)
    test(`a secret ${what} is not repeated`, async () => {
      const message = await settles({ ...sampleOptions({ "c.yaml": content }, environment), file: "c.yaml" });
      expect(message).not.toBe("");
      expect(message).not.toContain("hidden");
    });
});
