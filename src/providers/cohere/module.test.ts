import { describe, expect, test } from "bun:test";
import type { ProviderSettings } from "../../core/ports/provider.ts";
import { decodeError } from "./errors.ts";
import { readJson } from "./fixtures/read-fixture.ts";
import { embeddingsOf, requestOf, targetOf } from "./fixtures/requests.ts";
import { cohere } from "./module.ts";

const settings: ProviderSettings = { name: "cohere", kind: "cohere", apiKeys: ["k1"], headers: {}, options: {} };
const provider = cohere.create(settings);
const target = targetOf("embed-v4.0");

describe("requests upstream", () => {
  test.each([
    [undefined, "https://api.cohere.com/v2/chat"],
    ["https://own.example", "https://own.example/v2/chat"],
    ["https://own.example/v2", "https://own.example/v2/chat"],
  ])("base URL %s", (baseUrl, url) => {
    const configured = cohere.create(baseUrl === undefined ? settings : { ...settings, baseUrl });
    expect(configured.chat?.encode(requestOf(), target, undefined).url).toBe(url);
  });

  test("the key is a bearer token", async () => {
    const request = { method: "POST", url: "u", headers: {} } as const;
    expect((await provider.credentials.authorize(request)).headers).toEqual({ authorization: "Bearer k1" });
  });
});

describe("embeddings", () => {
  const encode = (fields = {}) =>
    JSON.parse(provider.embeddings?.encode(embeddingsOf(fields), target, undefined).body ?? "");

  test("documents by default", () => {
    expect(encode()).toEqual({
      model: "embed-v4.0",
      texts: ["a", "b"],
      input_type: "search_document",
      embedding_types: ["float"],
    });
  });

  test("dimensions and what the texts are for", () => {
    const fields = {
      dimensions: 256,
      extra: { dialect: "openai", fields: { input_type: "search_query", truncate: "END" } },
    };
    expect(encode(fields)).toMatchObject({ output_dimension: 256, input_type: "search_query", truncate: "END" });
  });

  test.each([
    [embeddingsOf(), []],
    [embeddingsOf({ input: [[1, 2]] }), ["input"]],
    [embeddingsOf({ input: Array.from({ length: 97 }, () => "a") }), ["input"]],
  ])("obstacles %#", (request, fields) => {
    expect(provider.embeddings?.unsupported(request, target).map(({ field }) => field)).toEqual(fields);
  });

  test("the answer", () => {
    expect(provider.embeddings?.decode(readJson("embed.json"), embeddingsOf())).toEqual({
      model: "",
      vectors: [
        [0.016, -0.008],
        [0.5, 1],
      ],
      usage: { inputTokens: 2, outputTokens: 0 },
    });
  });

  test.each([
    ["text"],
    [{}],
    [{ embeddings: { float: [[1]] } }],
    [{ embeddings: { float: [[1], ["x"]] } }],
    [{ embeddings: { float: [[1], []] } }],
  ])("malformed: %j", (body) => {
    expect(() => provider.embeddings?.decode(body, embeddingsOf())).toThrow(
      expect.objectContaining({ code: "upstream_invalid_response" }),
    );
  });
});

describe("the list of models", () => {
  test("with their facts, without those that serve neither chat nor embeddings", () => {
    expect(provider.models?.encode().url).toBe("https://api.cohere.com/v1/models?page_size=1000");
    expect(provider.models?.decode(readJson("models.json"))).toEqual([
      {
        id: "command-a-vision-07-2025",
        facts: {
          contextTokens: 128_000,
          tools: true,
          structuredOutput: true,
          inputModalities: ["text", "image"],
          source: "upstream",
        },
      },
      { id: "embed-v4.0", facts: { contextTokens: 128_000, embeddings: true, source: "upstream" } },
    ]);
    expect(() => provider.models?.decode({})).toThrow(expect.objectContaining({ code: "upstream_invalid_response" }));
  });
});

describe("refusals", () => {
  test.each([
    [400, { message: "invalid request: message must be at least 1 token long" }, "upstream_rejected_request"],
    [
      400,
      { message: "too many tokens: total number of tokens in the prompt cannot exceed 4081" },
      "context_length_exceeded",
    ],
    [400, { message: "too many tokens: max tokens must be less than or equal to 4096" }, "upstream_rejected_request"],
    [401, { message: "invalid api token: secret-token" }, "upstream_authentication"],
    [402, { message: "Please add or update your payment method" }, "insufficient_quota"],
    [403, { message: "secret-token may not" }, "upstream_authentication"],
    [404, { message: "model 'x' not found" }, "model_not_found"],
    [422, { message: "invalid" }, "upstream_rejected_request"],
    [429, { message: "You are using a Trial key, which is limited to 40 API calls / minute." }, "rate_limit_exceeded"],
    [429, { message: "You are using a Trial key, which is limited to 1000 API calls / month." }, "insufficient_quota"],
    [498, { message: "invalid token" }, "upstream_rejected_request"],
    [499, { message: "request cancelled" }, "upstream_error"],
    [500, "Internal error", "upstream_error"],
    [503, undefined, "upstream_overloaded"],
    [504, {}, "upstream_error"],
  ] as const)("%d %j", (status, body, code) => {
    const error = decodeError(status, body, target);
    expect(error).toMatchObject({ code, provider: "cohere", upstreamStatus: status });
    expect(error.message).not.toContain("secret-token");
  });
});
