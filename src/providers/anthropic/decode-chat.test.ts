import { describe, expect, test } from "bun:test";
import { GatewayError } from "../../core/errors.ts";
import { decodeCompletion } from "./decode-chat.ts";
import { readJson } from "./fixtures/read-fixture.ts";
import { requestOf } from "./fixtures/requests.ts";

const decode = (body: unknown, request = requestOf()) => decodeCompletion(body, request, "anthropic");

const message = (fields: Readonly<Record<string, unknown>>) => ({
  id: "msg_1",
  type: "message",
  role: "assistant",
  model: "claude",
  content: [{ type: "text", text: "Hi" }],
  stop_reason: "end_turn",
  stop_sequence: null,
  usage: { input_tokens: 1, output_tokens: 2 },
  ...fields,
});

describe("whole answers", () => {
  test("thinking, redacted thinking, text and parallel calls", () => {
    expect(decode(readJson("message-tools-thinking.json"))).toEqual({
      id: "msg_01Thinking",
      created: 0,
      model: "claude-sonnet-4-5-20250929",
      choices: [
        {
          index: 0,
          finishReason: "toolCalls",
          content: [
            {
              type: "reasoning",
              text: "Two cities, two calls.",
              providerData: { anthropic: { signature: "EqQBCgIYAhIM1gbcDa9GJwZA2b3h" } },
            },
            { type: "opaque", dialect: "anthropic", value: { type: "redacted_thinking", data: "EmwKAhgBEgy3va3pzix" } },
            { type: "text", text: "I look both up." },
            { type: "toolCall", id: "toolu_01A", name: "get_weather", arguments: '{"city":"Paris"}' },
            { type: "toolCall", id: "toolu_01B", name: "get_weather", arguments: '{"city":"Rome"}' },
          ],
        },
      ],
      usage: {
        inputTokens: 2_257,
        outputTokens: 93,
        cachedInputTokens: 2_048,
        cacheWriteTokens: 188,
        reasoningTokens: 40,
      },
    });
  });

  test("server tools and citations are kept in their own form", () => {
    const { choices, extra } = decode(readJson("message-server-tool.json"));
    expect(extra).toEqual({
      dialect: "anthropic",
      fields: { container: { id: "container_01", expires_at: "2026-11-21T08:00:00Z" } },
    });
    expect(choices[0]?.finishReason).toBe("pause");
    expect(choices[0]?.content).toMatchObject([
      { type: "opaque", value: { type: "server_tool_use", input: { query: "tide times" } } },
      { type: "opaque", value: { type: "web_search_tool_result" } },
      { type: "text", text: "High tide is at six.", providerData: { anthropic: { citations: [{ title: "Tides" }] } } },
    ]);
  });

  test.each([
    ["end_turn", "stop"],
    ["max_tokens", "length"],
    ["model_context_window_exceeded", "length"],
    ["stop_sequence", "stop"],
    ["pause_turn", "pause"],
    ["refusal", "refusal"],
    ["a_word_of_tomorrow", "stop"],
  ] as const)("stop reason %s", (stop_reason, expected) =>
    expect(decode(message({ stop_reason })).choices[0]?.finishReason).toBe(expected),
  );

  test("the stop sequence is named", () => {
    const { choices } = decode(message({ stop_reason: "stop_sequence", stop_sequence: "END" }));
    expect(choices[0]).toMatchObject({ finishReason: "stop", stopSequence: "END" });
  });

  test("the forced tool of a structured answer is the answer", () => {
    const request = requestOf({ responseFormat: { kind: "schema", name: "a", schema: { type: "object" } } });
    const content = [{ type: "tool_use", id: "toolu_1", name: "json_response", input: { a: 1 } }];
    const { choices } = decode(message({ content, stop_reason: "tool_use" }), request);
    expect(choices).toEqual([{ index: 0, content: [{ type: "text", text: '{"a":1}' }], finishReason: "stop" }]);
    expect(decode(message({ content, stop_reason: "tool_use" })).choices[0]?.finishReason).toBe("toolCalls");
  });

  test.each([
    ["text", "hello"],
    ["no content", message({ content: undefined })],
    ["content that is text", message({ content: "Hi" })],
    ["no reason", message({ stop_reason: null })],
    ["a block without a type", message({ content: [{ text: "Hi" }] })],
    ["a text block without text", message({ content: [{ type: "text", text: 1 }] })],
    ["a call without a name", message({ content: [{ type: "tool_use", id: "x", input: {} }] })],
  ])("malformed: %s", (_name, body) => {
    expect(() => decode(body)).toThrow(expect.objectContaining({ code: "upstream_invalid_response" }));
  });

  test("an error of status 200 is an error", () => {
    const body = { type: "error", error: { type: "overloaded_error", message: "Overloaded" } };
    expect(() => decode(body)).toThrow(GatewayError);
    expect(() => decode(body)).toThrow(expect.objectContaining({ code: "upstream_overloaded" }));
  });
});
