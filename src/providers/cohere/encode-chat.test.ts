import { describe, expect, test } from "bun:test";
import type { ChatRequest } from "../../core/chat.ts";
import type { ModelFacts } from "../../core/model.ts";
import { encodeChatBody } from "./encode-chat.ts";
import { requestOf, targetOf } from "./fixtures/requests.ts";

const base = { model: "command-a-03-2025", messages: [{ role: "user", content: "Hi" }], stream: false };
const parameters = { type: "object", properties: { city: { type: "string" } } };
const tool = { type: "function", name: "find", parameters } as const;
const wireTool = { type: "function", function: { name: "find", parameters } };
const other = { type: "function", name: "now", description: "The time.", strict: true } as const;
const wireOther = {
  type: "function",
  function: { name: "now", description: "The time.", parameters: { type: "object", properties: {} } },
};
const text = (value: string) => ({ type: "text", text: value }) as const;

interface Case {
  readonly name: string;
  readonly request: Partial<ChatRequest>;
  readonly facts?: ModelFacts;
  readonly wire: Readonly<Record<string, unknown>>;
}

const cases: readonly Case[] = [
  { name: "the least", request: {}, wire: {} },
  {
    name: "all plain fields",
    request: {
      stream: true,
      maxOutputTokens: 50,
      temperature: 0.4,
      topP: 0.5,
      topK: 7,
      stop: ["END"],
      seed: 3,
      frequencyPenalty: 0.1,
      presencePenalty: 0.2,
      logprobs: true,
    },
    wire: {
      stream: true,
      max_tokens: 50,
      temperature: 0.4,
      p: 0.5,
      k: 7,
      stop_sequences: ["END"],
      seed: 3,
      frequency_penalty: 0.1,
      presence_penalty: 0.2,
      logprobs: true,
    },
  },
  { name: "top_p at its ends", request: { topP: 1 }, wire: { p: 0.99 } },
  {
    name: "fields of Cohere's own, without the gateway's",
    request: { extra: { dialect: "cohere", fields: { safety_mode: "STRICT", route: "smart" } } },
    wire: { safety_mode: "STRICT" },
  },
  { name: "hints of another dialect", request: { extra: { dialect: "openai", fields: { store: true } } }, wire: {} },
  {
    name: "tools, one of them strict",
    request: { tools: [tool, other] },
    wire: { tools: [wireTool, wireOther], strict_tools: true },
  },
  {
    name: "a forced call",
    request: { tools: [tool], toolChoice: { kind: "required" } },
    wire: { tools: [wireTool], tool_choice: "REQUIRED" },
  },
  {
    name: "no call",
    request: { tools: [tool], toolChoice: { kind: "none" } },
    wire: { tools: [wireTool], tool_choice: "NONE" },
  },
  { name: "a free choice", request: { tools: [tool], toolChoice: { kind: "auto" } }, wire: { tools: [wireTool] } },
  {
    name: "a choice by name",
    request: { tools: [tool, other], toolChoice: { kind: "function", name: "find" } },
    wire: { tools: [wireTool], tool_choice: "REQUIRED" },
  },
  { name: "JSON", request: { responseFormat: { kind: "json" } }, wire: { response_format: { type: "json_object" } } },
  {
    name: "JSON by a schema",
    request: { responseFormat: { kind: "schema", name: "a", schema: parameters } },
    wire: { response_format: { type: "json_object", json_schema: parameters } },
  },
  {
    name: "a budget",
    request: { reasoning: { budgetTokens: 500 } },
    wire: { thinking: { type: "enabled", token_budget: 500 } },
  },
  {
    name: "a small effort",
    request: { reasoning: { effort: "low" } },
    wire: { thinking: { type: "enabled", token_budget: 2_048 } },
  },
  { name: "a large effort", request: { reasoning: { effort: "high" } }, wire: { thinking: { type: "enabled" } } },
  { name: "no reasoning", request: { reasoning: { effort: "none" } }, wire: { thinking: { type: "disabled" } } },
  {
    name: "no reasoning where there is none",
    request: { reasoning: { effort: "none" } },
    facts: { reasoning: false },
    wire: {},
  },
  {
    name: "instructions and images",
    request: {
      messages: [
        { role: "developer", content: [text("Be brief.")] },
        {
          role: "user",
          content: [
            text("See"),
            { type: "image", source: { kind: "url", url: "https://x.example/a.png" }, detail: "original" },
            { type: "image", source: { kind: "base64", mediaType: "image/png", data: "iVBO" } },
          ],
        },
      ],
    },
    wire: {
      messages: [
        { role: "system", content: "Be brief." },
        {
          role: "user",
          content: [
            text("See"),
            { type: "image_url", image_url: { url: "https://x.example/a.png", detail: "high" } },
            { type: "image_url", image_url: { url: "data:image/png;base64,iVBO" } },
          ],
        },
      ],
    },
  },
  {
    name: "tool calls with their plan, and results",
    request: {
      messages: [
        {
          role: "assistant",
          content: [
            { type: "reasoning", text: "I look.", providerData: { cohere: { tool_plan: true } } },
            { type: "toolCall", id: "c1", name: "find", arguments: '{"city":"Rome"}' },
            { type: "toolCall", id: "c2", name: "now", arguments: "" },
          ],
        },
        { role: "tool", toolCallId: "c1", content: [text("sun")] },
        { role: "tool", toolCallId: "c2", content: [text("no clock")], isError: true },
        { role: "assistant", content: [{ type: "reasoning", text: "Done." }, text("Sun.")] },
        { role: "assistant", content: [] },
      ],
    },
    wire: {
      messages: [
        {
          role: "assistant",
          tool_plan: "I look.",
          tool_calls: [
            { id: "c1", type: "function", function: { name: "find", arguments: '{"city":"Rome"}' } },
            { id: "c2", type: "function", function: { name: "now", arguments: "{}" } },
          ],
        },
        { role: "tool", tool_call_id: "c1", content: "sun" },
        { role: "tool", tool_call_id: "c2", content: [text("Error:"), text("no clock")] },
        { role: "assistant", content: [{ type: "thinking", thinking: "Done." }, text("Sun.")] },
        { role: "assistant", content: "" },
      ],
    },
  },
  {
    name: "reasoning in the history of a model that does not reason",
    facts: { reasoning: false },
    request: { messages: [{ role: "assistant", content: [{ type: "reasoning", text: "Done." }, text("Sun.")] }] },
    wire: { messages: [{ role: "assistant", content: "Sun." }] },
  },
];

describe("a chat request", () => {
  for (const { name, request, facts, wire } of cases)
    test(name, () => {
      const body = encodeChatBody(requestOf(request), targetOf("command-a-03-2025", facts));
      expect(JSON.parse(JSON.stringify(body))).toEqual({ ...base, ...wire });
    });
});
