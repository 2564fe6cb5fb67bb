import { describe, expect, test } from "bun:test";
import type { EmbeddingsRequest } from "../../core/embeddings.ts";
import { codeThrownBy, fixtureJson, provider, target } from "./testing.ts";

const { embeddings, models } = provider;
if (embeddings === undefined || models === undefined) throw new Error("not served");
const request = (fields: Partial<EmbeddingsRequest> = {}): EmbeddingsRequest => ({
  model: "embed",
  input: ["a", "b"],
  encodingFormat: "float",
  ...fields,
});

describe("embeddings", () => {
  test("each text is a request of the batch", () => {
    const fields = { dimensions: 2, extra: { dialect: "gemini", fields: { taskType: "RETRIEVAL_QUERY" } } } as const;
    const wire = embeddings.encode(request(fields), target("gemini-embedding-001"), undefined);
    expect(wire.url).toEndWith("/v1beta/models/gemini-embedding-001:batchEmbedContents");
    const one = (text: string) => ({
      taskType: "RETRIEVAL_QUERY",
      model: "models/gemini-embedding-001",
      content: { parts: [{ text }] },
      outputDimensionality: 2,
    });
    expect(JSON.parse(wire.body ?? "")).toEqual({ requests: [one("a"), one("b")] });
  });

  test("vectors come in order", () => {
    expect(embeddings.decode(fixtureJson("embeddings.json"), request()).vectors).toEqual([
      [0.1, -0.2],
      [0.3, 0.4],
    ]);
  });

  test.each([
    ["too few", { embeddings: [{ values: [1] }] }],
    ["no numbers", { embeddings: [{ values: [1] }, { values: ["x"] }] }],
    ["nothing", {}],
    ["null", null],
  ])("%s is refused", (_name, body) => {
    expect(codeThrownBy(() => embeddings.decode(body, request()))).toBe("upstream_invalid_response");
  });

  test.each([
    [["a"], []],
    [[[1, 2]], ["input"]],
    [Array.from({ length: 101 }, () => "a"), ["input"]],
  ])("obstacles of an input", (input, expected) => {
    const obstacles = embeddings.unsupported(request({ input: input as EmbeddingsRequest["input"] }), target("e"));
    expect(obstacles.map(({ field }) => field)).toEqual(expected);
  });
});

describe("models", () => {
  test("the list keeps what can be called here, with its facts", () => {
    expect(models.encode().url).toEndWith("/v1beta/models?pageSize=1000");
    expect(models.decode(fixtureJson("models.json"))).toEqual([
      {
        id: "gemini-2.5-flash",
        facts: {
          name: "Gemini 2.5 Flash",
          contextTokens: 1_048_576,
          maxOutputTokens: 65_536,
          reasoning: true,
          source: "upstream",
        },
      },
      {
        id: "gemini-embedding-001",
        facts: { name: "Gemini Embedding 001", contextTokens: 2_048, embeddings: true, source: "upstream" },
      },
    ]);
  });

  test("another shape is refused", () => {
    expect(codeThrownBy(() => models.decode({ data: [] }))).toBe("upstream_invalid_response");
  });
});
