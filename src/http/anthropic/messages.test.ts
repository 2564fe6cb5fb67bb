import { describe, expect, test } from "bun:test";
import Anthropic from "@anthropic-ai/sdk";
import { GatewayError, toGatewayError } from "../../core/errors.ts";
import type { Chunk, Completion } from "../../core/reply.ts";
import { messagesCodec } from "./messages.ts";

const completion: Completion = {
  id: "chatcmpl-1",
  created: 1,
  model: "gpt-x",
  choices: [
    {
      index: 0,
      content: [
        { type: "text", text: "Let me look." },
        { type: "toolCall", id: "call_1", name: "weather", arguments: '{"city":"Oslo"}' },
      ],
      finishReason: "toolCalls",
    },
  ],
  usage: { inputTokens: 9, outputTokens: 4 },
};
const chunks: readonly Chunk[] = [
  { type: "start", id: "chatcmpl-1", created: 1, model: "gpt-x" },
  { type: "text", choice: 0, text: "Let me " },
  { type: "text", choice: 0, text: "look." },
  { type: "toolCall", choice: 0, toolIndex: 0, id: "call_1", name: "weather", arguments: "" },
  { type: "toolCall", choice: 0, toolIndex: 0, arguments: '{"city":"Oslo"}' },
  { type: "finish", choice: 0, reason: "toolCalls" },
  { type: "usage", usage: { inputTokens: 9, outputTokens: 4 } },
];

/** The codec as a server: what the official client sends is parsed, and answered with the fixed answer. */
const serve = async (_: unknown, init: { body?: unknown } | undefined): Promise<Response> => {
  try {
    const request = messagesCodec.parse(JSON.parse(String(init?.body)));
    const context = { callId: "call-1", created: 1, model: "asked", request };
    if (request.model === "busy") throw new GatewayError("upstream_overloaded", "The provider is overloaded.");
    if (!request.stream) return Response.json(JSON.parse(messagesCodec.encodeWhole(completion, context)));
    const stream = messagesCodec.openStream?.(context);
    const text = `${stream?.encodeBatch(chunks)}${stream?.finish()}`;
    return new Response(text, { headers: { "content-type": "text/event-stream" } });
  } catch (thrown) {
    const { status, body } = messagesCodec.encodeError(toGatewayError(thrown), "req-1");
    return new Response(body, { status, headers: { "content-type": "application/json" } });
  }
};

const client = new Anthropic({ apiKey: "test", maxRetries: 0, fetch: serve });
const params = {
  model: "m",
  max_tokens: 50,
  system: "Be terse.",
  tools: [{ name: "weather", input_schema: { type: "object" as const } }],
  messages: [{ role: "user" as const, content: "Weather in Oslo?" }],
};

describe("messagesCodec", () => {
  test("answers the official client alike, whole and streamed", async () => {
    const whole = await client.messages.create(params);
    expect(whole).toMatchObject({ model: "gpt-x", stop_reason: "tool_use", usage: { input_tokens: 9 } });
    const streamed = await client.messages.stream(params).finalMessage();
    expect(streamed.content).toMatchObject(whole.content);
    expect(streamed).toMatchObject({ id: whole.id, stop_reason: whole.stop_reason, usage: whole.usage });
  });

  test("takes its own answer back with the tool's result", async () => {
    const { content } = await client.messages.create(params);
    const result = { type: "tool_result" as const, tool_use_id: "call_1", content: "12 °C" };
    const messages = [
      ...params.messages,
      { role: "assistant" as const, content },
      { role: "user" as const, content: [result] },
    ];
    const body = JSON.parse(JSON.stringify({ ...params, messages }));
    expect(messagesCodec.parse(body).messages.map(({ role }) => role)).toEqual(["system", "user", "assistant", "tool"]);
    expect(await client.messages.create({ ...params, messages })).toHaveProperty("type", "message");
  });

  test("refuses as the official client expects", async () => {
    const overloaded = await client.messages.create({ ...params, model: "busy" }).catch((error: unknown) => error);
    expect(overloaded).toMatchObject({ status: 529, type: "overloaded_error" });
    const invalid = await client.messages.create({ ...params, max_tokens: -1 }).catch((error: unknown) => error);
    expect(invalid).toBeInstanceOf(Anthropic.BadRequestError);
    expect(invalid).toMatchObject({ error: { error: { code: "invalid_value", param: "max_tokens" } } });
  });
});
