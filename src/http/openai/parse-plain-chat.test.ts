import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { JsonObject } from "../../core/json.ts";
import { chatSchema } from "./chat-schema.ts";
import { parseBySchema } from "./parse-chat-request.ts";
import { parsePlainChat } from "./parse-plain-chat.ts";

const isKnown = (field: string): boolean => Object.hasOwn(chatSchema.shape, field) || field === "route";
const plain = (body: object) => parsePlainChat(body as JsonObject, isKnown);

const call = { id: "c1", type: "function", function: { name: "f", arguments: "{}" } };
const messages = [
  { role: "developer", content: "Be brief." },
  { role: "user", content: [{ type: "text", text: "Hi" }] },
  { role: "assistant", content: null, tool_calls: [call] },
  { role: "tool", tool_call_id: "c1", content: "4" },
];
const tools = [
  { type: "function", function: { name: "f", description: "d", parameters: { type: "object" }, strict: true } },
];
const full = {
  model: "m",
  messages,
  stream: true,
  stream_options: { include_usage: true },
  tools,
  tool_choice: "auto",
  parallel_tool_calls: false,
  max_tokens: 5,
  max_completion_tokens: 7,
  temperature: 0.5,
  top_p: 1,
  top_k: 3,
  stop: "x",
  n: 2,
  seed: -4,
  frequency_penalty: 0,
  presence_penalty: 0,
  user: "u",
  service_tier: "auto",
};

describe("a plain chat request", () => {
  test("is read without the schema, and as the schema reads it", () => {
    expect(plain(full)).toEqual(parseBySchema(full as unknown as JsonObject));
    expect(plain(full)).toMatchObject({ maxOutputTokens: 7, extra: { fields: { service_tier: "auto" } } });
  });

  const odd: readonly (readonly [string, object])[] = [
    ["no model", { messages }],
    ["no messages", { model: "m" }],
    ["an empty list of messages", { model: "m", messages: [] }],
    ["a model of null", { model: null, messages }],
    [
      "an image",
      { model: "m", messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "x" } }] }] },
    ],
    ["a name", { model: "m", messages: [{ role: "user", content: "x", name: "n" }] }],
    ["a role of its own", { model: "m", messages: [{ role: "constructor", content: "x" }] }],
    ["a schema for the answer", { ...full, response_format: { type: "text" } }],
    ["a field of the gateway's own", { ...full, route: "r" }],
    ["a temperature out of bounds", { ...full, temperature: 2.1 }],
    ["a fraction of a token", { ...full, max_tokens: 1.5 }],
    ["a tool of another kind", { ...full, tools: [{ type: "web_search" }] }],
  ];
  for (const [name, body] of odd)
    test(`with ${name} it is left to the schema`, () => expect(plain(body)).toBeUndefined());

  /** Values that some field might take, right and wrong. */
  const value = fc.constantFrom<unknown>(
    ...[null, true, false, 0, 1, -1, 0.5, 2, 129, 2 ** 53, Number.NaN, "", "x", "auto", "required", [], ["x"], [1], {}],
    ...[messages, tools, [call], { include_usage: null }, { include_usage: 1 }, [{ role: "user", content: "" }]],
  );
  const change = fc.tuple(fc.constantFrom(...Object.keys(full), "metadata", "logprobs", "zz"), value);
  const deep = fc.tuple(
    fc.nat(messages.length - 1),
    fc.constantFrom("role", "content", "tool_calls", "tool_call_id", "name", "refusal", "zz"),
    fc.oneof(value, fc.constantFrom("user", "assistant", "tool", "system", "function")),
  );

  test("is never read otherwise than the schema reads it, and never where that refuses", () => {
    let taken = 0;
    fc.assert(
      fc.property(fc.array(change, { maxLength: 4 }), fc.array(deep, { maxLength: 2 }), (changes, deeper) => {
        const body: Record<string, unknown> = { ...full, ...Object.fromEntries(changes) };
        if (body["messages"] === messages)
          body["messages"] = messages.map((message, place) =>
            Object.assign({ ...message }, ...deeper.map(([at, key, to]) => (at === place ? { [key]: to } : {}))),
          );
        const found = plain(body);
        if (found === undefined) return;
        taken += 1;
        expect(found).toEqual(parseBySchema(body as JsonObject));
      }),
      { numRuns: 3_000 },
    );
    expect(taken).toBeGreaterThan(100);
  });
});
