import { describe, expect, test } from "bun:test";
import type { Completion } from "../../core/reply.ts";
import { openaiChat } from "./chat.ts";
import type { Quirks } from "./quirks.ts";
import { chatRequest, dialogueWith } from "./testing.ts";

const decode = (body: unknown, quirks: Partial<Quirks> = {}): Completion =>
  openaiChat(dialogueWith(quirks)).decode(body, chatRequest());

const reply = (message: unknown, finish: unknown = "stop", rest: object = {}) => ({
  id: "c1",
  object: "chat.completion",
  created: 1741569952,
  model: "m-1",
  choices: [{ index: 0, message, finish_reason: finish, logprobs: null }],
  ...rest,
});
const head = { id: "c1", created: 1741569952, model: "m-1" };

interface Row {
  readonly name: string;
  readonly body: unknown;
  readonly quirks?: Partial<Quirks>;
  readonly completion: Completion;
}

const rows: readonly Row[] = [
  {
    name: "OpenAI: text with usage and what the head adds",
    body: reply({ role: "assistant", content: "Hello", refusal: null, annotations: [] }, "stop", {
      service_tier: "default",
      system_fingerprint: "fp",
      usage: {
        prompt_tokens: 19,
        completion_tokens: 10,
        total_tokens: 29,
        prompt_tokens_details: { cached_tokens: 4, audio_tokens: 3 },
        completion_tokens_details: {
          reasoning_tokens: 5,
          audio_tokens: 2,
          accepted_prediction_tokens: 1,
          rejected_prediction_tokens: 6,
        },
      },
    }),
    completion: {
      ...head,
      extra: { dialect: "openai", fields: { service_tier: "default", system_fingerprint: "fp" } },
      choices: [
        {
          index: 0,
          content: [{ type: "text", text: "Hello" }],
          finishReason: "stop",
          extra: { dialect: "openai", fields: { annotations: [] } },
        },
      ],
      usage: {
        inputTokens: 19,
        outputTokens: 10,
        cachedInputTokens: 4,
        audioInputTokens: 3,
        reasoningTokens: 5,
        audioOutputTokens: 2,
        acceptedPredictionTokens: 1,
        rejectedPredictionTokens: 6,
      },
    },
  },
  {
    name: "several choices, log-probabilities, a refusal",
    body: {
      choices: [
        { message: { content: "a" }, finish_reason: "length", logprobs: { content: [] } },
        { message: { content: null, refusal: "No." }, finish_reason: "content_filter" },
      ],
    },
    completion: {
      id: "",
      created: 0,
      model: "",
      choices: [
        { index: 0, content: [{ type: "text", text: "a" }], finishReason: "length", logprobs: { content: [] } },
        { index: 1, content: [{ type: "refusal", text: "No." }], finishReason: "contentFilter" },
      ],
    },
  },
  {
    name: "tool calls: parallel, without an id, with an object for arguments, of another type",
    body: reply(
      {
        content: null,
        tool_calls: [
          {
            id: "call_a",
            type: "function",
            function: { name: "f", arguments: '{"x":1}' },
            extra_content: { s: "sig" },
          },
          { type: "function", function: { name: "g", arguments: { y: 2 } } },
          { id: "call_c", type: "function", function: { name: "h" } },
          { id: "call_d", type: "custom", custom: { name: "c", input: "i" } },
        ],
      },
      "stop",
    ),
    completion: {
      ...head,
      choices: [
        {
          index: 0,
          content: [
            {
              type: "toolCall",
              id: "call_a",
              name: "f",
              arguments: '{"x":1}',
              providerData: { openai: { extra_content: { s: "sig" } } },
            },
            { type: "toolCall", id: "call_c1_0_1", name: "g", arguments: '{"y":2}' },
            { type: "toolCall", id: "call_c", name: "h", arguments: "{}" },
            {
              type: "opaque",
              dialect: "openai",
              value: { id: "call_d", type: "custom", custom: { name: "c", input: "i" } },
            },
          ],
          finishReason: "toolCalls",
        },
      ],
    },
  },
  {
    name: "the old function call",
    body: reply({ content: null, function_call: { name: "f", arguments: "{}" } }, "function_call"),
    completion: {
      ...head,
      choices: [
        {
          index: 0,
          content: [{ type: "toolCall", id: "call_c1_0_0", name: "f", arguments: "{}" }],
          finishReason: "toolCalls",
        },
      ],
    },
  },
  {
    name: "DeepSeek: reasoning beside the content, cache hits beside the prompt",
    body: reply({ content: "4", reasoning_content: "2+2" }, "eos", {
      usage: { prompt_tokens: 10, completion_tokens: 5, prompt_cache_hit_tokens: 8, prompt_cache_miss_tokens: 2 },
    }),
    completion: {
      ...head,
      choices: [
        {
          index: 0,
          content: [
            { type: "reasoning", text: "2+2" },
            { type: "text", text: "4" },
          ],
          finishReason: "stop",
        },
      ],
      usage: { inputTokens: 10, outputTokens: 5, cachedInputTokens: 8 },
    },
  },
  {
    name: "both names of reasoning say it once; encrypted details stay with the message",
    body: reply({ content: "4", reasoning: "r", reasoning_content: "r", reasoning_details: [{ data: "x" }] }),
    completion: {
      ...head,
      choices: [
        {
          index: 0,
          content: [
            { type: "reasoning", text: "r" },
            { type: "text", text: "4" },
          ],
          finishReason: "stop",
          extra: { dialect: "openai", fields: { reasoning_details: [{ data: "x" }] } },
        },
      ],
    },
  },
  {
    name: "Mistral: content in parts",
    body: reply(
      {
        content: [
          { type: "thinking", thinking: [{ type: "text", text: "hm" }], closed: true },
          { type: "text", text: "4" },
          { type: "reference", reference_ids: [1] },
        ],
      },
      "model_length",
    ),
    completion: {
      ...head,
      choices: [
        {
          index: 0,
          content: [
            { type: "reasoning", text: "hm" },
            { type: "text", text: "4" },
          ],
          finishReason: "length",
          extra: { dialect: "openai", fields: { content_parts: [{ type: "reference", reference_ids: [1] }] } },
        },
      ],
    },
  },
  {
    name: "xAI: reasoning is counted beside the completion",
    quirks: { reasoningTokens: "beside" },
    body: reply({ content: "4" }, "stop", {
      usage: {
        prompt_tokens: 32,
        completion_tokens: 9,
        total_tokens: 135,
        completion_tokens_details: { reasoning_tokens: 94 },
      },
    }),
    completion: {
      ...head,
      choices: [{ index: 0, content: [{ type: "text", text: "4" }], finishReason: "stop" }],
      usage: { inputTokens: 32, outputTokens: 103, reasoningTokens: 94 },
    },
  },
  {
    name: "xAI: unless the total says that it is counted within",
    quirks: { reasoningTokens: "beside" },
    body: reply({ content: "4" }, "stop", {
      usage: {
        prompt_tokens: 32,
        completion_tokens: 103,
        total_tokens: 135,
        completion_tokens_details: { reasoning_tokens: 94 },
      },
    }),
    completion: {
      ...head,
      choices: [{ index: 0, content: [{ type: "text", text: "4" }], finishReason: "stop" }],
      usage: { inputTokens: 32, outputTokens: 103, reasoningTokens: 94 },
    },
  },
  {
    name: "vLLM: the stop sequence",
    body: {
      ...reply({ content: "a" }),
      choices: [{ index: 0, message: { content: "a" }, finish_reason: "stop", stop_reason: "END" }],
    },
    completion: {
      ...head,
      choices: [{ index: 0, content: [{ type: "text", text: "a" }], finishReason: "stop", stopSequence: "END" }],
    },
  },
];

