import { describe, expect, test } from "bun:test";
import type { ChatRequest, UserPart } from "../../core/chat.ts";
import { chatOf, provider, request, target } from "./testing.ts";

const chat = chatOf(provider);
const asking = (...content: readonly UserPart[]): Partial<ChatRequest> => ({ messages: [{ role: "user", content }] });
const image = { type: "image", source: { kind: "base64", mediaType: "image/png", data: "AA" } } as const;
const resultOf = (part: UserPart): Partial<ChatRequest> => ({
  messages: [
    { role: "user", content: [] },
    { role: "assistant", content: [{ type: "toolCall", id: "a", name: "f", arguments: "{}" }] },
    { role: "tool", toolCallId: "a", content: [part] },
  ],
});
const tool = { type: "function", name: "f" } as const;
const flash = "gemini-2.5-flash";
const later = "gemini-3-flash-preview";

describe("what Gemini cannot carry", () => {
  const cases: readonly (readonly [string, Partial<ChatRequest>, string, readonly string[]])[] = [
    ["a plain request", {}, flash, []],
    ["biases", { logitBias: { 5: 1 } }, flash, ["logit_bias"]],
    ["no biases", { logitBias: {} }, flash, []],
    ["stops", { stop: ["1", "2", "3", "4", "5", "6"] }, flash, ["stop"]],
    ["choices", { n: 9 }, flash, ["n"]],
    ["a long seed", { seed: 2 ** 40 }, flash, ["seed"]],
    ["no reasoning", { reasoning: { effort: "none" } }, flash, []],
    ["no reasoning of 2.5 Pro", { reasoning: { effort: "none" } }, "gemini-2.5-pro", ["reasoning_effort"]],
    ["no reasoning of 3", { reasoning: { budgetTokens: 0 } }, later, ["reasoning_effort"]],
    ["a name", { messages: [{ role: "user", content: [], name: "Bo" }] }, flash, ["messages.0.name"]],
    ["only instructions", { messages: [{ role: "system", content: [] }] }, flash, ["messages"]],
    [
      "a result of no call",
      { messages: [{ role: "tool", toolCallId: "x", content: [] }] },
      flash,
      ["messages.0.tool_call_id"],
    ],
    [
      "arguments that are no object",
      { messages: [{ role: "assistant", content: [{ type: "toolCall", id: "a", name: "f", arguments: "[" }] }] },
      flash,
      ["messages.0.content.0"],
    ],
    [
      "a plain URL",
      asking({ type: "image", source: { kind: "url", url: "http://a.example/x.png" } }),
      flash,
      ["messages.0.content.0"],
    ],
    ["an audio format", asking(image, { type: "audio", format: "pcm16", data: "AA" }), flash, ["messages.0.content.1"]],
    [
      "a foreign file",
      asking({ type: "file", source: { kind: "file", fileId: "file-1" } }),
      flash,
      ["messages.0.content.0"],
    ],
    ["a foreign part", asking({ type: "opaque", dialect: "anthropic", value: {} }), flash, ["messages.0.content.0"]],
    ["an image in a result", resultOf(image), later, []],
    ["an image in a result of 2.5", resultOf(image), flash, ["messages.2.content.0"]],
    [
      "a URL in a result",
      resultOf({ type: "image", source: { kind: "url", url: "https://a.example/x" } }),
      later,
      ["messages.2.content.0"],
    ],
    ["a foreign tool", { tools: [tool, { type: "opaque", dialect: "openai", value: {} }] }, flash, ["tools.1"]],
    ["a foreign choice", { toolChoice: { kind: "opaque", dialect: "openai", value: {} } }, flash, ["tool_choice"]],
    ["one call at a time", { tools: [tool], parallelToolCalls: false }, flash, ["parallel_tool_calls"]],
    ["tools and JSON", { tools: [tool], responseFormat: { kind: "json" } }, flash, ["response_format"]],
    ["tools and JSON of 3", { tools: [tool], responseFormat: { kind: "json" } }, later, []],
    [
      "foreign fields that matter",
      {
        extra: {
          dialect: "openai",
          fields: { modalities: ["text", "audio"], functions: [{}], store: true, audio: null },
        },
      },
      flash,
      ["modalities", "functions"],
    ],
    ["text only", { extra: { dialect: "openai", fields: { modalities: ["text"] } } }, flash, []],
  ];
  test.each(cases)("%s", (_name, fields, model, expected) => {
    const obstacles = chat.unsupported(request(fields), target(model));
    expect(obstacles.map(({ field }) => field)).toEqual([...expected]);
    for (const { reason } of obstacles) expect(reason).toMatch(/^.{10,}[^.]$/);
  });

  test("a model that does not reason takes no effort but none", () => {
    const plain = target("gemini-2.0-flash", { reasoning: false });
    const fields = (effort: "low" | "none") =>
      chat.unsupported(request({ reasoning: { effort } }), plain).map(({ field }) => field);
    expect(fields("low")).toEqual(["reasoning_effort"]);
    expect(fields("none")).toEqual([]);
    const wire = chat.encode(request({ reasoning: { effort: "none" } }), plain, undefined);
    expect(wire.body).not.toContain("thinkingConfig");
  });
});
