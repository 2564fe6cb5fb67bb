import { describe, expect, test } from "bun:test";
import type Anthropic from "@anthropic-ai/sdk";
import type { AssistantPart } from "../../core/chat.ts";
import { estimateInputTokens } from "../../core/estimate-tokens.ts";
import type { Choice, Completion } from "../../core/reply.ts";
import type { AnswerContext } from "../codec.ts";
import { encodeMessagesReply } from "./encode-messages-reply.ts";

const completion = (choice: Partial<Choice>, fields: Partial<Completion> = {}): Completion => ({
  id: "msg_01",
  created: 0,
  model: "claude-x",
  choices: [{ index: 0, content: [], finishReason: "stop", ...choice }],
  ...fields,
});
const context: AnswerContext<"chat"> = {
  callId: "call-1",
  created: 0,
  model: "asked",
  request: { model: "m", messages: [], stream: false, includeUsage: true },
};
const encode = (choice: Partial<Choice>, fields?: Partial<Completion>) =>
  encodeMessagesReply(completion(choice, fields), context);

describe("encodeMessagesReply", () => {
  test("writes every field of Anthropic's Message", () => {
    const message: Anthropic.Message = {
      id: "msg_01",
      type: "message",
      role: "assistant",
      model: "claude-x",
      content: [
        { type: "thinking", thinking: "hm", signature: "sig" },
        { type: "text", text: "Hi", citations: null },
        { type: "tool_use", id: "t1", name: "weather", input: { city: "Oslo" }, caller: { type: "direct" } },
      ],
      stop_reason: "tool_use",
      stop_sequence: null,
      stop_details: null,
      container: null,
      diagnostics: null,
      usage: {
        input_tokens: 10,
        cache_creation_input_tokens: 30,
        cache_read_input_tokens: 60,
        output_tokens: 20,
        output_tokens_details: { thinking_tokens: 8 },
        server_tool_use: null,
        cache_creation: null,
        inference_geo: null,
        service_tier: null,
        speed: null,
      },
    };
    const encoded = encode(
      {
        content: [
          { type: "reasoning", text: "hm", providerData: { anthropic: { signature: "sig" } } },
          { type: "text", text: "Hi" },
          { type: "toolCall", id: "t1", name: "weather", arguments: '{"city":"Oslo"}' },
        ],
        finishReason: "toolCalls",
      },
      {
        usage: {
          inputTokens: 100,
          outputTokens: 20,
          cachedInputTokens: 60,
          cacheWriteTokens: 30,
          reasoningTokens: 8,
        },
      },
    );
    expect(encoded).toEqual(JSON.parse(JSON.stringify(message)));
  });

  const ids: readonly [string, string][] = [
    ["msg_01", "msg_01"],
    ["chatcmpl-1", "msg_chatcmpl-1"],
    ["", "msg_call-1"],
  ];
  test.each(ids)("gives the id %p as %s", (id, expected) => {
    expect(encode({}, { id })["id"]).toBe(expected);
  });

  test("estimates the usage where there is none, and names the model asked", () => {
    const content: AssistantPart[] = [
      { type: "text", text: "1234" },
      { type: "toolCall", id: "t", name: "n", arguments: "{}" },
    ];
    expect(encode({ content }, { model: "" })).toMatchObject({
      model: "asked",
      usage: { input_tokens: estimateInputTokens(context.request), output_tokens: 2 },
    });
  });

  const stops: readonly [Partial<Choice>, string, string | null][] = [
    [{}, "end_turn", null],
    [{ stopSequence: "END" }, "stop_sequence", "END"],
    [{ finishReason: "length" }, "max_tokens", null],
    [{ finishReason: "contentFilter" }, "refusal", null],
    [{ finishReason: "refusal" }, "refusal", null],
    [{ finishReason: "pause" }, "pause_turn", null],
    [{ content: [{ type: "toolCall", id: "t", name: "n", arguments: "" }] }, "tool_use", null],
    [{ content: [{ type: "refusal", text: "No." }] }, "refusal", null],
  ];
  test.each(stops)("ends %j with %s", (choice, reason, sequence) => {
    expect(encode(choice)).toMatchObject({ stop_reason: reason, stop_sequence: sequence });
  });

  const blocks: readonly [AssistantPart, unknown[]][] = [
    [{ type: "text", text: "" }, []],
    [{ type: "reasoning", text: "" }, []],
    [{ type: "reasoning", text: "unsigned" }, [{ type: "thinking", thinking: "unsigned", signature: "" }]],
    [{ type: "refusal", text: "No." }, [{ type: "text", text: "No.", citations: null }]],
    [{ type: "opaque", dialect: "gemini", value: { type: "code" } }, []],
    [
      { type: "opaque", dialect: "anthropic", value: { type: "redacted_thinking", data: "x" } },
      [{ type: "redacted_thinking", data: "x" }],
    ],
    [
      { type: "text", text: "a", providerData: { anthropic: { citations: [{ type: "char_location" }] } } },
      [{ type: "text", text: "a", citations: [{ type: "char_location" }] }],
    ],
  ];
  test.each(blocks)("shows %j", (part, expected) => {
    expect(encode({ content: [part] })["content"]).toEqual(expected as never);
  });

  test("keeps fields that came in Anthropic's dialect and leaves those of others", () => {
    const container = { id: "c1", expires_at: "2027-01-01" };
    expect(encode({}, { extra: { dialect: "anthropic", fields: { container } } })).toMatchObject({ container });
    expect(encode({ extra: { dialect: "openai", fields: { annotations: [] } } })).not.toHaveProperty("annotations");
  });

  const unreadable: readonly [string, string][] = [
    ["{", "not a JSON object"],
    ["[1]", "not a JSON object"],
    ['"text"', "not a JSON object"],
  ];
  test.each(unreadable)("refuses the arguments %s", (text, reason) => {
    const content: AssistantPart[] = [{ type: "toolCall", id: "t", name: "weather", arguments: text }];
    const expected = { code: "upstream_invalid_response", message: expect.stringContaining(reason) };
    expect(() => encode({ content })).toThrow(expect.objectContaining(expected));
  });

  test("says so where the limit cut the arguments", () => {
    const content: AssistantPart[] = [{ type: "toolCall", id: "t", name: "weather", arguments: '{"ci' }];
    expect(() => encode({ content, finishReason: "length" })).toThrow("raise max_tokens");
  });

  test("refuses an answer without a choice", () => {
    expect(() => encodeMessagesReply({ ...completion({}), choices: [] }, context)).toThrow("without a choice");
  });
});