describe("a whole answer", () => {
  for (const { name, body, quirks, completion } of rows)
    test(name, () => {
      const decoded = decode(body, quirks);
      const { conformsTo: _, ...fields } = decoded;
      expect({ ...fields, choices: decoded.choices }).toEqual(completion);
    });
});

const broken: readonly (readonly [string, unknown, string])[] = [
  ["no object", [], "upstream_invalid_response"],
  ["nothing", null, "upstream_invalid_response"],
  ["no choices", { id: "x" }, "upstream_invalid_response"],
  ["empty choices", { choices: [] }, "upstream_invalid_response"],
  ["a choice that is null", { choices: [null] }, "upstream_invalid_response"],
  ["a choice without a message", { choices: [{ index: 0 }] }, "upstream_invalid_response"],
  ["content that is a number", reply({ content: 5 }), "upstream_invalid_response"],
  ["a part that is text", reply({ content: ["x"] }), "upstream_invalid_response"],
  ["calls that are no list", reply({ tool_calls: {} }), "upstream_invalid_response"],
  ["a call that is null", reply({ tool_calls: [null] }), "upstream_invalid_response"],
  [
    "a call without a name",
    reply({ tool_calls: [{ id: "x", function: { arguments: "{}" } }] }),
    "upstream_invalid_response",
  ],
  ["an error with status 200", { error: { message: "overloaded", code: 503 } }, "upstream_overloaded"],
  ["an answer broken off", reply({ content: "a" }, "error"), "upstream_error"],
  ["an answer without resources", reply({ content: "a" }, "insufficient_system_resource"), "upstream_overloaded"],
];
describe("an answer that is none", () => {
  for (const [name, body, code] of broken)
    test(name, () => expect(() => decode(body)).toThrow(expect.objectContaining({ name: "GatewayError", code })));
});
