import { describe, expect, test } from "bun:test";
import type { JsonObject } from "../../core/json.ts";
import type { StreamDecoder } from "../../core/ports/provider.ts";
import type { Chunk } from "../../core/reply.ts";
import { codeThrownBy, fixture, framesOf, request, served } from "./testing.ts";

const { chat, textCompletion } = served();
const openChat = (): StreamDecoder<Chunk> => {
  const stream = chat.openStream?.(request({ stream: true }));
  if (stream === undefined) throw new Error("no stream");
  return stream;
};
const openText = (): StreamDecoder<Chunk> => {
  const asked = { model: "m", prompt: ["a"], stream: true, includeUsage: false };
  const stream = textCompletion.openStream?.(asked);
  if (stream === undefined) throw new Error("no stream");
  return stream;
};
const decode = (stream: StreamDecoder<Chunk>, name: string): readonly Chunk[] => [
  ...framesOf(fixture(name)).flatMap((frame) => stream.push(frame)),
  ...stream.end(),
];

describe("decode a stream", () => {
  test("thoughts, text, calls with the same id and index, usage", () => {
    expect(decode(openChat(), "tools.ndjson")).toEqual([
      { type: "start", id: "", created: 1_761_499_281, model: "qwen3:8b" },
      { type: "reasoning", choice: 0, text: "Two" },
      { type: "reasoning", choice: 0, text: " cities." },
      { type: "text", choice: 0, text: "Looking up." },
      {
        type: "toolCall",
        choice: 0,
        toolIndex: 0,
        id: "call_1",
        name: "get_weather",
        arguments: '{"city":"Paris"}',
      },
      {
        type: "toolCall",
        choice: 0,
        toolIndex: 1,
        id: expect.stringMatching(/^call_[0-9a-f]{24}$/),
        name: "get_weather",
        arguments: '{"city":"Oslo"}',
      },
      { type: "finish", choice: 0, reason: "toolCalls" },
      { type: "usage", usage: { inputTokens: 11, outputTokens: 18 } },
    ]);
  });

  test("a text completion, its log-probabilities in OpenAI's older form", () => {
    const logprobs = (token: string, logprob: number, offset: number, top: JsonObject) => ({
      tokens: [token],
      token_logprobs: [logprob],
      top_logprobs: [top],
      text_offset: [offset],
    });
    expect(decode(openText(), "generate.ndjson")).toEqual([
      { type: "start", id: "", created: 1_761_499_281, model: "codellama:code" },
      { type: "text", choice: 0, text: " Yes", logprobs: logprobs(" Yes", -0.25, 0, { " Yes": -0.25 }) },
      { type: "text", choice: 0, text: ".", logprobs: logprobs(".", -0.5, 4, {}) },
      { type: "finish", choice: 0, reason: "length" },
      { type: "usage", usage: { inputTokens: 4, outputTokens: 2 } },
    ]);
  });

  const streams: readonly (readonly [string, () => StreamDecoder<Chunk>])[] = [
    ["tools.ndjson", openChat],
    ["generate.ndjson", openText],
  ];
  test.each(streams)("%s cut anywhere is never complete", (name, open) => {
    const frames = framesOf(fixture(name));
    for (let length = 0; length < frames.length; length++) {
      const stream = open();
      for (const piece of frames.slice(0, length)) stream.push(piece);
      expect(stream.ended).toBe(false);
      expect(codeThrownBy(() => stream.end())).toBe("upstream_invalid_response");
    }
  });

  test("a date that no text can be made of is passed over", () => {
    const line = { created_at: { toString: 1 }, message: { content: "a" }, done: true };
    const frame = { event: "", data: JSON.stringify(line) };
    expect(openChat().push(frame)).toContainEqual({ type: "text", choice: 0, text: "a" });
  });

  test("nothing is read after the end", () => {
    const stream = openChat();
    for (const frame of framesOf(fixture("tools.ndjson"))) stream.push(frame);
    expect(stream.ended).toBe(true);
    expect(stream.push({ event: "", data: '{"error":"late"}' })).toEqual([]);
  });

  test.each([
    ["an error within", fixture("error-within.ndjson"), "upstream_error"],
    ["a long prompt", '{"error":"the input length exceeds the context length"}', "context_length_exceeded"],
    ["half a line", '{"message":', "upstream_invalid_response"],
    ["a number", "1", "upstream_invalid_response"],
    ["no message", '{"done":false}', "upstream_invalid_response"],
  ])("%s is thrown", (_name, text, code) => {
    const stream = openChat();
    expect(codeThrownBy(() => framesOf(text).map((frame) => stream.push(frame)))).toBe(code);
  });
});
