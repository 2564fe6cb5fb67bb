import { describe, expect, test } from "bun:test";
import { openaiEmbeddings } from "./embeddings.ts";
import { dialogueWith, targetOf, wireOf } from "./testing.ts";

const request = { model: "asked", input: ["a", "b"], encodingFormat: "base64", dimensions: 2, user: "u" } as const;

describe("embeddings", () => {
  test("are asked for as floats", () => {
    const { url, body } = openaiEmbeddings(dialogueWith()).encode(request, targetOf("real"), undefined);
    expect(url).toBe("https://example.com/v1/embeddings");
    expect(JSON.parse(body ?? "")).toEqual({
      model: "real",
      input: ["a", "b"],
      dimensions: 2,
      encoding_format: "float",
      user: "u",
    });
  });

  test("of one input are asked for with that input alone, under the server's names", () => {
    const one = { ...request, input: ["a"], extra: { dialect: "openai", fields: { zz: 1, tags: [] } } } as const;
    const dialogue = dialogueWith({ renames: { dimensions: "output_dimension" }, omits: ["user"] });
    const { body } = openaiEmbeddings(dialogue).encode(one, targetOf("real"), undefined);
    expect(JSON.parse(body ?? "")).toEqual({
      model: "real",
      input: "a",
      output_dimension: 2,
      encoding_format: "float",
      zz: 1,
    });
  });

  test("keep a body of the same dialect", () => {
    const wire = wireOf('{"model":"asked","input":["a","b"],"encoding_format":"base64","zz":1,"route":"r"}', request);
    const { body } = openaiEmbeddings(dialogueWith()).encode(request, targetOf("real"), wire);
    expect(JSON.parse(body ?? "")).toEqual({ model: "real", input: ["a", "b"], encoding_format: "float", zz: 1 });
  });

  const decode = (body: unknown) => openaiEmbeddings(dialogueWith()).decode(body, request);

  test("come as floats or base64, in any order", () => {
    const body = {
      object: "list",
      data: [
        { object: "embedding", index: 1, embedding: "AAAAPwAAgL8=" },
        { object: "embedding", index: 0, embedding: [0.25, 1] },
      ],
      model: "m-1",
      usage: { prompt_tokens: 8, total_tokens: 8 },
    };
    expect(decode(body)).toEqual({
      model: "m-1",
      vectors: [
        [0.25, 1],
        [0.5, -1],
      ],
      usage: { inputTokens: 8, outputTokens: 0 },
    });
  });

  const row = (index: number, embedding: unknown) => ({ index, embedding });
  const broken: readonly (readonly [string, unknown])[] = [
    ["too few", { data: [row(0, [1])] }],
    ["one twice", { data: [row(0, [1]), row(0, [1])] }],
    ["an index beyond the inputs", { data: [row(0, [1]), row(2, [1])] }],
    ["no numbers", { data: [row(0, [1]), row(1, ["x"])] }],
    ["an empty vector", { data: [row(0, [1]), row(1, [])] }],
    ["base64 of no whole floats", { data: [row(0, [1]), row(1, "AAA=")] }],
    ["no list", { data: {} }],
    ["null rows", { data: [null, null] }],
  ];
  for (const [name, body] of broken)
    test(`with ${name} are refused`, () =>
      expect(() => decode(body)).toThrow(expect.objectContaining({ code: "upstream_invalid_response" })));
});
