import { describe, expect, test } from "bun:test";
import type Anthropic from "@anthropic-ai/sdk";
import type { ChatRequest, Message } from "../../core/chat.ts";
import type { JsonObject } from "../../core/json.ts";
import { parseCountTokensRequest, parseMessagesRequest } from "./parse-messages-request.ts";

/** The client's own type has dropped the sampling fields; the API still documents them for older models. */
type Params = Anthropic.MessageCreateParams & { temperature?: number; top_p?: number; top_k?: number };
const minimal: Params = { model: "m", max_tokens: 100, messages: [{ role: "user", content: "Hi" }] };
const parse = (fields: Partial<Params>): ChatRequest =>
  parseMessagesRequest(JSON.parse(JSON.stringify({ ...minimal, ...fields })));
const parseMessages = (...messages: Params["messages"]): readonly Message[] => parse({ messages }).messages;
const parsed: ChatRequest = {
  model: "m",
  messages: [{ role: "user", content: [{ type: "text", text: "Hi" }] }],
  maxOutputTokens: 100,
  stream: false,
  includeUsage: true,
};
const cacheControl = { type: "ephemeral" } as const;
const cached = { providerData: { anthropic: { cache_control: cacheControl } } };
const schema = { type: "object", properties: {}, additionalProperties: false } as const;

