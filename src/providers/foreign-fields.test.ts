import { describe, expect, test } from "bun:test";
import type { ChatRequest, Dialect } from "../core/chat.ts";
import type { JsonObject, JsonValue } from "../core/json.ts";
import type { Target } from "../core/model.ts";
import type { Provider } from "../core/ports/provider.ts";
import { hints } from "./foreign-fields.ts";
import { providerModules } from "./index.ts";

const models: Readonly<Record<string, string>> = {
  openai: "gpt-4.1-mini",
  anthropic: "claude-sonnet-4-5",
  gemini: "gemini-2.5-flash",
  ollama: "llama3.2",
  cohere: "command-a-03-2025",
};
const kinds = Object.keys(models);

const providerOf = (kind: string): Provider => {
  const module = providerModules.find((candidate) => candidate.kind === kind);
  if (module === undefined) throw new Error(`there is no kind ${kind}`);
  return module.create({ name: kind, kind, apiKeys: ["key"], headers: {}, options: {} });
};
const providers: readonly Provider[] = kinds.map(providerOf);

const targetOf = ({ kind }: Provider): Target => {
  const model = models[kind] ?? "m";
  return { id: `${kind}/${model}`, provider: kind, kind, model, facts: {} };
};

const requestWith = (dialect: Dialect, fields: JsonObject): ChatRequest => ({
  model: "asked",
  messages: [{ role: "user", content: [{ type: "text", text: "Hi" }] }],
  maxOutputTokens: 4_000,
  stream: false,
  includeUsage: false,
  extra: { dialect, fields },
});

const chatOf = ({ chat }: Provider) => {
  if (chat === undefined) throw new Error("every provider chats");
  return chat;
};

const obstaclesOf = (provider: Provider, dialect: Dialect, fields: JsonObject): readonly string[] =>
  chatOf(provider)
    .unsupported(requestWith(dialect, fields), targetOf(provider))
    .map(({ field }) => field);

const bodyOf = (provider: Provider, dialect: Dialect, fields: JsonObject): JsonObject => {
  const { body } = chatOf(provider).encode(requestWith(dialect, fields), targetOf(provider), undefined);
  return JSON.parse(body ?? "") as JsonObject;
};

/** For every hint a value that may be left out, and one that may not where the value matters. */
const samples: Readonly<Record<string, readonly [harmless: JsonValue, decisive?: JsonValue]>> = {
  "anthropic anthropic_beta": [["a"]],
  "anthropic anthropic_version": ["bedrock-2023-05-31"],
  "anthropic betas": [["context-1m-2025-08-07"]],
  "anthropic cache_control": [{ type: "ephemeral" }],
  "anthropic context_management": [
    { edits: [{ type: "clear_thinking_20251015", keep: "all" }] },
    { edits: [{ type: "clear_tool_uses_20250919" }] },
  ],
  "anthropic inference_geo": ["global", "us"],
  "anthropic mcp_servers": [[], [{ type: "url", url: "https://mcp.example", name: "m" }]],
  "anthropic metadata": [{ user_id: "u", more: 1 }],
  "anthropic service_tier": ["standard_only", "later"],
  "anthropic speed": ["standard", "fast"],
  "anthropic thinking": [
    { type: "adaptive", display: "summarized" },
    { type: "adaptive", later: true },
  ],
  "cohere priority": [1],
  "gemini labels": [{ a: "b" }],
  "gemini store": [true],
  "ollama keep_alive": ["5m"],
  "openai cache_control": [{ type: "ephemeral" }],
  "openai functions": [[], [{ name: "f" }]],
  "openai metadata": [{ a: "b" }],
  "openai modalities": [["text"], ["text", "audio"]],
  "openai prediction": [{ type: "content", content: "a" }],
  "openai prompt_cache_key": ["k"],
  "openai prompt_cache_options": [{ mode: "explicit" }],
  "openai prompt_cache_retention": ["24h"],
  "openai safety_identifier": ["u"],
  "openai service_tier": ["auto", "flex"],
  "openai store": [true],
  "openai stream_options": [{ include_obfuscation: false }],
  "openai usage": [{ include: true }, { later: 1 }],
  "openai user": ["u"],
  "openai verbosity": ["medium", "low"],
};

