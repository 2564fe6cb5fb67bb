import { describe, expect, test } from "bun:test";
import { openaiModels } from "./models.ts";
import { dialogueWith } from "./testing.ts";

const lister = openaiModels({ ...dialogueWith(), headers: { "x-team": "a" } });
const facts = (row: object) => lister.decode({ object: "list", data: [{ id: "m", ...row }] })[0]?.facts;

const rows: readonly (readonly [string, object, object])[] = [
  ["OpenAI", { object: "model", created: 1, owned_by: "openai" }, {}],
  ["Groq", { context_window: 131072, max_completion_tokens: 8192 }, { contextTokens: 131072, maxOutputTokens: 8192 }],
  ["vLLM", { max_model_len: 4096 }, { contextTokens: 4096 }],
  ["llama.cpp", { meta: { n_ctx_train: 32768, n_params: 1 } }, { contextTokens: 32768 }],
  [
    "Mistral",
    { name: "M", max_context_length: 32768, capabilities: { function_calling: true, vision: true } },
    { name: "M", contextTokens: 32768, tools: true, inputModalities: ["text", "image"] },
  ],
  [
    "Together",
    { type: "embedding", display_name: "E", context_length: 512, pricing: { input: 0.1, output: 0.2 } },
    { name: "E", contextTokens: 512, embeddings: true, price: { input: 0.1, output: 0.2 } },
  ],
  [
    "OpenRouter",
    {
      name: "R",
      context_length: 200000,
      architecture: { input_modalities: ["text", "file", "hologram"], output_modalities: ["text"] },
      pricing: { prompt: "0.000003", completion: "0.000015", input_cache_read: "0.0000003" },
      top_provider: { max_completion_tokens: 64000 },
      supported_parameters: ["tools", "reasoning"],
    },
    {
      name: "R",
      contextTokens: 200000,
      maxOutputTokens: 64000,
      tools: true,
      reasoning: true,
      structuredOutput: false,
      temperature: false,
      inputModalities: ["text", "pdf"],
      outputModalities: ["text"],
      price: { input: 3, output: 15, cacheRead: 0.3 },
    },
  ],
  ["OpenRouter's own router, whose price depends", { pricing: { prompt: "-1", completion: "-1" } }, {}],
  [
    "Venice",
    {
      model_spec: {
        name: "V",
        availableContextTokens: 65536,
        capabilities: { supportsFunctionCalling: false, supportsReasoning: true },
        pricing: { input: { usd: 0.7 }, output: { usd: 2.8 } },
      },
    },
    { name: "V", contextTokens: 65536, tools: false, reasoning: true, price: { input: 0.7, output: 2.8 } },
  ],
];

describe("the list of models", () => {
  for (const [name, row, expected] of rows)
    test(`of ${name}`, () => expect<unknown>(facts(row)).toEqual({ ...expected, source: "upstream" }));

  test("is asked for at its path", () => {
    expect(lister.encode()).toEqual({
      method: "GET",
      url: "https://example.com/v1/models",
      headers: { "x-team": "a" },
    });
  });

  test("may be bare, and skips what has no id", () => {
    expect(lister.decode([{ id: "a" }, {}, null, { id: "" }]).map(({ id }) => id)).toEqual(["a"]);
  });

  test("that is none is refused", () => {
    for (const body of [null, "x", {}, { data: {} }])
      expect(() => lister.decode(body)).toThrow(expect.objectContaining({ code: "upstream_invalid_response" }));
    expect(() => lister.decode({ error: { message: "x" } })).toThrow(
      expect.objectContaining({ code: "upstream_error" }),
    );
  });
});
