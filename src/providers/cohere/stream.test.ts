import { describe, expect, test } from "bun:test";
import type { Frame } from "../../core/ports/provider.ts";
import type { Chunk } from "../../core/reply.ts";
import { readFrames } from "./fixtures/read-fixture.ts";
import { openChatStream } from "./stream.ts";

const decodeAll = (frames: readonly Frame[]): readonly Chunk[] => {
  const decoder = openChatStream("cohere");
  return [...frames.flatMap((frame) => decoder.push(frame)), ...decoder.end()];
};
const frame = (type: string, fields: Readonly<Record<string, unknown>> = {}): Frame => ({
  event: type,
  data: JSON.stringify({ type, ...fields }),
});
const start = frame("message-start", { id: "1" });
const call = (phase: "start" | "delta", index: number | undefined, tool_calls: unknown) =>
  frame(`tool-call-${phase}`, { index, delta: { message: { tool_calls } } });
const end = (delta: Readonly<Record<string, unknown>>) => frame("message-end", { delta });

describe("streamed answers", () => {
  test("a plan and parallel calls", () => {
    const plan = { cohere: { tool_plan: true } };
    expect(decodeAll(readFrames("stream-tools.sse"))).toEqual([
      { type: "start", id: "29f14a5a-11de-4cae-9800-25e4747408ea", created: 0, model: "" },
      { type: "reasoning", choice: 0, text: "I will", providerData: plan },
      { type: "reasoning", choice: 0, text: " look.", providerData: plan },
      { type: "toolCall", choice: 0, toolIndex: 0, id: "get_weather_1", name: "get_weather", arguments: "" },
      { type: "toolCall", choice: 0, toolIndex: 0, arguments: '{"city":' },
      { type: "toolCall", choice: 0, toolIndex: 0, arguments: ' "Paris"}' },
      { type: "toolCall", choice: 0, toolIndex: 1, id: "get_time_1", name: "get_time", arguments: "" },
      { type: "toolCall", choice: 0, toolIndex: 1, arguments: "{}" },
      { type: "finish", choice: 0, reason: "toolCalls" },
      { type: "usage", usage: { inputTokens: 126, outputTokens: 84 } },
    ]);
  });

  test("thinking, text with log-probabilities and citations", () => {
    expect(decodeAll(readFrames("stream-thinking.sse")).slice(1)).toEqual([
      { type: "reasoning", choice: 0, text: "Three plus two." },
      {
        type: "text",
        choice: 0,
        text: "Five",
        logprobs: {
          content: [{ token: "Five", logprob: -0.5, bytes: [70, 105, 118, 101], top_logprobs: [] }],
          refusal: null,
        },
      },
      {
        type: "opaque",
        choice: 0,
        extra: {
          dialect: "cohere",
          fields: { citations: [{ start: 0, end: 4, text: "Five", sources: [], type: "TEXT_CONTENT" }] },
        },
      },
      { type: "text", choice: 0, text: "." },
      { type: "finish", choice: 0, reason: "stop" },
      { type: "usage", usage: { inputTokens: 18, outputTokens: 6 } },
    ]);
  });

  test("a stream that is cut at any frame never looks finished", () => {
    for (const name of ["stream-tools.sse", "stream-thinking.sse"]) {
      const frames = readFrames(name);
      for (let length = 0; length < frames.length; length += 1) {
        const decoder = openChatStream("cohere");
        const chunks = frames.slice(0, length).flatMap((piece) => decoder.push(piece));
        expect(chunks.some(({ type }) => type === "finish" || type === "usage")).toBe(false);
        expect(decoder.ended).toBe(false);
        expect(() => decoder.end()).toThrow(expect.objectContaining({ code: "upstream_invalid_response" }));
      }
    }
  });

  test("missing and repeated indices are other calls", () => {
    const named = (id: string) => ({ id, function: { name: "f", arguments: { a: 1 } } });
    const chunks = decodeAll([
      start,
      call("start", undefined, named("c1")),
      call("start", undefined, named("c2")),
      call("start", 1, { function: { name: "f" } }),
      end({ finish_reason: "COMPLETE" }),
    ]);
    expect(chunks.slice(1)).toEqual([
      { type: "toolCall", choice: 0, toolIndex: 0, id: "c1", name: "f", arguments: '{"a":1}' },
      { type: "toolCall", choice: 0, toolIndex: 1, id: "c2", name: "f", arguments: '{"a":1}' },
      { type: "toolCall", choice: 0, toolIndex: 2, id: "f_2", name: "f", arguments: "" },
      { type: "toolCall", choice: 0, toolIndex: 2, arguments: "{}" },
      { type: "finish", choice: 0, reason: "toolCalls" },
    ]);
  });

  test.each([
    ["not JSON", [{ event: "message-start", data: "{" }], "upstream_invalid_response"],
    ["content before the start", [frame("content-delta")], "upstream_invalid_response"],
    ["arguments of no call", [start, call("delta", 0, {})], "upstream_invalid_response"],
    ["a nameless call", [start, call("start", 0, { id: "c" })], "upstream_invalid_response"],
    ["an end without a reason", [start, end({})], "upstream_invalid_response"],
    ["a broken answer", [start, end({ finish_reason: "ERROR", error: "out of memory" })], "upstream_error"],
    ["an answer that took too long", [start, end({ finish_reason: "TIMEOUT" })], "upstream_timeout"],
    ["an error frame", [start, { event: "", data: '{"message":"internal"}' }], "upstream_error"],
  ] as const)("not an answer: %s", (_name, frames, code) => {
    expect(() => decodeAll(frames)).toThrow(expect.objectContaining({ code, upstreamStatus: undefined }));
  });
});
