import { describe, expect, test } from "bun:test";
import type { Chunk } from "../../core/reply.ts";
import { chatOf, codeThrownBy, fixture, framesOf, provider, request } from "./testing.ts";

const chat = chatOf(provider);
const open = (n?: number) => {
  const stream = chat.openStream?.(request({ stream: true, ...(n === undefined ? {} : { n }) }));
  if (stream === undefined) throw new Error("no stream");
  return stream;
};
const decode = (name: string, n?: number): readonly Chunk[] => {
  const stream = open(n);
  return [...framesOf(fixture(name)).flatMap((frame) => stream.push(frame)), ...stream.end()];
};
const frame = (value: unknown) => ({ event: "", data: JSON.stringify(value) });

describe("decode a stream", () => {
  test("reasoning, text, parallel calls, signatures, usage", () => {
    expect(decode("tools.sse")).toEqual([
      { type: "start", id: "resp-3", created: 0, model: "gemini-3-flash-preview" },
      { type: "reasoning", choice: 0, text: "Two cities." },
      { type: "text", choice: 0, text: "Looking" },
      { type: "text", choice: 0, text: " up." },
      {
        type: "toolCall",
        choice: 0,
        toolIndex: 0,
        id: "fc-1",
        name: "get_weather",
        arguments: '{"city":"Paris"}',
        providerData: { gemini: { thoughtSignature: "c2ln" } },
      },
      { type: "toolCall", choice: 0, toolIndex: 1, id: "fc-2", name: "get_weather", arguments: '{"city":"Oslo"}' },
      { type: "reasoning", choice: 0, text: "", providerData: { gemini: { thoughtSignature: "dGFpbA==" } } },
      { type: "finish", choice: 0, reason: "toolCalls" },
      { type: "usage", usage: { inputTokens: 10, outputTokens: 25, cachedInputTokens: 8, reasoningTokens: 4 } },
    ]);
  });

  test("two candidates end each on their own", () => {
    expect(decode("two-candidates.sse", 2)).toEqual([
      { type: "start", id: "resp-4", created: 0, model: "gemini-2.5-flash" },
      { type: "text", choice: 0, text: "A" },
      { type: "text", choice: 1, text: "B" },
      { type: "text", choice: 0, text: "!" },
      { type: "finish", choice: 0, reason: "stop" },
      { type: "finish", choice: 1, reason: "contentFilter" },
      { type: "usage", usage: { inputTokens: 2, outputTokens: 3 } },
    ]);
  });

  test("a signed text keeps its signature beside it, log-probabilities stand on the text", () => {
    const stream = open();
    const logprobsResult = { chosenCandidates: [{ token: "A", logProbability: -1 }] };
    const content = { parts: [{ text: "A", thoughtSignature: "c2ln" }] };
    expect(stream.push(frame({ candidates: [{ content, logprobsResult }] })).slice(1)).toEqual([
      {
        type: "text",
        choice: 0,
        text: "A",
        logprobs: { content: [{ token: "A", logprob: -1, bytes: [65], top_logprobs: [] }], refusal: null },
      },
      { type: "reasoning", choice: 0, text: "", providerData: { gemini: { thoughtSignature: "c2ln" } } },
    ]);
  });

  test("a finish without usage counts, and usage may follow it", () => {
    const stream = open();
    stream.push(frame({ candidates: [{ content: { parts: [{ text: "A" }] }, finishReason: "STOP" }] }));
    expect(stream.ended).toBe(false);
    const late = stream.push(frame({ usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1 } }));
    expect(late).toEqual([{ type: "usage", usage: { inputTokens: 1, outputTokens: 1 } }]);
    expect(stream.ended).toBe(true);
    expect(stream.end()).toEqual([]);
  });

  test.each([
    ["tools.sse", 1],
    ["two-candidates.sse", 2],
  ])("%s cut anywhere is never complete", (name, n) => {
    const frames = framesOf(fixture(name));
    for (let length = 0; length < frames.length; length++) {
      const stream = open(n);
      for (const piece of frames.slice(0, length)) stream.push(piece);
      expect(stream.ended).toBe(false);
      expect(codeThrownBy(() => stream.end())).toBe("upstream_invalid_response");
    }
  });

  test("an error within is thrown", () => {
    expect(codeThrownBy(() => decode("error-within.sse"))).toBe("upstream_overloaded");
  });

  test.each([
    ["a blocked prompt", { promptFeedback: { blockReason: "SAFETY" } }, "content_policy_violation"],
    ["an error in an array", [{ error: { code: 429, status: "RESOURCE_EXHAUSTED" } }], "rate_limit_exceeded"],
    ["a number", 1, "upstream_invalid_response"],
    ["a failed call", { candidates: [{ finishReason: "MALFORMED_FUNCTION_CALL" }] }, "upstream_error"],
  ])("%s is thrown", (_name, value, code) => {
    expect(codeThrownBy(() => open().push(frame(value)))).toBe(code);
  });

  test("a frame that is not JSON is thrown", () => {
    expect(codeThrownBy(() => open().push({ event: "", data: "{" }))).toBe("upstream_invalid_response");
  });
});