describe("parseMessagesRequest", () => {
  test("reads the least there is", () => {
    expect(parse({})).toEqual(parsed);
  });

  const fields: readonly [string, Partial<Params>, Partial<ChatRequest>][] = [
    ["sampling", { temperature: 0.5, top_p: 0.9, top_k: 5 }, { temperature: 0.5, topP: 0.9, topK: 5 }],
    ["stop_sequences", { stop_sequences: ["END"] }, { stop: ["END"] }],
    ["stream", { stream: true }, { stream: true }],
    ["user_id", { metadata: { user_id: "u" } }, { user: "u" }],
    ["enabled thinking", { thinking: { type: "enabled", budget_tokens: 2048 } }, { reasoning: { budgetTokens: 2048 } }],
    ["disabled thinking", { thinking: { type: "disabled" } }, { reasoning: { effort: "none" } }],
    ["an effort", { output_config: { effort: "xhigh" } }, { reasoning: { effort: "xhigh" } }],
    [
      "adaptive thinking",
      { thinking: { type: "adaptive" }, output_config: { effort: "low" } },
      { reasoning: { effort: "low" }, extra: { dialect: "anthropic", fields: { thinking: { type: "adaptive" } } } },
    ],
    [
      "how thinking is shown",
      { thinking: { type: "enabled", budget_tokens: 1024, display: "omitted" } },
      {
        reasoning: { budgetTokens: 1024 },
        extra: {
          dialect: "anthropic",
          fields: { thinking: { type: "enabled", budget_tokens: 1024, display: "omitted" } },
        },
      },
    ],
    [
      "an effort beside disabled thinking",
      { thinking: { type: "disabled" }, output_config: { effort: "low" } },
      { reasoning: { effort: "none" }, extra: { dialect: "anthropic", fields: { output_config: { effort: "low" } } } },
    ],
    [
      "a schema for the answer",
      { output_config: { format: { type: "json_schema", schema } } },
      { responseFormat: { kind: "schema", name: "response", schema, strict: true } },
    ],
    [
      "unknown fields",
      { service_tier: "auto", container: "c" },
      { extra: { dialect: "anthropic", fields: { service_tier: "auto", container: "c" } } },
    ],
    ["tool_choice auto", { tool_choice: { type: "auto" } }, { toolChoice: { kind: "auto" } }],
    [
      "tool_choice any, one at a time",
      { tool_choice: { type: "any", disable_parallel_tool_use: true } },
      { toolChoice: { kind: "required" }, parallelToolCalls: false },
    ],
    [
      "tool_choice tool",
      { tool_choice: { type: "tool", name: "weather" } },
      { toolChoice: { kind: "function", name: "weather" } },
    ],
    ["tool_choice none", { tool_choice: { type: "none" } }, { toolChoice: { kind: "none" } }],
    [
      "tools",
      {
        tools: [
          {
            name: "weather",
            description: "Tells it.",
            input_schema: schema,
            strict: true,
            cache_control: cacheControl,
          },
          { type: "custom", name: "time", input_schema: { type: "object" } },
          { type: "web_search_20250305", name: "web_search", max_uses: 2 },
        ],
      },
      {
        tools: [
          { type: "function", name: "weather", description: "Tells it.", parameters: schema, strict: true, ...cached },
          { type: "function", name: "time", parameters: { type: "object" } },
          {
            type: "opaque",
            dialect: "anthropic",
            value: { type: "web_search_20250305", name: "web_search", max_uses: 2 },
          },
        ],
      },
    ],
  ];
  test.each(fields)("reads %s", (_, body, expected) => {
    expect(parse(body)).toEqual({ ...parsed, ...expected });
  });

  test("reads the schema by its older name too", () => {
    const body = { output_format: { type: "json_schema", schema } } as Partial<Params>;
    expect(parse(body)).toEqual(parse({ output_config: { format: { type: "json_schema", schema } } }));
  });

  test("keeps the gateway's own fields from providers", () => {
    expect(parse({ route: "fast" } as Partial<Params>)).toEqual(parsed);
  });

  test("reads instructions, as text and as blocks, first and between messages", () => {
    const [user] = parsed.messages;
    const terse = { role: "system", content: [{ type: "text", text: "Be terse." }] };
    expect(parse({ system: "Be terse." }).messages).toEqual([terse, user] as Message[]);
    const blocks = parse({ system: [{ type: "text", text: "Be terse.", cache_control: cacheControl }] });
    expect(blocks.messages[0]).toEqual({ role: "system", content: [{ type: "text", text: "Be terse.", ...cached }] });
    expect(parseMessages({ role: "system", content: "Be terse." })).toEqual([terse] as Message[]);
    expect(parse({ system: "" }).messages).toHaveLength(1);
  });

  test("reads a user's blocks", () => {
    const result = parseMessages({
      role: "user",
      content: [
        { type: "text", text: "See", cache_control: cacheControl },
        { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } },
        { type: "image", source: { type: "url", url: "https://a.example/b.png" } },
        { type: "image", source: { type: "file", file_id: "file_1" } },
        { type: "document", source: { type: "url", url: "https://a.example/b.pdf" }, title: "b.pdf", context: "c" },
        { type: "document", source: { type: "text", media_type: "text/plain", data: "Grüße" } },
        { type: "document", source: { type: "content", content: "x" } },
        { type: "search_result", source: "s", title: "t", content: [] },
      ],
    });
    const text = { type: "text", media_type: "text/plain", data: "Grüße" };
    expect(result).toEqual([
      {
        role: "user",
        content: [
          { type: "text", text: "See", ...cached },
          { type: "image", source: { kind: "base64", mediaType: "image/png", data: "AAAA" } },
          { type: "image", source: { kind: "url", url: "https://a.example/b.png" } },
          { type: "image", source: { kind: "file", fileId: "file_1" } },
          {
            type: "file",
            source: { kind: "url", url: "https://a.example/b.pdf" },
            filename: "b.pdf",
            providerData: { anthropic: { context: "c" } },
          },
          {
            type: "file",
            source: { kind: "base64", mediaType: "text/plain", data: "R3LDvMOfZQ==" },
            providerData: { anthropic: { source: text } },
          },
          {
            type: "opaque",
            dialect: "anthropic",
            value: { type: "document", source: { type: "content", content: "x" } },
          },
          {
            type: "opaque",
            dialect: "anthropic",
            value: { type: "search_result", source: "s", title: "t", content: [] },
          },
        ],
      },
    ]);
  });

  test("reads an assistant's blocks", () => {
    const result = parseMessages({
      role: "assistant",
      content: [
        { type: "thinking", thinking: "hm", signature: "sig" },
        { type: "thinking", thinking: "from elsewhere", signature: "" },
        { type: "redacted_thinking", data: "zz" },
        { type: "text", text: "Look", citations: null },
        { type: "tool_use", id: "t1", name: "weather", input: { city: "Oslo" }, caller: { type: "direct" } },
      ],
    });
    expect(result).toEqual([
      {
        role: "assistant",
        content: [
          { type: "reasoning", text: "hm", providerData: { anthropic: { signature: "sig" } } },
          { type: "reasoning", text: "from elsewhere" },
          { type: "opaque", dialect: "anthropic", value: { type: "redacted_thinking", data: "zz" } },
          { type: "text", text: "Look" },
          {
            type: "toolCall",
            id: "t1",
            name: "weather",
            arguments: '{"city":"Oslo"}',
            providerData: { anthropic: { caller: { type: "direct" } } },
          },
        ],
      },
    ]);
  });

  test("makes each tool result a message of its own and keeps the order", () => {
    const result = parseMessages({
      role: "user",
      content: [
        { type: "tool_result", tool_use_id: "t1", content: "12 °C", cache_control: cacheControl },
        { type: "tool_result", tool_use_id: "t2", is_error: true, content: [{ type: "text", text: "failed" }] },
        { type: "text", text: "And now?" },
        { type: "tool_result", tool_use_id: "t3" },
      ],
    });
    expect(result).toEqual([
      { role: "tool", toolCallId: "t1", content: [{ type: "text", text: "12 °C" }], ...cached },
      { role: "tool", toolCallId: "t2", content: [{ type: "text", text: "failed" }], isError: true },
      { role: "user", content: [{ type: "text", text: "And now?" }] },
      { role: "tool", toolCallId: "t3", content: [] },
    ]);
  });

  test("a count needs no max_tokens", () => {
    const { max_tokens: _, ...body } = minimal;
    const { maxOutputTokens: __, ...expected } = parsed;
    expect(parseCountTokensRequest(body as unknown as JsonObject)).toEqual(expected);
  });

  const user = (...content: unknown[]) => ({ messages: [{ role: "user", content }] });
  const assistant = (...content: unknown[]) => ({ messages: [{ role: "assistant", content }] });
  const missing = "missing_required_parameter";
  const invalid = "invalid_value";
  const faults: readonly [unknown, string, string][] = [
    [{ model: undefined }, missing, "model"],
    [{ model: 7 }, invalid, "model"],
    [{ max_tokens: undefined }, missing, "max_tokens"],
    [{ max_tokens: 1.5 }, invalid, "max_tokens"],
    [{ messages: undefined }, missing, "messages"],
    [{ messages: [] }, invalid, "messages"],
    [{ messages: [{ role: "tool", content: "x" }] }, invalid, "messages.0.role"],
    [{ messages: [{ role: "user" }] }, missing, "messages.0.content"],
    [{ messages: [{ role: "user", content: 7 }] }, invalid, "messages.0.content"],
    [user("text"), invalid, "messages.0.content.0"],
    [user({ text: "x" }), missing, "messages.0.content.0.type"],
    [user({ type: "text" }), missing, "messages.0.content.0.text"],
    [user({ type: "image", source: { type: "disk" } }), invalid, "messages.0.content.0.source.type"],
    [user({ type: "image", source: { type: "url" } }), missing, "messages.0.content.0.source.url"],
    [user({ type: "tool_use", id: "t", name: "n", input: {} }), invalid, "messages.0.content.0.type"],
    [user({ type: "tool_result", content: "x" }), missing, "messages.0.content.0.tool_use_id"],
    [
      user({ type: "tool_result", tool_use_id: "t", content: [{ type: "text", text: 7 }] }),
      invalid,
      "messages.0.content.0.content.0.text",
    ],
    [assistant({ type: "tool_use", id: "t", name: "n", input: "{}" }), invalid, "messages.0.content.0.input"],
    [assistant({ type: "tool_result", tool_use_id: "t" }), invalid, "messages.0.content.0.type"],
    [{ system: [{ type: "image" }] }, invalid, "system.0.type"],
    [{ tools: [{ name: "n" }] }, missing, "tools.0.input_schema"],
    [{ tools: ["n"] }, invalid, "tools.0"],
    [{ tool_choice: { type: "tool" } }, missing, "tool_choice.name"],
    [{ tool_choice: { type: "some" } }, invalid, "tool_choice.type"],
    [{ thinking: { type: "enabled" } }, missing, "thinking.budget_tokens"],
    [{ output_config: { effort: "huge" } }, invalid, "output_config.effort"],
    [{ temperature: 1.5 }, invalid, "temperature"],
    [{ stream: "yes" }, invalid, "stream"],
    [{ stop_sequences: [1] }, invalid, "stop_sequences.0"],
  ];
  test.each(faults)("refuses %j with %s at %s", (body, code, param) => {
    const error = expect.objectContaining({ code, param, message: expect.stringContaining(`'${param}'`) });
    expect(() => parse(body as Partial<Params>)).toThrow(error);
  });
});
