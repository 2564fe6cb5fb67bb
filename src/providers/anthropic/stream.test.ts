import { describe, expect, test } from "bun:test";
import type { Frame } from "../../core/ports/provider.ts";
import type { Chunk } from "../../core/reply.ts";
import { readFrames } from "./fixtures/read-fixture.ts";
import { requestOf } from "./fixtures/requests.ts";
import { openChatStream } from "./stream.ts";

const request = requestOf({ stream: true });
const decodeAll = (frames: readonly Frame[], asked = request): readonly Chunk[] => {
  const decoder = openChatStream(asked, "anthropic");
  return [...frames.flatMap((frame) => decoder.push(frame)), ...decoder.end()];
};
const frame = (type: string, fields: Readonly<Record<string, unknown>> = {}): Frame => ({
  event: type,
  data: JSON.stringify({ type, ...fields }),
});
const start = frame("message_start", { message: { id: "msg_1", model: "claude", usage: { input_tokens: 3 } } });
const block = (index: number | undefined, content_block: unknown) =>
  frame("content_block_start", { index, content_block });
const delta = (index: number | undefined, value: unknown) => frame("content_block_delta", { index, delta: value });
const endTurn = frame("message_delta", { delta: { stop_reason: "end_turn" }, usage: { output_tokens: 4 } });
const stop = frame("message_stop");

describe("streamed answers", () => {
  test("thinking with its signature, text and parallel calls", () => {
    expect(decodeAll(readFrames("stream-tools-thinking.sse"))).toEqual([
      { type: "start", id: "msg_01Stream", created: 0, model: "claude-sonnet-4-5-20250929" },
      { type: "reasoning", choice: 0, text: "Two cities, " },
      { type: "reasoning", choice: 0, text: "two calls." },
      {
        type: "reasoning",
        choice: 0,
        text: "",
        providerData: { anthropic: { signature: "EqQBCgIYAhIM1gbcDa9GJwZA2b3h" } },
      },
      {
        type: "opaque",
        choice: 0,
        extra: { dialect: "anthropic", fields: { type: "redacted_thinking", data: "EmwKAhgBEgy3va3pzix" } },
      },
      { type: "text", choice: 0, text: "I look" },
      { type: "text", choice: 0, text: " both up." },
      { type: "toolCall", choice: 0, toolIndex: 0, id: "toolu_01A", name: "get_weather", arguments: "" },
      { type: "toolCall", choice: 0, toolIndex: 0, arguments: '{"city": "Pa' },
      { type: "toolCall", choice: 0, toolIndex: 0, arguments: 'ris"}' },
      { type: "toolCall", choice: 0, toolIndex: 1, id: "toolu_01B", name: "get_time", arguments: "" },
      { type: "toolCall", choice: 0, toolIndex: 1, arguments: "{}" },
      { type: "finish", choice: 0, reason: "toolCalls" },
      {
        type: "usage",
        usage: { inputTokens: 1_025, outputTokens: 89, cachedInputTokens: 1_000, reasoningTokens: 30 },
      },
    ]);
  });

  test("server tools, citations and the container", () => {
    const chunks = decodeAll(readFrames("stream-server-tool.sse"));
    expect(chunks.slice(1)).toMatchObject([
      { type: "opaque", extra: { fields: { type: "server_tool_use", input: { query: "tide times" } } } },
      { type: "text", text: "At six." },
      { type: "opaque", extra: { fields: { type: "citations_delta", citation: { title: "Tides" } } } },
      { type: "opaque", extra: { fields: { container: { id: "container_01" } } } },
      { type: "finish", reason: "stop", stopSequence: "END" },
      { type: "usage", usage: { inputTokens: 10, outputTokens: 15 } },
    ]);
  });

  test("a stream that is cut at any frame never looks finished", () => {
    for (const name of ["stream-tools-thinking.sse", "stream-server-tool.sse"]) {
      const frames = readFrames(name);
      for (let length = 0; length < frames.length; length += 1) {
        const decoder = openChatStream(request, "anthropic");
        const chunks = frames.slice(0, length).flatMap((piece) => decoder.push(piece));
        expect(chunks.some(({ type }) => type === "finish" || type === "usage")).toBe(false);
        expect(decoder.ended).toBe(false);
        expect(() => decoder.end()).toThrow(expect.objectContaining({ code: "upstream_invalid_response" }));
      }
    }
  });

  test("an error event ends the stream", () => {
    expect(() => decodeAll(readFrames("stream-overloaded.sse"))).toThrow(
      expect.objectContaining({ code: "upstream_overloaded", upstreamStatus: undefined }),
    );
  });

  test("the forced tool of a structured answer is streamed as text", () => {
    const asked = requestOf({
      stream: true,
      responseFormat: { kind: "schema", name: "a", schema: { type: "object" } },
    });
    const toolUse = frame("message_delta", { delta: { stop_reason: "tool_use" } });
    const answer = block(0, { type: "tool_use", id: "toolu_1", name: "json_response", input: {} });
    const piece = delta(0, { type: "input_json_delta", partial_json: '{"a":1}' });
    expect(decodeAll([start, answer, piece, toolUse, stop], asked).slice(1, 3)).toEqual([
      { type: "text", choice: 0, text: '{"a":1}' },
      { type: "finish", choice: 0, reason: "stop" },
    ]);
  });

  test("compatible servers: whole input at the start, no indices, blocks that are never closed", () => {
    const call = (input: unknown) => block(undefined, { type: "tool_use", id: "c1", name: "find", input });
    const chunks = decodeAll([start, call({ a: 1 }), call({ a: 2 }), endTurn, frame("unknown_event"), stop]);
    expect(chunks.slice(1)).toEqual([
      { type: "toolCall", choice: 0, toolIndex: 0, id: "c1", name: "find", arguments: "" },
      { type: "toolCall", choice: 0, toolIndex: 1, id: "c1", name: "find", arguments: "" },
      { type: "toolCall", choice: 0, toolIndex: 0, arguments: '{"a":1}' },
      { type: "toolCall", choice: 0, toolIndex: 1, arguments: '{"a":2}' },
      { type: "finish", choice: 0, reason: "toolCalls" },
      { type: "usage", usage: { inputTokens: 3, outputTokens: 4 } },
    ]);
  });

  test("a repeated index is another call", () => {
    const call = (id: string) => block(0, { type: "tool_use", id, name: "find", input: {} });
    const chunks = decodeAll([start, call("c1"), call("c2"), endTurn, stop]);
    expect(chunks.filter((chunk) => chunk.type === "toolCall" && chunk.id !== undefined)).toMatchObject([
      { toolIndex: 0, id: "c1" },
      { toolIndex: 1, id: "c2" },
    ]);
  });

  test.each([
    ["not JSON", [{ event: "message_start", data: "{" }]],
    ["content before the start", [block(0, { type: "text", text: "" })]],
    ["a start without a message", [frame("message_start")]],
    ["a delta of no block", [start, delta(3, { type: "text_delta", text: "x" })]],
    ["a block without a body", [start, block(0, null)]],
    ["an end without a reason", [start, stop]],
    ["a nameless call", [start, block(0, { type: "tool_use", id: "c1" })]],
  ] as const)("malformed: %s", (_name, frames) => {
    expect(() => decodeAll(frames)).toThrow(expect.objectContaining({ code: "upstream_invalid_response" }));
  });
});
