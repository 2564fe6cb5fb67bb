import { describe, expect, test } from "bun:test";
import { codeThrownBy, fixtureJson, request, served } from "./testing.ts";

const { chat } = served();
const decode = (body: unknown) => chat.decode(body, request());
const answer = (fields: object): unknown => ({ message: { role: "assistant", content: "x" }, done: true, ...fields });

describe("decode a whole answer", () => {
  test("thoughts, text, calls, log-probabilities and usage", () => {
    expect(decode(fixtureJson("whole.json"))).toEqual({
      id: "",
      created: 1_760_742_847,
      model: "qwen3:8b",
      choices: [
        {
          index: 0,
          finishReason: "toolCalls",
          content: [
            { type: "reasoning", text: "Two cities." },
            { type: "text", text: "Looking up." },
            { type: "toolCall", id: "call_1", name: "get_weather", arguments: '{"city":"Paris"}' },
            {
              type: "toolCall",
              id: expect.stringMatching(/^call_[0-9a-f]{24}$/),
              name: "get_weather",
              arguments: '{"city":"Oslo"}',
            },
          ],
          logprobs: {
            content: [
              {
                token: "Looking",
                logprob: -0.5,
                bytes: [76, 111, 111, 107, 105, 110, 103],
                top_logprobs: [
                  { token: "Looking", logprob: -0.5, bytes: null },
                  { token: "Let", logprob: -1, bytes: null },
                ],
              },
            ],
            refusal: null,
          },
        },
      ],
      usage: { inputTokens: 11, outputTokens: 18 },
    });
    expect(decode(fixtureJson("whole.json"))).toEqual(decode(fixtureJson("whole.json")));
  });

  test("a cached prompt leaves the usage unknown", () => {
    expect(decode(answer({ eval_count: 5 })).usage).toBeUndefined();
    expect(decode(answer({ prompt_eval_count: 5 })).usage).toEqual({ inputTokens: 5, outputTokens: 0 });
  });

  test.each([
    ["stop", "stop"],
    ["length", "length"],
    ["load", "stop"],
    [undefined, "stop"],
  ])("%p ends it as %s", (done_reason, expected) => {
    expect(decode(answer({ done_reason })).choices[0]?.finishReason).toBe(expected as "stop");
  });

  const failures: readonly (readonly [string, unknown, string])[] = [
    ["text", "x", "upstream_invalid_response"],
    ["null", null, "upstream_invalid_response"],
    ["not done", answer({ done: false }), "upstream_invalid_response"],
    ["no message", { done: true }, "upstream_invalid_response"],
    ["a content that is an array", answer({ message: { content: [] } }), "upstream_invalid_response"],
    ["calls that are an object", answer({ message: { tool_calls: {} } }), "upstream_invalid_response"],
    ["a call without a function", answer({ message: { tool_calls: [{}] } }), "upstream_invalid_response"],
    ["a call that is null", answer({ message: { tool_calls: [null] } }), "upstream_invalid_response"],
    ["an error", { error: "boom" }, "upstream_error"],
  ];
  test.each(failures)("%s is refused", (_name, body, code) => {
    expect(codeThrownBy(() => decode(body))).toBe(code);
  });
});
