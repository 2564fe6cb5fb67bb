import { describe, expect, test } from "bun:test";
import type { ProviderModule, ProviderSettings } from "../../core/ports/provider.ts";
import { openai } from "../openai/module.ts";
import { chatRequest, targetOf } from "../openai/testing.ts";
import { openaiCompatible } from "./table.ts";

const all: readonly ProviderModule[] = [openai, ...openaiCompatible];
const settings = (kind: string, fields: Partial<ProviderSettings> = {}): ProviderSettings => ({
  name: "mine",
  kind,
  baseUrl: "https://example.com/v1/",
  apiKeys: ["key-1"],
  headers: { "x-team": "a" },
  options: {},
  ...fields,
});
const kindOf = (kind: string): ProviderModule => {
  const found = all.find((module) => module.kind === kind);
  if (found === undefined) throw new Error(`there is no kind ${kind}`);
  return found;
};

describe("kinds of OpenAI's wire format", () => {
  test("have names of their own", () => {
    expect(new Set(all.map(({ kind }) => kind)).size).toBe(all.length);
    expect(new Set(all.map(({ title }) => title)).size).toBe(all.length);
  });

  for (const module of all)
    test(`${module.kind} makes a provider that keeps to its contract`, async () => {
      const provider = module.create(settings(module.kind));
      expect(provider.dialect).toBe("openai");
      expect(module.keyVariables.some((name) => /^EXTERNAL_[A-Z_]+_KEY$/.test(name))).toBe(true);
      const encoded = provider.chat?.encode(
        chatRequest({ stream: true, maxOutputTokens: 5 }),
        targetOf("m"),
        undefined,
      );
      if (encoded === undefined) throw new Error("every kind chats");
      expect(encoded.url).toBe("https://example.com/v1/chat/completions");
      expect(encoded.headers["x-team"]).toBe("a");
      expect(encoded.headers["authorization"]).toBeUndefined();
      expect((await provider.credentials.authorize(encoded)).headers["authorization"]).toBe("Bearer key-1");
      const body = JSON.parse(encoded.body ?? "");
      expect(body.max_tokens ?? body.max_completion_tokens).toBe(5);
      expect(provider.chat?.unsupported(chatRequest({ stream: true, maxOutputTokens: 5 }), targetOf("m"))).toEqual([]);
    });

  const served: readonly (readonly [string, string, string])[] = [
    ["openai", "served", "served"],
    ["groq", "absent", "absent"],
    ["mistral", "served", "absent"],
    ["deepseek", "absent", "absent"],
    ["vllm", "served", "served"],
    ["cerebras", "absent", "served"],
  ];
  for (const [kind, embeddings, text] of served)
    test(`${kind} serves embeddings: ${embeddings}, text completions: ${text}`, () => {
      const provider = kindOf(kind).create(settings(kind));
      expect(provider.embeddings !== undefined).toBe(embeddings === "served");
      expect(provider.textCompletion !== undefined).toBe(text === "served");
    });

  const obstacles: readonly (readonly [string, Parameters<typeof chatRequest>[0], readonly string[]])[] = [
    ["groq", { logprobs: true, n: 2 }, ["logprobs", "n"]],
    ["mistral", { logitBias: {}, seed: 1, user: "u" }, ["logit_bias"]],
    ["deepseek", { responseFormat: { kind: "schema", name: "n", schema: {} } }, ["response_format"]],
    ["perplexity", { tools: [{ type: "function", name: "f" }] }, ["tools"]],
    ["lmstudio", { responseFormat: { kind: "json" } }, ["response_format"]],
    ["openrouter", { topK: 5, n: 2 }, []],
  ];
  for (const [kind, request, fields] of obstacles)
    test(`${kind} cannot carry ${fields.join(", ") || "nothing"}`, () => {
      const found = kindOf(kind).create(settings(kind)).chat?.unsupported(chatRequest(request), targetOf("m"));
      expect(found?.map(({ field }) => field)).toEqual([...fields]);
    });

  test("without a base URL are refused where they have none of their own", () => {
    for (const module of all) {
      const { baseUrl: _, ...rest } = settings(module.kind);
      if (module.defaultBaseUrl === undefined)
        expect(() => module.create(rest)).toThrow(expect.objectContaining({ code: "missing_required_parameter" }));
      else expect(module.create(rest).models?.encode().url).toBe(`${module.defaultBaseUrl}/models`);
    }
  });

  test("take corrections as options, and no others", () => {
    const { chat } = kindOf("openai-compatible").create(
      settings("openai-compatible", { options: { maxTokensField: "max_completion_tokens", streamOptions: "refused" } }),
    );
    const request = chatRequest({ stream: true, maxOutputTokens: 5 });
    expect(JSON.parse(chat?.encode(request, targetOf("m"), undefined).body ?? "")).toEqual({
      model: "m",
      messages: [{ role: "user", content: "Hi" }],
      max_completion_tokens: 5,
      stream: true,
    });
    const organized = openai.create(settings("openai", { options: { organization: "org-1", project: "p-1" } }));
    expect(organized.models?.encode().headers).toMatchObject({
      "openai-organization": "org-1",
      "openai-project": "p-1",
    });
    expect(() => openai.create(settings("openai", { options: { colour: "red" } }))).toThrow(
      expect.objectContaining({ code: "invalid_value", param: "providers.mine.options" }),
    );
  });
});
