import { describe, expect, test } from "bun:test";
import type { z } from "zod";
import { Secret } from "../core/secret.ts";
import { explainConfiguration } from "./explain.ts";
import { type LoadOptions, loadConfiguration } from "./load.ts";
import { ConfigurationError, formatProblem } from "./problem.ts";
import { sampleOptions, type sampleSchema } from "./testing.ts";

const example = `server: { host: 127.0.0.1, port: 8000 }
providers:
  openai:  { kind: openai, apiKey: "env:OPENAI_API_KEY" }
  claude:  { kind: anthropic, apiKey: "env:ANTHROPIC_API_KEY" }
  gpu:     { kind: openai-compatible, baseUrl: "http://10.0.0.5:8000/v1" }
routes:
  fast:
    targets: [ gpu/llama-3.1-8b, openai/gpt-4o-mini ]
    strategy: { kind: priority }
    timeouts: { firstTokenMilliseconds: 10000, idleMilliseconds: 15000, totalMilliseconds: 120000 }
    retries: { perTarget: 2 }
`;
const keys = { OPENAI_API_KEY: "sk-open", ANTHROPIC_API_KEY: "sk-claude" };

type Options = Partial<LoadOptions<typeof sampleSchema>>;

const load = (text: string | undefined, environment: Readonly<Record<string, string>> = {}, more: Options = {}) =>
  loadConfiguration({
    ...sampleOptions(text === undefined ? {} : { "config.yaml": text }, environment),
    file: text === undefined ? undefined : "config.yaml",
    ...more,
  });

const keysOf = (value: z.output<typeof sampleSchema>, provider: string): readonly string[] =>
  [value.providers[provider]?.apiKey].flat().map((key) => (key instanceof Secret ? key.reveal() : "no key"));

const problemsOf = async (loading: Promise<unknown>): Promise<readonly string[]> => {
  const thrown: unknown = await loading.then(
    () => new Error("it loaded"),
    (error: unknown) => error,
  );
  if (!(thrown instanceof ConfigurationError)) throw thrown;
  return thrown.problems.map(formatProblem);
};

describe("a configuration file", () => {
  test("gives its values, its secrets and the defaults", async () => {
    const { value, file, files } = await load(example, keys);
    expect(file).toBe("config.yaml");
    expect(files).toEqual(["config.yaml"]);
    expect(value.server.port).toBe(8000);
    expect(value.server.maxBodyBytes).toBe(20_000_000);
    expect(keysOf(value, "openai")[0]).toBe("sk-open");
    expect(keysOf(value, "claude")[0]).toBe("sk-claude");
    expect(value.routes["fast"]).toEqual({
      targets: ["gpu/llama-3.1-8b", "openai/gpt-4o-mini"],
      strategy: { kind: "priority" },
      timeouts: { firstTokenMilliseconds: 10_000, idleMilliseconds: 15_000, totalMilliseconds: 120_000 },
      retries: { perTarget: 2 },
    });
    expect(JSON.stringify(value)).not.toContain("sk-");
  });

  test("may be absent, empty, or hold empty sections", async () => {
    const defaults = (await load(undefined)).value;
    for (const text of ["", "\n# nothing\n", "{}", "server:\nroutes:\n"])
      expect((await load(text)).value).toEqual(defaults);
  });

  test("says the same in TOML and JSON", async () => {
    const toml = `[server]\nport = 9000\n[routes.fast]\ntargets = ["a/b"]\n`;
    const json = `{\n\t"server": { "port": 9000 },\n\t"routes": { "fast": { "targets": ["a/b"] } }\n}`;
    const yaml = "server:\n  port: 9000\nroutes:\n  fast:\n    targets:\n    - a/b\n";
    const values = await Promise.all(
      Object.entries({ "c.toml": toml, "c.json": json, "c.yml": yaml, "c.yaml": yaml.replaceAll("\n", "\r\n") }).map(
        async ([file, text]) => (await loadConfiguration({ ...sampleOptions({ [file]: text }), file })).value,
      ),
    );
    expect(values[0]?.server.port).toBe(9000);
    for (const value of values) expect(value).toEqual(values[0] as typeof value);
  });
});

