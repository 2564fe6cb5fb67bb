import { describe, expect, test } from "bun:test";
import { decodeCompletion } from "./decode-chat.ts";
import { readJson } from "./fixtures/read-fixture.ts";

const decode = (body: unknown) => decodeCompletion(body, "cohere");
const answer = (fields: Readonly<Record<string, unknown>>) => ({
  id: "1",
  finish_reason: "COMPLETE",
  message: { role: "assistant", content: [{ type: "text", text: "Hi" }] },
  ...fields,
});

describe("whole answers", () => {
  test("a plan and parallel calls", () => {
    expect(decode(readJson("chat-tools.json"))).toEqual({
      id: "c14c80c3-18eb-4519-9460-6c92edd8cfb4",
      created: 0,
      model: "",
      choices: [
        {
          index: 0,
          finishReason: "toolCalls",
          content: [
            { type: "reasoning", text: "I will look both up.", providerData: { cohere: { tool_plan: true } } },
            { type: "toolCall", id: "get_weather_1", name: "get_weather", arguments: '{"city":"Paris"}' },
            { type: "toolCall", id: "get_weather_2", name: "get_weather", arguments: '{"city":"Rome"}' },
          ],
        },
      ],
      usage: { inputTokens: 49, outputTokens: 12, cachedInputTokens: 32 },
    });
  });

  test("thinking, citations and log-probabilities", () => {
    const { choices, usage } = decode(readJson("chat-thinking.json"));
    expect(choices[0]?.content).toEqual([
      { type: "reasoning", text: "Three plus two." },
      { type: "text", text: "Five." },
    ]);
    expect(choices[0]?.extra).toMatchObject({ dialect: "cohere", fields: { citations: [{ text: "Five" }] } });
    expect(choices[0]?.logprobs).toEqual({
      content: [
        { token: "Five", logprob: -0.75, bytes: [70, 105, 118, 101], top_logprobs: [] },
        { token: ".", logprob: -1, bytes: [46], top_logprobs: [] },
      ],
      refusal: null,
    });
    expect(usage).toEqual({ inputTokens: 20, outputTokens: 30 });
  });

  test.each([
    ["COMPLETE", "stop"],
    ["STOP_SEQUENCE", "stop"],
    ["MAX_TOKENS", "length"],
    ["ERROR_TOXIC", "contentFilter"],
    ["A_WORD_OF_TOMORROW", "stop"],
  ] as const)("finish reason %s", (finish_reason, expected) =>
    expect(decode(answer({ finish_reason })).choices[0]?.finishReason).toBe(expected),
  );

  test("arguments given as an object, and a call without id", () => {
    const message = {
      tool_calls: [{ function: { name: "f", arguments: { a: 1 } } }, { id: "", function: { name: "f" } }],
    };
    expect(decode(answer({ message })).choices[0]).toEqual({
      index: 0,
      finishReason: "toolCalls",
      content: [
        { type: "toolCall", id: "f_0", name: "f", arguments: '{"a":1}' },
        { type: "toolCall", id: "f_1", name: "f", arguments: "{}" },
      ],
    });
  });

  test.each([
    ["text", "hello", "upstream_invalid_response"],
    ["no message", answer({ message: undefined }), "upstream_invalid_response"],
    ["no reason", answer({ finish_reason: undefined }), "upstream_invalid_response"],
    ["content that is a number", answer({ message: { content: 1 } }), "upstream_invalid_response"],
    ["a part that is text", answer({ message: { content: ["Hi"] } }), "upstream_invalid_response"],
    ["calls that are no list", answer({ message: { tool_calls: {} } }), "upstream_invalid_response"],
    ["a call without a function", answer({ message: { tool_calls: [{ id: "1" }] } }), "upstream_invalid_response"],
    ["a nameless call", answer({ message: { tool_calls: [{ function: {} }] } }), "upstream_invalid_response"],
    ["a broken answer", answer({ finish_reason: "ERROR" }), "upstream_error"],
    ["an answer that took too long", answer({ finish_reason: "TIMEOUT" }), "upstream_timeout"],
    ["an error of status 200", { message: "internal" }, "upstream_error"],
  ] as const)("not an answer: %s", (_name, body, code) => {
    expect(() => decode(body)).toThrow(expect.objectContaining({ code }));
  });
});
