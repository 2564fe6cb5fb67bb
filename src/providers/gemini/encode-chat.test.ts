import { describe, expect, test } from "bun:test";
import type { ChatRequest, Message } from "../../core/chat.ts";
import { chatOf, codeThrownBy, provider, request, target } from "./testing.ts";

const chat = chatOf(provider);

const bodyOf = (fields: Partial<ChatRequest>, model = "gemini-2.5-flash"): Record<string, unknown> =>
  JSON.parse(chat.encode(request(fields), target(model), undefined).body ?? "") as Record<string, unknown>;

const user: Message = { role: "user", content: [{ type: "text", text: "Weather?" }] };
const calls: Message = {
  role: "assistant",
  content: [
    { type: "reasoning", text: "hm" },
    { type: "toolCall", id: "a", name: "weather", arguments: '{"city":"Paris"}' },
    { type: "toolCall", id: "b", name: "time", arguments: "" },
  ],
};
const result = (toolCallId: string, text: string): Message => ({
  role: "tool",
  toolCallId,
  content: [{ type: "text", text }],
});

describe("encode chat", () => {
  test.each([
    [false, "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent"],
    [true, "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse"],
  ])("stream %p goes to its method", (stream, url) => {
    const wire = chat.encode(request({ stream }), target("gemini-2.5-flash"), undefined);
    expect(wire.method).toBe("POST");
    expect(wire.url).toBe(url);
    expect(wire.headers).toEqual({ "content-type": "application/json", "x-team": "a" });
  });

  test.each(["../files", "models/../x", "a/b", "x?key=1", ""])("a model named %p is not put into the URL", (model) => {
    expect(codeThrownBy(() => chat.encode(request(), target(model), undefined))).toBe("model_not_found");
  });

  test("the key goes into its header", async () => {
    const wire = await provider.credentials.authorize({ method: "GET", url: "u", headers: {} });
    expect(wire.headers).toEqual({ "x-goog-api-key": "key" });
  });

  const cases: readonly (readonly [string, Partial<ChatRequest>, Record<string, unknown>])[] = [
    ["a plain prompt", {}, { contents: [{ role: "user", parts: [{ text: "Hi" }] }] }],
    [
      "instructions",
      {
        messages: [
          { role: "system", content: [{ type: "text", text: "S" }] },
          { role: "developer", content: [{ type: "text", text: "D" }] },
          user,
        ],
      },
      {
        systemInstruction: { parts: [{ text: "S" }, { text: "D" }] },
        contents: [{ role: "user", parts: [{ text: "Weather?" }] }],
      },
    ],
    [
      "tool results in the order of the calls, with their names",
      { messages: [user, calls, result("b", "noon"), result("a", '{"sky":"grey"}')] },
      {
        contents: [
          { role: "user", parts: [{ text: "Weather?" }] },
          {
            role: "model",
            parts: [
              { functionCall: { id: "a", name: "weather", args: { city: "Paris" } } },
              { functionCall: { id: "b", name: "time", args: {} } },
            ],
          },
          {
            role: "user",
            parts: [
              { functionResponse: { id: "a", name: "weather", response: { sky: "grey" } } },
              { functionResponse: { id: "b", name: "time", response: { output: "noon" } } },
            ],
          },
        ],
      },
    ],
    [
      "media",
      {
        messages: [
          {
            role: "user",
            content: [
              { type: "image", source: { kind: "base64", mediaType: "image/png", data: "AAAA" }, detail: "low" },
              { type: "image", source: { kind: "url", url: "data:image/webp;base64,BBBB" } },
              { type: "image", source: { kind: "url", url: "https://a.example/x.JPG?size=2" } },
              { type: "image", source: { kind: "url", url: "https://a.example/x" } },
              { type: "audio", format: "mp3", data: "CCCC" },
              { type: "file", source: { kind: "file", fileId: "files/abc" } },
              { type: "file", source: { kind: "url", url: "https://a.example/d" }, filename: "d.pdf" },
            ],
          },
        ],
      },
      {
        contents: [
          {
            role: "user",
            parts: [
              { inlineData: { mimeType: "image/png", data: "AAAA" } },
              { inlineData: { mimeType: "image/webp", data: "BBBB" } },
              { fileData: { mimeType: "image/jpeg", fileUri: "https://a.example/x.JPG?size=2" } },
              { fileData: { fileUri: "https://a.example/x" } },
              { inlineData: { mimeType: "audio/mp3", data: "CCCC" } },
              { fileData: { fileUri: "https://generativelanguage.googleapis.com/v1beta/files/abc" } },
              { fileData: { mimeType: "application/pdf", fileUri: "https://a.example/d" } },
            ],
          },
        ],
      },
    ],
  ];
  test.each(cases)("%s", (_name, fields, expected) => {
    expect(bodyOf(fields)).toEqual(expected);
  });

  const configs: readonly (readonly [string, Partial<ChatRequest>, string, Record<string, unknown>])[] = [
    [
      "sampling",
      {
        maxOutputTokens: 9,
        temperature: 0,
        topP: 0.5,
        topK: 4,
        stop: ["x"],
        n: 2,
        seed: 7,
        frequencyPenalty: 0.1,
        presencePenalty: 0.2,
        logprobs: true,
        topLogprobs: 3,
      },
      "gemini-2.5-flash",
      {
        maxOutputTokens: 9,
        temperature: 0,
        topP: 0.5,
        topK: 4,
        stopSequences: ["x"],
        candidateCount: 2,
        seed: 7,
        frequencyPenalty: 0.1,
        presencePenalty: 0.2,
        responseLogprobs: true,
        logprobs: 3,
      },
    ],
    ["json", { responseFormat: { kind: "json" } }, "gemini-2.5-flash", { responseMimeType: "application/json" }],
    [
      "schema",
      { responseFormat: { kind: "schema", name: "n", description: "A", schema: { type: "object" } } },
      "gemini-2.5-flash",
      { responseMimeType: "application/json", responseJsonSchema: { type: "object", description: "A" } },
    ],
    [
      "effort as budget",
      { reasoning: { effort: "medium" } },
      "gemini-2.5-pro",
      { thinkingConfig: { thinkingBudget: 8192, includeThoughts: true } },
    ],
    [
      "no reasoning",
      { reasoning: { effort: "none" } },
      "gemini-2.5-flash",
      { thinkingConfig: { thinkingBudget: 0, includeThoughts: false } },
    ],
    [
      "effort as level",
      { reasoning: { effort: "max" } },
      "gemini-3-flash-preview",
      { thinkingConfig: { thinkingLevel: "HIGH", includeThoughts: true } },
    ],
    [
      "least effort of a pro model",
      { reasoning: { effort: "minimal" } },
      "gemini-3.1-pro-preview",
      { thinkingConfig: { thinkingLevel: "LOW", includeThoughts: true } },
    ],
    [
      "a budget goes before an effort",
      { reasoning: { effort: "low", budgetTokens: 77 } },
      "gemini-flash-latest",
      { thinkingConfig: { thinkingBudget: 77, includeThoughts: true } },
    ],
    [
      "the dialect's own fields",
      {
        temperature: 1,
        reasoning: { effort: "low" },
        extra: {
          dialect: "gemini",
          fields: {
            generationConfig: { temperature: 2, mediaResolution: "LOW", thinkingConfig: { includeThoughts: false } },
          },
        },
      },
      "gemini-3-flash-preview",
      { temperature: 1, mediaResolution: "LOW", thinkingConfig: { thinkingLevel: "LOW", includeThoughts: false } },
    ],
  ];
  test.each(configs)("generationConfig: %s", (_name, fields, model, expected) => {
    expect(bodyOf(fields, model)["generationConfig"]).toEqual(expected);
  });

  test("other fields of the dialect go on, foreign ones do not", () => {
    const own = bodyOf({ extra: { dialect: "gemini", fields: { cachedContent: "cachedContents/1" } } });
    expect(own["cachedContent"]).toBe("cachedContents/1");
    expect(bodyOf({ extra: { dialect: "openai", fields: { verbosity: "low" } } })).not.toHaveProperty("verbosity");
  });
});