describe("precedence", () => {
  const layers = {
    file: "server: { port: 1 }",
    environment: { INTELLIROUTER_SERVER__PORT: "2" },
    flags: [{ flag: "--port", path: ["server", "port"], value: "3" }],
  };
  const cases: readonly [what: string, parts: readonly (keyof typeof layers)[], port: number, source: string][] = [
    ["nothing", [], 8000, "default"],
    ["file", ["file"], 1, "config.yaml:1"],
    ["environment", ["environment"], 2, "environment INTELLIROUTER_SERVER__PORT"],
    ["flag", ["flags"], 3, "flag --port"],
    ["environment over file", ["file", "environment"], 2, "environment INTELLIROUTER_SERVER__PORT"],
    ["flag over file", ["file", "flags"], 3, "flag --port"],
    ["flag over environment", ["environment", "flags"], 3, "flag --port"],
    ["flag over all", ["file", "environment", "flags"], 3, "flag --port"],
  ];
  for (const [what, parts, port, source] of cases)
    test(what, async () => {
      const has = (part: keyof typeof layers) => parts.includes(part);
      const loaded = await load(has("file") ? layers.file : undefined, has("environment") ? layers.environment : {}, {
        flags: has("flags") ? layers.flags : [],
      });
      expect(loaded.value.server.port).toBe(port);
      const entry = explainConfiguration(loaded).find(({ path }) => path === "server.port");
      expect(entry).toEqual({ path: "server.port", value: port, source });
    });

  test("a customary variable stands between the file and the program's own variable", async () => {
    const file = "logging: { level: warn }";
    const level = async (environment: Readonly<Record<string, string>>) =>
      (await load(file, environment)).value.logging.level;
    expect(await level({})).toBe("warn");
    expect(await level({ LOG_LEVEL: "DEBUG" })).toBe("debug");
    expect(await level({ LOG_LEVEL: "debug", INTELLIROUTER_LOGGING__LEVEL: "error" })).toBe("error");
  });

  test("layers are merged key by key; a list replaces a list", async () => {
    const { value } = await load(example, {
      ...keys,
      INTELLIROUTER_ROUTES__FAST__RETRIES__PER_TARGET: "5",
      INTELLIROUTER_ROUTES__FAST__TARGETS: "x/y",
    });
    expect(value.routes["fast"]?.retries.perTarget).toBe(5);
    expect(value.routes["fast"]?.targets).toEqual(["x/y"]);
    expect(value.routes["fast"]?.timeouts.idleMilliseconds).toBe(15_000);
  });
});

describe("secrets", () => {
  const provider = (apiKey: string) => `providers:\n  openai:\n    kind: openai\n    apiKey: ${apiKey}\n`;
  const withFiles = (apiKey: string, files: Readonly<Record<string, string>>, environment = {}) => {
    const file = "/etc/ir/config.yaml";
    return loadConfiguration({ ...sampleOptions({ [file]: provider(apiKey), ...files }, environment), file });
  };

  test("come from files, relative to the configuration, without their last line break", async () => {
    const { value, files } = await withFiles("file:keys/openai", { "/etc/ir/keys/openai": "sk-file\n" });
    expect(keysOf(value, "openai")[0]).toBe("sk-file");
    expect(files).toEqual(["/etc/ir/config.yaml", "/etc/ir/keys/openai"]);
  });

  test("may be several, and may be set by the environment", async () => {
    const several = await withFiles('["env:A", "env:B"]', {}, { A: "a", B: "b" });
    expect(keysOf(several.value, "openai")).toEqual(["a", "b"]);
    const set = await withFiles("env:A", {}, { INTELLIROUTER_PROVIDERS__OPENAI__API_KEY: "env:B", B: "b" });
    expect(keysOf(set.value, "openai")[0]).toBe("b");
  });

  const failures: readonly [apiKey: string, message: string][] = [
    ["env:NOT_THERE", "the environment variable NOT_THERE is not set; set it or remove this entry"],
    ["env:EMPTY", "the environment variable EMPTY is empty"],
    ['"env:"', "'env:' names no variable; write env:NAME"],
    ["file:missing", "the secret's file '/etc/ir/missing' does not exist"],
    ["file:blank", "the secret's file '/etc/ir/blank' is empty"],
    ["123456", "expected a secret: text, env:NAME or file:PATH"],
    ['""', "expected a secret: text, env:NAME or file:PATH; it is empty"],
  ];
  for (const [apiKey, message] of failures)
    test(`${apiKey} is refused`, async () => {
      const problems = await problemsOf(withFiles(apiKey, { "/etc/ir/blank": "\n" }, { EMPTY: " " }));
      expect(problems.join()).toContain("providers.openai.apiKey: ");
      if (apiKey !== "123456" && apiKey !== '""')
        expect(problems).toEqual([`/etc/ir/config.yaml: providers.openai.apiKey: ${message} (line 4)`]);
      expect(problems.join()).not.toContain("123456");
    });
});

describe("explaining", () => {
  test("shows every value with its source and no secret", async () => {
    const text = `${example}  slow:\n    targets: [openai/o]\n`.replace("http://10", "http://me:pw@10");
    const loaded = await load(text, { ...keys, INTELLIROUTER_SERVER__HOST: "0.0.0.0" });
    const entries = explainConfiguration(loaded);
    const entry = (path: string) => entries.find((candidate) => candidate.path === path);
    const cases = [
      { path: "server.host", value: "0.0.0.0", source: "environment INTELLIROUTER_SERVER__HOST" },
      { path: "server.port", value: 8000, source: "config.yaml:1" },
      { path: "server.maxBodyBytes", value: 20_000_000, source: "default" },
      {
        path: "providers.openai.apiKey",
        value: "[secret]",
        source: "config.yaml:3",
        reference: "env:OPENAI_API_KEY",
      },
      { path: "providers.gpu.baseUrl", value: "http://[secret]@10.0.0.5:8000/v1", source: "config.yaml:5" },
      { path: "routes.fast.targets[1]", value: "openai/gpt-4o-mini", source: "config.yaml:8" },
      { path: "routes.slow.retries.perTarget", value: 1, source: "default" },
    ];
    for (const expected of cases) expect(entry(expected.path)).toEqual(expected);
    expect(JSON.stringify(entries)).not.toMatch(/sk-|pw/);
  });

  test("calls defaults below an empty section defaults", async () => {
    const loaded = await load("server: {}\nlogging:\n");
    expect(new Set(explainConfiguration(loaded).map(({ source }) => source))).toEqual(new Set(["default"]));
  });
});