describe("hints", () => {
  const listed = Object.entries(hints).flatMap(([dialect, rules]) =>
    Object.keys(rules).map((field) => [dialect as Dialect, field] as const),
  );
  test("each has a sample", () => {
    expect(listed.map(([dialect, field]) => `${dialect} ${field}`).toSorted()).toEqual(Object.keys(samples).toSorted());
  });
  for (const [dialect, field] of listed)
    for (const provider of providers.filter((candidate) => candidate.dialect !== dialect))
      test(`${dialect}'s ${field} to ${provider.kind}`, () => {
        const [harmless, decisive] = samples[`${dialect} ${field}`] ?? [];
        expect(obstaclesOf(provider, dialect, { [field]: harmless ?? "no sample" })).toEqual([]);
        if (decisive !== undefined) expect(obstaclesOf(provider, dialect, { [field]: decisive })).toEqual([field]);
      });
});

/** What other providers have an equivalent of, and what is written there. */
const mapped: readonly (readonly [kind: string, field: string, value: JsonValue, wire: JsonObject])[] = [
  ["ollama", "min_p", 0.1, { options: { num_predict: 4_000, min_p: 0.1 } }],
  ["ollama", "typical_p", 0.1, { options: { num_predict: 4_000, typical_p: 0.1 } }],
  ["ollama", "repetition_penalty", 1.2, { options: { num_predict: 4_000, repeat_penalty: 1.2 } }],
  ["ollama", "repeat_penalty", 1.2, { options: { num_predict: 4_000, repeat_penalty: 1.2 } }],
  ["ollama", "repeat_last_n", 64, { options: { num_predict: 4_000, repeat_last_n: 64 } }],
  ["ollama", "num_ctx", 8_192, { options: { num_predict: 4_000, num_ctx: 8_192 } }],
  ["ollama", "options", { num_gpu: 1 }, { options: { num_predict: 4_000, num_gpu: 1 } }],
  ["ollama", "keep_alive", "5m", { keep_alive: "5m" }],
  ["ollama", "think", true, { think: true }],
  ["ollama", "truncate", true, { truncate: true }],
  ["anthropic", "service_tier", "priority", { service_tier: "auto" }],
  ["anthropic", "cache_control", { type: "ephemeral" }, { cache_control: { type: "ephemeral" } }],
  ["cohere", "documents", ["a"], { documents: ["a"] }],
  ["cohere", "safety_mode", "STRICT", { safety_mode: "STRICT" }],
  ["cohere", "citation_options", { mode: "FAST" }, { citation_options: { mode: "FAST" } }],
  ["gemini", "safetySettings", [{ category: "c" }], { safetySettings: [{ category: "c" }] }],
  ["gemini", "cachedContent", "cachedContents/a", { cachedContent: "cachedContents/a" }],
  ["openai", "min_p", 0.1, { min_p: 0.1 }],
  ["openai", "repetition_penalty", 1.2, { repetition_penalty: 1.2 }],
  ["openai", "never_heard_of", {}, { never_heard_of: {} }],
];

describe("fields of OpenAI's dialect that are carried", () => {
  for (const [kind, field, value, wire] of mapped)
    test(`${field} to ${kind}`, () => {
      const provider = providerOf(kind);
      expect(obstaclesOf(provider, "openai", { [field]: value })).toEqual([]);
      expect(bodyOf(provider, "openai", { [field]: value })).toMatchObject(wire);
    });
  test("a value of the wrong kind is not carried", () => {
    for (const [field, value] of Object.entries({ min_p: "a", num_ctx: "a", options: 1 }))
      expect(obstaclesOf(providerOf("ollama"), "openai", { [field]: value })).toEqual([field]);
  });
});

