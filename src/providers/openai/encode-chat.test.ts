import { describe, expect, test } from "bun:test";
import type { ChatRequest } from "../../core/chat.ts";
import { openaiChat } from "./chat.ts";
import type { Quirks } from "./quirks.ts";
import { chatRequest, dialogueWith, targetOf } from "./testing.ts";

interface Row {
  readonly name: string;
  readonly request: Partial<ChatRequest>;
  readonly quirks?: Partial<Quirks>;
  readonly reasons?: boolean;
  readonly wire: Record<string, unknown>;
}

const call = { type: "toolCall", id: "call_1", name: "look", arguments: '{"a":1}' } as const;
const hi = [{ role: "user", content: "Hi" }];

const rows: readonly Row[] = [
  { name: "the least", request: {}, wire: { messages: hi } },
  {
    name: "every sampling field",
    request: {
      maxOutputTokens: 5,
      temperature: 0,
      topP: 0.5,
      stop: ["x"],
      n: 2,
      seed: 7,
      frequencyPenalty: 1,
      presencePenalty: -1,
      logitBias: { "50": -100 },
      logprobs: true,
      topLogprobs: 3,
      parallelToolCalls: false,
      user: "u",
      metadata: { k: "v" },
    },
    wire: {
      messages: hi,
      max_completion_tokens: 5,
      temperature: 0,
      top_p: 0.5,
      stop: ["x"],
      n: 2,
      seed: 7,
      frequency_penalty: 1,
      presence_penalty: -1,
      logit_bias: { "50": -100 },
      logprobs: true,
      top_logprobs: 3,
      parallel_tool_calls: false,
      user: "u",
      metadata: { k: "v" },
    },
  },
  {
    name: "instructions, names and multimodal content",
    request: {
      messages: [
        { role: "developer", content: [{ type: "text", text: "Be brief." }], name: "boss" },
        {
          role: "user",
          content: [
            { type: "text", text: "See" },
            { type: "image", source: { kind: "url", url: "https://example.com/a.png" }, detail: "low" },
            { type: "image", source: { kind: "base64", mediaType: "image/png", data: "QUI=" } },
            { type: "audio", format: "wav", data: "QUI=" },
            { type: "file", source: { kind: "file", fileId: "file-1" } },
            {
              type: "file",
              source: { kind: "base64", mediaType: "application/pdf", data: "QUI=" },
              filename: "a.pdf",
            },
            { type: "opaque", dialect: "openai", value: { type: "video_url", video_url: { url: "u" } } },
          ],
        },
      ],
    },
    wire: {
      messages: [
        { role: "developer", content: "Be brief.", name: "boss" },
        {
          role: "user",
          content: [
            { type: "text", text: "See" },
            { type: "image_url", image_url: { url: "https://example.com/a.png", detail: "low" } },
            { type: "image_url", image_url: { url: "data:image/png;base64,QUI=" } },
            { type: "input_audio", input_audio: { data: "QUI=", format: "wav" } },
            { type: "file", file: { file_id: "file-1" } },
            { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,QUI=" } },
            { type: "video_url", video_url: { url: "u" } },
          ],
        },
      ],
    },
  },
  {
    name: "tools and their results",
    request: {
      tools: [
        { type: "function", name: "look", description: "d", parameters: { type: "object" }, strict: true },
        { type: "opaque", dialect: "openai", value: { type: "custom", custom: { name: "c" } } },
      ],
      toolChoice: { kind: "function", name: "look" },
      messages: [
        {
          role: "assistant",
          content: [
            call,
            {
              type: "opaque",
              dialect: "openai",
              value: { id: "call_2", type: "custom", custom: { name: "c", input: "i" } },
            },
          ],
        },
        { role: "tool", toolCallId: "call_1", content: [{ type: "text", text: "42" }] },
        { role: "tool", toolCallId: "call_2", content: [{ type: "text", text: "none" }], isError: true },
      ],
    },
    wire: {
      tools: [
        {
          type: "function",
          function: { name: "look", description: "d", parameters: { type: "object" }, strict: true },
        },
        { type: "custom", custom: { name: "c" } },
      ],
      tool_choice: { type: "function", function: { name: "look" } },
      messages: [
        {
          role: "assistant",
          content: null,
          tool_calls: [
            { id: "call_1", type: "function", function: { name: "look", arguments: '{"a":1}' } },
            { id: "call_2", type: "custom", custom: { name: "c", input: "i" } },
          ],
        },
        { role: "tool", tool_call_id: "call_1", content: "42" },
        { role: "tool", tool_call_id: "call_2", content: "Error: none" },
      ],
    },
  },
  {
    name: "OpenAI reads no reasoning, and knows refusals",
    request: {
      messages: [
        {
          role: "assistant",
          content: [
            { type: "reasoning", text: "hm" },
            { type: "refusal", text: "No." },
          ],
        },
        {
          role: "assistant",
          content: [
            { type: "text", text: "a" },
            { type: "refusal", text: "b" },
          ],
        },
        { role: "assistant", content: [] },
      ],
    },
    wire: {
      messages: [
        { role: "assistant", content: null, refusal: "No." },
        {
          role: "assistant",
          content: [
            { type: "text", text: "a" },
            { type: "refusal", refusal: "b" },
          ],
        },
        { role: "assistant", content: "" },
      ],
    },
  },
  {
    name: "reasoning_content goes back beside the content, with fields of the dialect's own",
    quirks: { reasoning: "reasoning_content", refusals: "unknown", developerRole: "unknown" },
    request: {
      messages: [
        { role: "developer", content: [{ type: "text", text: "D" }] },
        {
          role: "assistant",
          content: [{ type: "reasoning", text: "hm" }, { type: "refusal", text: "No." }, call],
          providerData: { openai: { reasoning_details: [{ type: "reasoning.encrypted", data: "x" }] } },
        },
      ],
    },
    wire: {
      messages: [
        { role: "system", content: "D" },
        {
          role: "assistant",
          content: "No.",
          reasoning_content: "hm",
          tool_calls: [{ id: "call_1", type: "function", function: { name: "look", arguments: '{"a":1}' } }],
          reasoning_details: [{ type: "reasoning.encrypted", data: "x" }],
        },
      ],
    },
  },
  {
    name: "Mistral's thinking, ids and names of fields",
    quirks: {
      reasoning: "thinking-part",
      toolCallIds: "nine-alphanumeric",
      renames: { seed: "random_seed" },
      omits: ["user"],
      streamOptions: "refused",
      maxTokensFields: ["max_tokens"],
    },
    request: {
      seed: 3,
      user: "u",
      maxOutputTokens: 9,
      stream: true,
      messages: [
        { role: "assistant", content: [{ type: "reasoning", text: "hm" }, { type: "text", text: "a" }, call] },
        { role: "tool", toolCallId: "call_1", content: [{ type: "text", text: "42" }] },
        { role: "tool", toolCallId: "abcDEF123", content: [{ type: "text", text: "43" }] },
      ],
    },
    wire: {
      random_seed: 3,
      max_tokens: 9,
      stream: true,
      messages: [
        {
          role: "assistant",
          content: [
            { type: "thinking", thinking: [{ type: "text", text: "hm" }] },
            { type: "text", text: "a" },
          ],
          tool_calls: [{ id: "74196fe72", type: "function", function: { name: "look", arguments: '{"a":1}' } }],
        },
        { role: "tool", tool_call_id: "74196fe72", content: "42" },
        { role: "tool", tool_call_id: "abcDEF123", content: "43" },
      ],
    },
  },
  {
    name: "cache markers where they are read",
    quirks: { cacheMarkers: "accepted" },
    request: {
      messages: [
        {
          role: "system",
          content: [
            { type: "text", text: "Long", providerData: { anthropic: { cache_control: { type: "ephemeral" } } } },
          ],
        },
      ],
    },
    wire: {
      messages: [{ role: "system", content: [{ type: "text", text: "Long", cache_control: { type: "ephemeral" } }] }],
    },
  },
  {
    name: "cache markers where they are not",
    request: {
      messages: [
        {
          role: "system",
          content: [
            { type: "text", text: "Long", providerData: { anthropic: { cache_control: { type: "ephemeral" } } } },
          ],
        },
      ],
    },
    wire: { messages: [{ role: "system", content: "Long" }] },
  },
  {
    name: "structured output by schema",
    request: { responseFormat: { kind: "schema", name: "n", schema: { type: "object" }, strict: true } },
    wire: {
      messages: hi,
      response_format: { type: "json_schema", json_schema: { name: "n", schema: { type: "object" }, strict: true } },
    },
  },
  {
    name: "structured output as JSON, a choice that no name says, and effort",
    request: {
      responseFormat: { kind: "json" },
      toolChoice: { kind: "opaque", dialect: "openai", value: { type: "allowed_tools" } },
      reasoning: { effort: "minimal" },
    },
    wire: {
      messages: hi,
      response_format: { type: "json_object" },
      tool_choice: { type: "allowed_tools" },
      reasoning_effort: "minimal",
    },
  },
  {
    name: "a budget becomes an effort",
    request: { reasoning: { budgetTokens: 5_000 } },
    wire: { messages: hi, reasoning_effort: "medium" },
  },
  {
    name: "a budget stays one where it can",
    quirks: { reasoningRequest: "object" },
    request: { reasoning: { effort: "low", budgetTokens: 5_000 } },
    wire: { messages: hi, reasoning: { max_tokens: 5_000 } },
  },
  {
    name: "no effort at all is not said to a model that never reasons",
    reasons: false,
    request: { reasoning: { effort: "none" } },
    wire: { messages: hi },
  },
  {
    name: "a stream asks for usage and keeps its other options; the gateway's own fields stay here",
    request: {
      stream: true,
      extra: {
        dialect: "openai",
        fields: { stream_options: { include_obfuscation: false }, verbosity: "low", tags: ["a"], route: "r" },
      },
    },
    wire: {
      messages: hi,
      stream: true,
      stream_options: { include_obfuscation: false, include_usage: true },
      verbosity: "low",
    },
  },
  {
    name: "unknown fields of another dialect stay behind",
    request: { extra: { dialect: "anthropic", fields: { betas: ["x"] } } },
    wire: { messages: hi },
  },
  {
    name: "a user's name of more than 64 characters is told by its hash",
    request: { user: "u".repeat(65) },
    wire: { messages: hi, user: "f20e249d15fa4b9f44ba21d154f62e1efa76ddfdce5d25139a33a4787cee5a8b" },
  },
];

describe("a chat request in the wire format", () => {
  for (const { name, request, quirks, reasons, wire } of rows)
    test(name, () => {
      const facts = reasons === undefined ? {} : { reasoning: reasons };
      const encoded = openaiChat(dialogueWith(quirks)).encode(chatRequest(request), targetOf("real", facts), undefined);
      expect(encoded.url).toBe("https://example.com/v1/chat/completions");
      expect(encoded.method).toBe("POST");
      expect(JSON.parse(encoded.body ?? "")).toEqual({ model: "real", ...wire });
    });
});
