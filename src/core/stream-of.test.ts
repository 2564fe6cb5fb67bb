import { describe, expect, test } from "bun:test";
import { openAssembly } from "./assemble.ts";
import type { Choice, Completion } from "./reply.ts";
import { streamOf } from "./stream-of.ts";

const completion = (choices: readonly Choice[], more: Partial<Completion> = {}): Completion => ({
  id: "1",
  created: 2,
  model: "m",
  choices,
  ...more,
});
const choice = (content: Choice["content"], more: Partial<Choice> = {}): Choice => ({
  index: 0,
  content,
  finishReason: "stop",
  ...more,
});

describe("streamOf", () => {
  // Surrogate pairs on either side of where pieces are cut.
  const long = `${"x".repeat(1_023)}${"😀".repeat(2_000)}`;
  const token = { token: "a", logprob: -0.5, bytes: null, top_logprobs: [] };
  const cases: Readonly<Record<string, Completion>> = {
    text: completion([choice([{ type: "text", text: "hello" }])], {
      usage: { inputTokens: 3, outputTokens: 4 },
      extra: { dialect: "openai", fields: { service_tier: "default" } },
    }),
    "a long text": completion([choice([{ type: "text", text: long }])]),
    "several choices": completion([
      choice([{ type: "text", text: "a" }]),
      choice([{ type: "text", text: "b" }], { index: 1, finishReason: "length" }),
    ]),
    "reasoning with its signature": completion([
      choice([
        { type: "reasoning", text: "hm", providerData: { anthropic: { signature: "s" } } },
        { type: "text", text: "a" },
      ]),
    ]),
    "tool calls": completion([
      choice(
        [
          { type: "text", text: "a" },
          { type: "toolCall", id: "1", name: "f", arguments: '{"a":1}' },
          { type: "toolCall", id: "2", name: "g", arguments: "", providerData: { gemini: { thoughtSignature: "t" } } },
        ],
        { finishReason: "toolCalls" },
      ),
    ]),
    "a refusal": completion([choice([{ type: "refusal", text: "no" }], { finishReason: "refusal" })]),
    "log-probabilities": completion([
      choice([{ type: "text", text: "a" }], { logprobs: { content: [token], refusal: null } }),
    ]),
    "a stop sequence, and fields of the message": completion([
      choice([{ type: "text", text: "a" }], {
        stopSequence: "END",
        extra: { dialect: "openai", fields: { annotations: [] } },
      }),
    ]),
    "another dialect's own block": completion([
      choice([{ type: "opaque", dialect: "anthropic", value: { type: "server_tool_use", id: "x" } }]),
    ]),
    nothing: completion([choice([])]),
  };
  for (const [name, whole] of Object.entries(cases))
    test(`${name}: put together again it is the same`, () => {
      const assembly = openAssembly();
      assembly.push(streamOf(whole));
      expect(assembly.end()).toEqual(whole);
    });

  test("cuts a long text into pieces of whole characters", () => {
    const pieces = streamOf(completion([choice([{ type: "text", text: long }])])).flatMap((chunk) =>
      chunk.type === "text" ? [chunk.text] : [],
    );
    expect(pieces.length).toBeGreaterThan(3);
    expect(pieces.every((piece) => piece.isWellFormed() && piece.length <= 1_024)).toBe(true);
  });

  test("tells where a text is from as Anthropic's streams do", () => {
    const citation = { type: "char_location", cited_text: "x" };
    const [, , told] = streamOf(
      completion([choice([{ type: "text", text: "a", providerData: { anthropic: { citations: [citation] } } }])]),
    );
    expect(told).toMatchObject({ type: "opaque", extra: { fields: { type: "citations_delta", citation } } });
  });

  test("puts a call of OpenAI's own kind among the calls", () => {
    const value = { id: "c", type: "custom", custom: { name: "n", input: "i" } };
    const chunks = streamOf(
      completion([
        choice([
          { type: "toolCall", id: "1", name: "f", arguments: "{}" },
          { type: "opaque", dialect: "openai", value },
        ]),
      ]),
    );
    expect(chunks[2]).toMatchObject({ extra: { fields: { tool_calls: [{ ...value, index: 1 }] } } });
  });
});
