import { describe, expect, test } from "bun:test";
import { openAssembly } from "./assemble.ts";
import type { Chunk } from "./reply.ts";

const assemble = (...chunks: readonly Chunk[]) => {
  const assembly = openAssembly();
  for (const chunk of chunks) assembly.push([chunk]);
  return assembly.end();
};
const start: Chunk = {
  type: "start",
  id: "1",
  created: 2,
  model: "m",
  extra: { dialect: "openai", fields: { system_fingerprint: "f" } },
};
const finish = (choice = 0): Chunk => ({ type: "finish", choice, reason: "stop" });
const text = (content: string, choice = 0): Chunk => ({ type: "text", choice, text: content });

describe("openAssembly", () => {
  test("joins text, and keeps what the start and the usage said", () => {
    expect(
      assemble(start, text("a"), text("b"), finish(), { type: "usage", usage: { inputTokens: 1, outputTokens: 2 } }),
    ).toEqual({
      id: "1",
      created: 2,
      model: "m",
      choices: [{ index: 0, content: [{ type: "text", text: "ab" }], finishReason: "stop" }],
      usage: { inputTokens: 1, outputTokens: 2 },
      extra: { dialect: "openai", fields: { system_fingerprint: "f" } },
    });
  });

  test("keeps parts in their order, reasoning with its signature", () => {
    const { choices } = assemble(
      start,
      { type: "reasoning", choice: 0, text: "h" },
      { type: "reasoning", choice: 0, text: "m" },
      { type: "reasoning", choice: 0, text: "", providerData: { anthropic: { signature: "s" } } },
      text("a"),
      { type: "opaque", choice: 0, extra: { dialect: "anthropic", fields: { type: "server_tool_use", id: "x" } } },
      text("b"),
      finish(),
    );
    expect(choices[0]?.content).toEqual([
      { type: "reasoning", text: "hm", providerData: { anthropic: { signature: "s" } } },
      { type: "text", text: "a" },
      { type: "opaque", dialect: "anthropic", value: { type: "server_tool_use", id: "x" } },
      { type: "text", text: "b" },
    ]);
  });

  test("tells interleaved tool calls apart", () => {
    const call = (toolIndex: number, parts: Partial<Chunk & { type: "toolCall" }>): Chunk => ({
      type: "toolCall",
      choice: 0,
      toolIndex,
      arguments: "",
      ...parts,
    });
    const { choices } = assemble(
      start,
      call(0, { id: "a", name: "f" }),
      call(1, { id: "b", name: "g" }),
      call(0, { arguments: "{" }),
      call(1, { arguments: "[" }),
      call(0, { arguments: "}" }),
      call(1, { arguments: "]" }),
      { type: "finish", choice: 0, reason: "toolCalls" },
    );
    expect(choices[0]?.content).toEqual([
      { type: "toolCall", id: "a", name: "f", arguments: "{}" },
      { type: "toolCall", id: "b", name: "g", arguments: "[]" },
    ]);
  });

  test("keeps choices apart and log-probabilities in order", () => {
    const token = (name: string): Chunk => ({
      type: "text",
      choice: 1,
      text: name,
      logprobs: { content: [{ token: name }], refusal: null },
    });
    const { choices } = assemble(start, token("x"), text("zero"), token("y"), finish(1), finish(0));
    expect(choices).toEqual([
      { index: 0, content: [{ type: "text", text: "zero" }], finishReason: "stop" },
      {
        index: 1,
        content: [{ type: "text", text: "xy" }],
        finishReason: "stop",
        logprobs: { content: [{ token: "x" }, { token: "y" }], refusal: null },
      },
    ]);
  });

  test("a choice that never finished is no answer", () => {
    expect(() => assemble(start, text("a"))).toThrow("ended without saying why");
  });
});
