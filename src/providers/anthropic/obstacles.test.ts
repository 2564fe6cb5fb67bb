import { describe, expect, test } from "bun:test";
import type { ChatRequest, Message } from "../../core/chat.ts";
import type { ModelFacts } from "../../core/model.ts";
import { requestOf, targetOf } from "./fixtures/requests.ts";
import { chatObstacles } from "./obstacles.ts";

const schema = { kind: "schema", name: "a", schema: { type: "object" } } as const;
const tool = { type: "function", name: "f" } as const;
const user = (content: Message["content"]) => ({ role: "user", content }) as Message;
const openaiFields = (fields: Record<string, never> | object) =>
  ({ extra: { dialect: "openai", fields } }) as Partial<ChatRequest>;

interface Row {
  readonly request: Partial<ChatRequest>;
  readonly model?: string;
  readonly facts?: ModelFacts;
  readonly fields: readonly string[];
}

const rows: readonly Row[] = [
  { request: {}, fields: [] },
  {
    request: {
      n: 1,
      frequencyPenalty: 0,
      presencePenalty: 0,
      logitBias: {},
      logprobs: false,
      temperature: 0.7,
      topK: 3,
    },
    fields: [],
  },
  {
    request: {
      n: 2,
      seed: 1,
      frequencyPenalty: 1,
      presencePenalty: 1,
      logitBias: { 1: 1 },
      logprobs: true,
      topLogprobs: 2,
    },
    fields: ["n", "seed", "frequency_penalty", "presence_penalty", "logit_bias", "logprobs", "top_logprobs"],
  },
  { request: { temperature: 1.2 }, fields: ["temperature"] },
  { request: { temperature: 0.5, topP: 0.5 }, fields: ["top_p"] },
  { request: { temperature: 0.5, topP: 0.5 }, model: "claude-3-haiku-20240307", fields: [] },
  {
    request: { temperature: 0.5, topP: 0.5, topK: 2 },
    model: "claude-opus-4-8",
    facts: { temperature: false },
    fields: ["temperature", "top_p", "top_k"],
  },
  { request: { stop: ["\n"] }, fields: ["stop"] },
  { request: { reasoning: { effort: "high" }, temperature: 0.2, topK: 4 }, fields: ["temperature", "top_k"] },
  { request: { reasoning: { effort: "high" }, maxOutputTokens: 500 }, fields: ["max_completion_tokens"] },
  { request: { reasoning: { effort: "high" }, maxOutputTokens: 500 }, model: "claude-opus-4-8", fields: [] },
  {
    request: { reasoning: { effort: "low" }, tools: [tool], toolChoice: { kind: "required" } },
    fields: ["tool_choice"],
  },
  { request: { reasoning: { effort: "low" } }, facts: { reasoning: false }, fields: ["reasoning_effort"] },
  { request: { reasoning: { effort: "none" } }, facts: { reasoning: false }, fields: [] },
  { request: { reasoning: { effort: "none" } }, model: "claude-fable-5", fields: ["reasoning_effort"] },
  { request: { responseFormat: { kind: "json" } }, fields: ["response_format"] },
  { request: { responseFormat: schema, tools: [tool] }, fields: [] },
  { request: { responseFormat: schema }, model: "claude-3-haiku-20240307", fields: [] },
  { request: { responseFormat: schema, tools: [tool] }, model: "claude-3-haiku-20240307", fields: ["response_format"] },
  {
    request: { tools: [{ ...tool, strict: true }, tool] },
    model: "claude-opus-4-0",
    fields: ["tools.0.function.strict"],
  },
  {
    request: {
      tools: [
        { type: "opaque", dialect: "anthropic", value: { type: "bash_20250124" } },
        { type: "opaque", dialect: "openai", value: { type: "custom" } },
      ],
      toolChoice: { kind: "opaque", dialect: "openai", value: {} },
    },
    fields: ["tools.1", "tool_choice"],
  },
  {
    request: {
      messages: [
        { role: "user", name: "ann", content: [{ type: "text", text: "a" }] },
        user([{ type: "audio", format: "wav", data: "x" }]),
        user([
          { type: "image", source: { kind: "base64", mediaType: "image/tiff", data: "x" } },
          { type: "image", source: { kind: "file", fileId: "file-abc" } },
          { type: "file", source: { kind: "base64", mediaType: "application/zip", data: "x" } },
          { type: "opaque", dialect: "gemini", value: {} },
          { type: "opaque", dialect: "anthropic", value: { type: "search_result" } },
        ]),
        { role: "assistant", content: [{ type: "toolCall", id: "c", name: "f", arguments: "[1" }] },
        user([]),
      ],
    },
    fields: [
      "messages.0.name",
      "messages.1.content.0",
      "messages.2.content.0",
      "messages.2.content.1",
      "messages.2.content.2",
      "messages.2.content.3",
      "messages.3.content.0",
      "messages.4.content",
    ],
  },
  {
    request: openaiFields({
      modalities: ["text", "audio"],
      functions: [{}],
      web_search_options: { x: 1 },
      prediction: { x: 1 },
    }),
    fields: ["modalities", "functions", "web_search_options"],
  },
  { request: openaiFields({ modalities: ["text"], functions: [], store: true }), fields: [] },
  { request: { messages: [{ role: "system", content: [{ type: "text", text: "s" }] }] }, fields: ["messages"] },
  { request: { extra: { dialect: "anthropic", fields: { container: "c" } } }, fields: [] },
];

describe("what Anthropic cannot carry", () => {
  test.each(rows.map((row) => [JSON.stringify([row.model, row.request]).slice(0, 120), row] as const))(
    "%s",
    (_name, row) => {
      const obstacles = chatObstacles(requestOf(row.request), targetOf(row.model ?? "claude-sonnet-4-5", row.facts));
      expect(obstacles.map(({ field }) => field)).toEqual([...row.fields]);
      for (const { reason } of obstacles) expect(reason).toMatch(/[^.]$/);
    },
  );
});
