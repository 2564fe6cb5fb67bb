import { describe, expect, test } from "bun:test";
import type { ChatRequest, Reasoning } from "../../core/chat.ts";
import type { ProviderSettings } from "../../core/ports/provider.ts";
import { codeThrownBy, request, served, target } from "./testing.ts";

const bodyOf = (fields: Partial<ChatRequest>, settings: Partial<ProviderSettings> = {}): Record<string, unknown> =>
  JSON.parse(served(settings).chat.encode(request(fields), target(), undefined).body ?? "") as Record<string, unknown>;

const plain = { model: "qwen3:8b", messages: [{ role: "user", content: "Hi" }], stream: false, truncate: false };

describe("encode chat", () => {
  test("goes to /api/chat, with the configured headers", () => {
    const wire = served({ headers: { "x-team": "a" } }).chat.encode(request(), target(), undefined);
    expect(wire.url).toBe("http://127.0.0.1:11434/api/chat");
    expect(wire.headers).toEqual({ "content-type": "application/json", "x-team": "a" });
    const elsewhere = served({ baseUrl: "https://gpu.example" }).chat.encode(request(), target(), undefined);
    expect(elsewhere.url).toBe("https://gpu.example/api/chat");
  });

  test("a key is sent where there is one", async () => {
    const bare = { method: "GET", url: "u", headers: {} } as const;
    expect((await served().credentials.authorize(bare)).headers).toEqual({});
    const keyed = await served({ apiKeys: ["k"] }).credentials.authorize(bare);
    expect(keyed.headers).toEqual({ authorization: "Bearer k" });
  });

  const cases: readonly (readonly [string, Partial<ChatRequest>, Record<string, unknown>])[] = [
    ["a plain prompt", {}, plain],
    ["a stream", { stream: true }, { ...plain, stream: true }],
    [
      "sampling",
      {
        maxOutputTokens: 9,
        temperature: 0,
        topP: 0.5,
        topK: 4,
        stop: ["x"],
        seed: 7,
        frequencyPenalty: 0.1,
        presencePenalty: 0.2,
        logprobs: true,
        topLogprobs: 3,
        n: 1,
      },
      {
        ...plain,
        logprobs: true,
        top_logprobs: 3,
        options: {
          num_predict: 9,
          temperature: 0,
          top_p: 0.5,
          top_k: 4,
          stop: ["x"],
          seed: 7,
          frequency_penalty: 0.1,
          presence_penalty: 0.2,
        },
      },
    ],
    ["json", { responseFormat: { kind: "json" } }, { ...plain, format: "json" }],
    [
      "a schema",
      { responseFormat: { kind: "schema", name: "n", description: "A", schema: { type: "object" } } },
      { ...plain, format: { type: "object", description: "A" } },
    ],
    [
      "tools",
      {
        tools: [
          { type: "function", name: "f", description: "D", parameters: { type: "object", properties: { a: {} } } },
          { type: "function", name: "g" },
        ],
      },
      {
        ...plain,
        tools: [
          {
            type: "function",
            function: { name: "f", description: "D", parameters: { type: "object", properties: { a: {} } } },
          },
          { type: "function", function: { name: "g", parameters: { type: "object", properties: {} } } },
        ],
      },
    ],
    ["no tool", { tools: [{ type: "function", name: "g" }], toolChoice: { kind: "none" } }, plain],
    [
      "its own fields in another dialect",
      {
        temperature: 1,
        extra: {
          dialect: "openai",
          fields: { keep_alive: "10m", num_ctx: 8192, options: { temperature: 2, min_p: 0.1 }, verbosity: "low" },
        },
      },
      { ...plain, keep_alive: "10m", options: { num_ctx: 8192, temperature: 1, min_p: 0.1 } },
    ],
    [
      "all fields of its own dialect",
      { extra: { dialect: "ollama", fields: { truncate: true, template: "T" } } },
      { ...plain, truncate: true, template: "T" },
    ],
  ];
  test.each(cases)("%s", (_name, fields, expected) => {
    expect(bodyOf(fields)).toEqual(expected);
  });

  test("a conversation with tools, images and thoughts", () => {
    const { messages } = bodyOf({
      messages: [
        { role: "developer", content: [{ type: "text", text: "S" }] },
        {
          role: "user",
          content: [
            { type: "text", text: "a" },
            { type: "image", source: { kind: "base64", mediaType: "image/png", data: "AAAA" } },
            { type: "image", source: { kind: "url", url: "data:image/png;base64,BBBB" } },
            { type: "text", text: "b" },
          ],
        },
        {
          role: "assistant",
          content: [
            { type: "reasoning", text: "hm" },
            { type: "text", text: "Loo" },
            { type: "text", text: "king" },
            { type: "toolCall", id: "1", name: "f", arguments: '{"a":1}' },
            { type: "toolCall", id: "2", name: "g", arguments: "" },
          ],
        },
        { role: "tool", toolCallId: "2", content: [{ type: "text", text: "two" }] },
        { role: "tool", toolCallId: "1", content: [{ type: "text", text: "bad" }], isError: true },
      ],
    });
    expect(messages).toEqual([
      { role: "system", content: "S" },
      { role: "user", content: "a\nb", images: ["AAAA", "BBBB"] },
      {
        role: "assistant",
        content: "Looking",
        thinking: "hm",
        tool_calls: [
          { id: "1", function: { index: 0, name: "f", arguments: { a: 1 } } },
          { id: "2", function: { index: 1, name: "g", arguments: {} } },
        ],
      },
      { role: "tool", content: "two", tool_name: "g", tool_call_id: "2" },
      { role: "tool", content: "Error: bad", tool_name: "f", tool_call_id: "1" },
    ]);
  });

  const efforts: readonly (readonly [Reasoning, unknown])[] = [
    [{ effort: "none" }, false],
    [{ effort: "minimal" }, "low"],
    [{ effort: "medium" }, "medium"],
    [{ effort: "max" }, "max"],
    [{ budgetTokens: 0 }, false],
    [{ budgetTokens: 4_000 }, "medium"],
    [{ budgetTokens: 30_000 }, "high"],
    [{ effort: "low", budgetTokens: 30_000 }, "low"],
    [{}, undefined],
  ];
  test.each(efforts)("reasoning %j", (reasoning, expected) => {
    expect(bodyOf({ reasoning })["think"]).toBe(expected as boolean);
  });
});

describe("options", () => {
  const options = { keepAlive: "1h", contextTokens: 16_384 };

  test("go into each request", () => {
    const body = bodyOf({ seed: 1 }, { options });
    expect(body["keep_alive"]).toBe("1h");
    expect(body["options"]).toEqual({ num_ctx: 16_384, seed: 1 });
  });

  test("a request may say otherwise", () => {
    const fields = { keep_alive: 0, options: { num_ctx: 2048 } };
    const body = bodyOf({ extra: { dialect: "openai", fields } }, { options });
    expect(body["keep_alive"]).toBe(0);
    expect(body["options"]).toEqual({ num_ctx: 2048 });
  });

  test.each([[{ keepalive: "1h" }], [{ contextTokens: -1 }], [{ keepAlive: true }]])("%j is refused", (wrong) => {
    expect(codeThrownBy(() => served({ options: wrong }))).toBe("invalid_value");
  });
});