describe("every other field is an obstacle", () => {
  const decisive: readonly (readonly [Dialect, string, JsonValue])[] = [
    ["openai", "never_heard_of", false],
    ["openai", "web_search_options", {}],
    ["openai", "audio", { voice: "v", format: "mp3" }],
    ["openai", "functions", [{ name: "f" }]],
    ["openai", "service_tier", "flex"],
    ["openai", "guided_json", {}],
    ["openai", "chat_template_kwargs", { enable_thinking: false }],
    ["openai", "reasoning", { effort: "high" }],
    ["openai", "constructor", 1],
    ["anthropic", "never_heard_of", 0],
    ["anthropic", "container", "c"],
    ["anthropic", "output_config", { effort: "low" }],
    ["anthropic", "min_p", 0.1],
  ];
  for (const [dialect, field, value] of decisive)
    for (const provider of providers.filter((candidate) => candidate.dialect !== dialect)) {
      const isMapped = mapped.some(([kind, name]) => kind === provider.kind && name === field);
      if (!isMapped)
        test(`${dialect}'s ${field} to ${provider.kind}`, () => {
          expect(obstaclesOf(provider, dialect, { [field]: value })).toEqual([field]);
          expect(obstaclesOf(provider, dialect, { [field]: null })).toEqual([]);
        });
    }

  for (const kind of ["gemini", "ollama", "cohere"])
    test(`of embeddings to ${kind}`, () => {
      const { embeddings } = providerOf(kind);
      const fieldsOf = (fields: JsonObject) =>
        embeddings
          ?.unsupported(
            { model: "m", input: ["a"], encodingFormat: "float", extra: { dialect: "openai", fields } },
            targetOf(providerOf(kind)),
          )
          .map(({ field }) => field);
      expect(fieldsOf({ late_chunking: true, user: "u" })).toEqual(["late_chunking"]);
      expect(fieldsOf({})).toEqual([]);
    });

  test("of a text completion to Ollama", () => {
    const { textCompletion } = providerOf("ollama");
    const request = { model: "m", prompt: ["a"], stream: false, includeUsage: false };
    const extra = { dialect: "openai", fields: { use_beam_search: true, min_p: 0.1 } } as const;
    const found = textCompletion?.unsupported({ ...request, extra }, targetOf(providerOf("ollama")));
    expect(found?.map(({ field }) => field)).toEqual(["use_beam_search"]);
  });

  test("a name without end is cut", () => {
    expect(obstaclesOf(providerOf("gemini"), "openai", { ["x".repeat(10_000)]: 1 })).toEqual(["x".repeat(100)]);
  });
});

describe("a coding agent's request in Anthropic's dialect", () => {
  const request: ChatRequest = {
    ...requestWith("anthropic", {
      metadata: { user_id: "u", session: "s" },
      thinking: { type: "adaptive" },
      context_management: { edits: [{ type: "clear_thinking_20251015", keep: "all" }] },
    }),
    messages: [
      {
        role: "system",
        content: [{ type: "text", text: "s", providerData: { anthropic: { cache_control: { type: "ephemeral" } } } }],
      },
      { role: "user", content: [{ type: "text", text: "Hi" }] },
      {
        role: "assistant",
        content: [
          { type: "reasoning", text: "Hm", providerData: { anthropic: { signature: "c2ln" } } },
          { type: "toolCall", id: "toolu_1", name: "Read", arguments: "{}" },
        ],
      },
      { role: "tool", toolCallId: "toolu_1", content: [{ type: "text", text: "a" }] },
    ],
    tools: [
      {
        type: "function",
        name: "Read",
        parameters: { type: "object" },
        providerData: { anthropic: { cache_control: { type: "ephemeral" } } },
      },
    ],
    user: "u",
    reasoning: {},
    stream: true,
  };
  for (const provider of providers)
    for (const facts of [{}, { reasoning: true }, { reasoning: false }])
      test(`goes to ${provider.kind}, whose model is known as ${JSON.stringify(facts)}`, () => {
        const target = { ...targetOf(provider), facts };
        expect(chatOf(provider).unsupported(request, target)).toEqual([]);
        const body = JSON.parse(chatOf(provider).encode(request, target, undefined).body ?? "") as JsonObject;
        if (facts.reasoning === false) expect(body["thinking"]).toBeUndefined();
        if (provider.dialect !== "anthropic") expect(JSON.stringify(body)).not.toContain("cache_control");
      });
});
