import { describe, expect, test } from "bun:test";
import type { JsonObject } from "../../core/json.ts";
import type { Chunk } from "../../core/reply.ts";
import { isConformingAnswer, plainDelta } from "./conforming.ts";
import { OpenaiStream } from "./stream.ts";
import { dialogueWith } from "./testing.ts";

const message = { role: "assistant", content: "Hi", refusal: null, annotations: [] };
const choice = { index: 0, message, logprobs: null, finish_reason: "stop" };
const head = { id: "c-1", created: 1, model: "m", service_tier: "default", system_fingerprint: "fp" };
const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };
const answer = { ...head, object: "chat.completion", choices: [choice], usage };
const call = { id: "t", type: "function", function: { name: "f", arguments: "{}" } };
const calling = { ...choice, message: { ...message, content: null, tool_calls: [call] }, finish_reason: "tool_calls" };

describe("an answer in the schema's form", () => {
  const conforming: readonly (readonly [string, object])[] = [
    ["text", answer],
    ["two choices", { ...answer, choices: [choice, { ...choice, index: 1 }] }],
    ["tool calls", { ...answer, choices: [calling] }],
    ["a refusal", { ...answer, choices: [{ ...choice, message: { ...message, content: null, refusal: "No." } }] }],
  ];
  for (const [name, body] of conforming) test(name, () => expect(isConformingAnswer(body as JsonObject)).toBe(true));

  const withChoice = (fields: object) => ({ ...answer, choices: [{ ...choice, ...fields }] });
  const withMessage = (fields: object) => withChoice({ message: { ...message, ...fields } });
  const others: readonly (readonly [string, object])[] = [
    ["no id", { ...answer, id: "" }],
    ["a time with a fraction", { ...answer, created: 1.5 }],
    ["another object", { ...answer, object: "text_completion" }],
    ["no usage", { ...answer, usage: undefined }],
    ["a usage without counts", { ...answer, usage: {} }],
    ["a field of another provider's", { ...answer, x_groq: {} }],
    ["a tier of another provider's", { ...answer, service_tier: "on_demand" }],
    ["no choices", { ...answer, choices: [] }],
    ["choices out of order", withChoice({ index: 1 })],
    ["an ending of its own", withChoice({ finish_reason: "eos" })],
    ["the old name of an ending", withChoice({ finish_reason: "function_call" })],
    ["no log-probabilities field", withChoice({ logprobs: undefined })],
    ["a stop reason", withChoice({ stop_reason: null })],
    ["no refusal field", withMessage({ refusal: undefined })],
    ["reasoning", withMessage({ reasoning: "So" })],
    ["content in parts", withMessage({ content: [] })],
    ["calls, and an ending that says stop", { ...answer, choices: [{ ...calling, finish_reason: "stop" }] }],
    [
      "a call without a name",
      withChoice({ ...calling, message: { ...message, tool_calls: [{ ...call, function: {} }] } }),
    ],
  ];
  for (const [name, body] of others)
    test(`not with ${name}`, () => {
      // As it comes from the wire: without what is undefined.
      expect(isConformingAnswer(JSON.parse(JSON.stringify(body)))).toBe(false);
    });
});

const chunkOf = (fields: object, delta: object = { content: "Hi" }) => ({
  ...head,
  object: "chat.completion.chunk",
  choices: [{ index: 0, delta, logprobs: null, finish_reason: null }],
  ...fields,
});

describe("a chunk of plain text", () => {
  test("is told by its form", () => {
    expect(plainDelta(chunkOf({}) as JsonObject)).toEqual({ choice: 0, text: "Hi" });
    expect(plainDelta(chunkOf({ usage: null, obfuscation: "x" }) as JsonObject)).toEqual({ choice: 0, text: "Hi" });
  });
  const others: readonly (readonly [string, object])[] = [
    ["usage", chunkOf({ usage })],
    ["an unknown field", chunkOf({ provider: "x" })],
    ["a role", chunkOf({}, { role: "assistant", content: "Hi" })],
    ["no text", chunkOf({}, { content: "" })],
    ["an ending", chunkOf({ choices: [{ index: 0, delta: { content: "Hi" }, finish_reason: "stop" }] })],
    ["an error", chunkOf({ error: { message: "x" } })],
  ];
  for (const [name, body] of others)
    test(`not with ${name}`, () => expect(plainDelta(body as JsonObject)).toBeUndefined());

  const decode = (frames: readonly object[]): readonly Chunk[] => {
    const stream = new OpenaiStream(dialogueWith(), {});
    return frames.flatMap((body) => stream.push({ event: "", data: JSON.stringify(body, null, 1) }));
  };
  const textOf = (chunk: Chunk | undefined) => (chunk?.type === "text" ? chunk.asSent?.text : undefined);

  test("goes on as it came, in one line, under the head that the stream began with", () => {
    const [, , second, third, fourth] = decode([
      chunkOf({}),
      chunkOf({}),
      chunkOf({ id: "c-2" }),
      chunkOf({ model: "other" }),
    ]);
    expect(JSON.parse(textOf(second) ?? "")).toEqual(chunkOf({}));
    expect(textOf(second)).not.toContain("\n");
    expect([textOf(third), textOf(fourth)]).toEqual([undefined, undefined]);
  });
});
