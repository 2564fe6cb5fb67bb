import { describe, expect, test } from "bun:test";
import type { ChatRequest } from "../../core/chat.ts";
import type { ModelFacts } from "../../core/model.ts";
import { requestOf, targetOf } from "./fixtures/requests.ts";
import { chatObstacles } from "./obstacles.ts";

const tool = { type: "function", name: "f" } as const;

interface Row {
  readonly request: Partial<ChatRequest>;
  readonly facts?: ModelFacts;
  readonly fields: readonly string[];
}

const rows: readonly Row[] = [
  {
    request: { n: 1, seed: 1, logprobs: true, frequencyPenalty: 0.5, logitBias: {}, user: "u", metadata: {} },
    fields: [],
  },
  {
    request: {
      n: 2,
      logitBias: { 1: 1 },
      topLogprobs: 1,
      frequencyPenalty: -1,
      presencePenalty: 2,
      stop: ["1", "2", "3", "4", "5", "6"],
    },
    fields: ["n", "logit_bias", "top_logprobs", "frequency_penalty", "presence_penalty", "stop"],
  },
  { request: { reasoning: { effort: "low" } }, facts: { reasoning: false }, fields: ["reasoning_effort"] },
  { request: { reasoning: { effort: "none" } }, facts: { reasoning: false }, fields: [] },
  { request: { tools: [tool], parallelToolCalls: false }, fields: ["parallel_tool_calls"] },
  { request: { tools: [tool], parallelToolCalls: true, responseFormat: { kind: "text" } }, fields: [] },
  { request: { tools: [tool], responseFormat: { kind: "json" } }, fields: ["response_format"] },
  { request: { tools: [tool], toolChoice: { kind: "function", name: "g" } }, fields: ["tool_choice"] },
  {
    request: {
      tools: [{ type: "opaque", dialect: "openai", value: {} }],
      toolChoice: { kind: "opaque", dialect: "openai", value: {} },
    },
    fields: ["tools.0", "tool_choice"],
  },
  {
    request: {
      messages: [
        {
          role: "user",
          name: "ann",
          content: [
            { type: "text", text: "a" },
            { type: "audio", format: "wav", data: "x" },
            { type: "file", source: { kind: "file", fileId: "f" } },
            { type: "image", source: { kind: "file", fileId: "f" } },
            { type: "image", source: { kind: "url", url: "https://x.example/a.png" } },
            { type: "opaque", dialect: "gemini", value: {} },
          ],
        },
        {
          role: "tool",
          toolCallId: "c",
          content: [{ type: "image", source: { kind: "url", url: "https://x.example" } }],
        },
      ],
    },
    fields: [
      "messages.0.name",
      "messages.0.content.1",
      "messages.0.content.2",
      "messages.0.content.3",
      "messages.0.content.5",
      "messages.1.content.0",
    ],
  },
  {
    request: { extra: { dialect: "openai", fields: { modalities: ["audio"], functions: [{}], prediction: { a: 1 } } } },
    fields: ["modalities", "functions"],
  },
  { request: { extra: { dialect: "cohere", fields: { documents: ["d"] } } }, fields: [] },
];

describe("what Cohere cannot carry", () => {
  test.each(rows.map((row) => [JSON.stringify(row.request).slice(0, 120), row] as const))("%s", (_name, row) => {
    const obstacles = chatObstacles(requestOf(row.request), targetOf("command-a-03-2025", row.facts));
    expect(obstacles.map(({ field }) => field)).toEqual([...row.fields]);
    for (const { reason } of obstacles) expect(reason).toMatch(/[^.]$/);
  });
});
