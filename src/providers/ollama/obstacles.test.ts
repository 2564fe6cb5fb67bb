import { describe, expect, test } from "bun:test";
import type { ChatRequest, UserPart } from "../../core/chat.ts";
import type { TextCompletionRequest } from "../../core/text-completion.ts";
import { request, served, target } from "./testing.ts";

const { chat, textCompletion, embeddings } = served();
const tool = { type: "function", name: "f" } as const;
const asking = (...content: readonly UserPart[]): Partial<ChatRequest> => ({ messages: [{ role: "user", content }] });

describe("what Ollama cannot carry of a chat", () => {
  const cases: readonly (readonly [string, Partial<ChatRequest>, readonly string[]])[] = [
    ["a plain request", {}, []],
    ["biases", { logitBias: { 5: 1 } }, ["logit_bias"]],
    ["choices", { n: 2 }, ["n"]],
    ["one choice", { n: 1 }, []],
    ["many alternatives", { topLogprobs: 21 }, ["top_logprobs"]],
    [
      "a URL",
      asking({ type: "image", source: { kind: "url", url: "https://a.example/x.png" } }),
      ["messages.0.content.0"],
    ],
    ["a data URL", asking({ type: "image", source: { kind: "url", url: "data:image/png;base64,AA" } }), []],
    [
      "a data URL in plain text",
      asking({ type: "image", source: { kind: "url", url: "data:image/svg+xml,<svg/>" } }),
      ["messages.0.content.0"],
    ],
    [
      "audio",
      asking({ type: "text", text: "a" }, { type: "audio", format: "mp3", data: "AA" }),
      ["messages.0.content.1"],
    ],
    [
      "a file",
      asking({ type: "file", source: { kind: "base64", mediaType: "application/pdf", data: "AA" } }),
      ["messages.0.content.0"],
    ],
    ["a foreign part", asking({ type: "opaque", dialect: "openai", value: {} }), ["messages.0.content.0"]],
    ["a name", { messages: [{ role: "user", content: [], name: "Bo" }] }, ["messages.0.name"]],
    [
      "arguments that are no object",
      { messages: [{ role: "assistant", content: [{ type: "toolCall", id: "a", name: "f", arguments: "1" }] }] },
      ["messages.0.content.0"],
    ],
    ["a strict tool", { tools: [tool, { ...tool, strict: true }] }, ["tools.1.function.strict"]],
    ["a foreign tool", { tools: [{ type: "opaque", dialect: "openai", value: {} }] }, ["tools.0"]],
    ["a forced tool", { tools: [tool], toolChoice: { kind: "required" } }, ["tool_choice"]],
    ["a named tool", { tools: [tool], toolChoice: { kind: "function", name: "f" } }, ["tool_choice"]],
    ["no tool", { tools: [tool], toolChoice: { kind: "none" } }, []],
    ["one call at a time", { tools: [tool], parallelToolCalls: false }, ["parallel_tool_calls"]],
    [
      "foreign fields that matter",
      { extra: { dialect: "openai", fields: { modalities: ["audio"], functions: [{}], store: true, audio: null } } },
      ["modalities", "functions"],
    ],
    ["own fields", { extra: { dialect: "ollama", fields: { documents: [{}] } } }, []],
  ];
  test.each(cases)("%s", (_name, fields, expected) => {
    const obstacles = chat.unsupported(request(fields), target());
    expect(obstacles.map(({ field }) => field)).toEqual([...expected]);
    for (const { reason } of obstacles) expect(reason).toMatch(/[^.]$/);
  });

  test("a model that does not reason takes no effort but none", () => {
    const fields = (effort: "low" | "none") =>
      chat.unsupported(request({ reasoning: { effort } }), target({ reasoning: false })).map(({ field }) => field);
    expect(fields("low")).toEqual(["reasoning_effort"]);
    expect(fields("none")).toEqual([]);
  });
});

describe("what Ollama cannot carry of other requests", () => {
  const base: TextCompletionRequest = { model: "m", prompt: ["a"], stream: false, includeUsage: false };
  const cases: readonly (readonly [string, Partial<TextCompletionRequest>, readonly string[]])[] = [
    ["a plain prompt", {}, []],
    ["two prompts", { prompt: ["a", "b"] }, ["prompt"]],
    ["token numbers", { prompt: [[1, 2]] }, ["prompt"]],
    ["an empty prompt", { prompt: [""] }, ["prompt"]],
    ["choices", { n: 2, bestOf: 2 }, ["n", "best_of"]],
    ["the prompt again", { echo: true }, ["echo"]],
    ["biases", { logitBias: { 5: 1 } }, ["logit_bias"]],
    ["many alternatives", { logprobs: 21 }, ["logprobs"]],
  ];
  test.each(cases)("%s", (_name, fields, expected) => {
    const obstacles = textCompletion.unsupported({ ...base, ...fields }, target());
    expect(obstacles.map(({ field }) => field)).toEqual([...expected]);
  });

  test("token numbers are not embedded", () => {
    const fields = { model: "m", encodingFormat: "float" } as const;
    expect(embeddings.unsupported({ ...fields, input: ["a"] }, target())).toEqual([]);
    expect(embeddings.unsupported({ ...fields, input: [[1]] }, target()).map(({ field }) => field)).toEqual(["input"]);
  });
});
