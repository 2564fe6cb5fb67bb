import { describe, expect, test } from "bun:test";
import { GatewayError } from "../core/errors.ts";
import type { ListedModel, ProviderModule } from "../core/ports/provider.ts";
import type { Transport } from "../core/ports/transport.ts";
import { discoverLocalServers, providersFromEnvironment } from "./discover.ts";

const module = (kind: string, parts: Partial<ProviderModule> = {}): ProviderModule => ({
  kind,
  title: kind,
  keyVariables: [`${kind.toUpperCase()}_API_KEY`, `EXTERNAL_${kind.toUpperCase()}_KEY`],
  keyless: false,
  create: ({ baseUrl }) => ({
    kind,
    dialect: "openai",
    credentials: { authorize: (request) => request },
    models: {
      encode: () => ({ method: "GET", url: `${baseUrl ?? parts.defaultBaseUrl}/models`, headers: {} }),
      decode: (body) => {
        if (!Array.isArray(body)) throw new GatewayError("upstream_invalid_response", "no list");
        return body as ListedModel[];
      },
    },
  }),
  ...parts,
});

const modules = [
  module("openai"),
  module("ollama", { keyless: true, defaultBaseUrl: "http://127.0.0.1:11434" }),
  module("vllm", { keyless: true, defaultBaseUrl: "http://127.0.0.1:8000/v1" }),
  module("llmd", { keyless: true }),
];

const found = (environment: Record<string, string>) =>
  providersFromEnvironment(modules, environment).map(({ settings: { name, apiKeys, baseUrl } }) => ({
    name,
    apiKeys,
    baseUrl,
  }));

describe("providersFromEnvironment", () => {
  const cases: readonly (readonly [string, Record<string, string>, ReturnType<typeof found>])[] = [
    ["nothing", {}, []],
    ["the customary key", { OPENAI_API_KEY: "k" }, [{ name: "openai", apiKeys: ["k"], baseUrl: undefined }]],
    [
      "the other customary key",
      { EXTERNAL_OPENAI_KEY: " k " },
      [{ name: "openai", apiKeys: ["k"], baseUrl: undefined }],
    ],
    ["an empty key", { OPENAI_API_KEY: "" }, []],
    [
      "a key with another address",
      { OPENAI_API_KEY: "k", EXTERNAL_OPENAI_BASE_URL: "http://x/v1/" },
      [{ name: "openai", apiKeys: ["k"], baseUrl: "http://x/v1" }],
    ],
    ["an address without the key that it needs", { EXTERNAL_OPENAI_BASE_URL: "http://x/v1" }, []],
    [
      "llm-d",
      { LLMD_ENDPOINT: "http://llm-d:8000/" },
      [{ name: "llmd", apiKeys: [], baseUrl: "http://llm-d:8000/v1" }],
    ],
    ["Ollama elsewhere", { OLLAMA_HOST: "gpu" }, [{ name: "ollama", apiKeys: [], baseUrl: "http://gpu:11434" }]],
    [
      "Ollama everywhere",
      { OLLAMA_HOST: "0.0.0.0:9999" },
      [{ name: "ollama", apiKeys: [], baseUrl: "http://127.0.0.1:9999" }],
    ],
  ];
  for (const [name, environment, expected] of cases)
    test(name, () => {
      expect(found(environment)).toEqual(expected);
    });
});

describe("discoverLocalServers", () => {
  const clock = { monotonic: () => 0, wall: () => 0 };
  const transport = (answers: Readonly<Record<string, string>>, asked: string[] = []): Transport => ({
    async send({ url }) {
      asked.push(url);
      const text = answers[url];
      if (text === undefined) throw new GatewayError("upstream_unreachable", "refused");
      return {
        status: 200,
        headers: new Headers(),
        body: new Blob([text]).stream() as unknown as AsyncIterable<Uint8Array>,
      };
    },
  });

  test("finds what answers in its wire format, and never asks itself", async () => {
    const asked: string[] = [];
    const result = await discoverLocalServers({
      modules,
      clock,
      ownPort: 8_000,
      transport: transport({ "http://127.0.0.1:11434/models": '[{"id":"llama3","facts":{}}]' }, asked),
    });
    expect(result.map(({ declared }) => declared.settings.name)).toEqual(["ollama"]);
    expect(result[0]?.check.listed).toEqual([{ id: "llama3", facts: {} }]);
    expect(asked).toEqual(["http://127.0.0.1:11434/models"]);
  });

  test("something else on the port is no model server", async () => {
    const html = transport({ "http://127.0.0.1:11434/models": "<html>" });
    expect(await discoverLocalServers({ modules, clock, ownPort: 1, transport: html })).toEqual([]);
  });
});
