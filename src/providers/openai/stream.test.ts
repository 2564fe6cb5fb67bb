import { describe, expect, test } from "bun:test";
import { GatewayError } from "../../core/errors.ts";
import type { Frame } from "../../core/ports/provider.ts";
import type { Chunk } from "../../core/reply.ts";
import { openaiChat } from "./chat.ts";
import { OpenaiStream } from "./stream.ts";
import { chatRequest, decodeAll, dialogueWith, fixture } from "./testing.ts";

const open = (n?: number) => new OpenaiStream(dialogueWith(), n === undefined ? {} : { n });
const frame = (body: unknown, event = ""): Frame => ({
  event,
  data: typeof body === "string" ? body : JSON.stringify(body),
});
const delta = (fields: object, finish: string | null = null, index = 0): Frame =>
  frame({ id: "x-1", created: 1, model: "m", choices: [{ index, delta: fields, finish_reason: finish }] });
const done = frame("[DONE]");
const start: Chunk = { type: "start", id: "x-1", created: 1, model: "m" };

/** A chunk as it would be written again. */
const written = (chunk: Chunk): Chunk => {
  if (chunk.type !== "text") return chunk;
  const { asSent: _, ...rest } = chunk;
  return rest;
};

interface Row {
  readonly name: string;
  readonly chunks: readonly Chunk[];
}
const fixtures: readonly Row[] = [
  {
    name: "text.sse",
    chunks: [
      {
        type: "start",
        id: "chatcmpl-B1",
        created: 1741569952,
        model: "gpt-5-2025-08-07",
        extra: { dialect: "openai", fields: { service_tier: "default", system_fingerprint: "fp_44" } },
      },
      {
        type: "text",
        choice: 0,
        text: "Hel",
        logprobs: {
          content: [{ token: "Hel", logprob: -0.1, bytes: [72, 101, 108], top_logprobs: [] }],
          refusal: null,
        },
      },
      { type: "text", choice: 0, text: "lo" },
      { type: "finish", choice: 0, reason: "stop" },
      { type: "usage", usage: { inputTokens: 19, outputTokens: 10, cachedInputTokens: 8, reasoningTokens: 4 } },
    ],
  },
  {
    name: "tools.sse",
    chunks: [
      { type: "start", id: "chatcmpl-T1", created: 1741570000, model: "gpt-4.1" },
      { type: "toolCall", choice: 0, toolIndex: 0, id: "call_a", name: "get_weather", arguments: "" },
      { type: "toolCall", choice: 0, toolIndex: 0, arguments: '{"city":' },
      { type: "toolCall", choice: 0, toolIndex: 0, arguments: '"Bern"}' },
      { type: "toolCall", choice: 0, toolIndex: 1, id: "call_b", name: "get_time", arguments: "{}" },
      { type: "finish", choice: 0, reason: "toolCalls" },
    ],
  },
  {
    name: "groq.sse",
    chunks: [
      {
        type: "start",
        id: "chatcmpl-G1",
        created: 1750000000,
        model: "openai/gpt-oss-20b",
        extra: { dialect: "openai", fields: { system_fingerprint: "fp_g" } },
      },
      { type: "reasoning", choice: 0, text: "Think" },
      { type: "opaque", choice: 0, extra: { dialect: "openai", fields: { channel: "analysis" } } },
      { type: "text", choice: 0, text: "Hi" },
      { type: "finish", choice: 0, reason: "stop" },
      { type: "usage", usage: { inputTokens: 70, outputTokens: 9, reasoningTokens: 5 } },
    ],
  },
  {
    name: "mistral.sse",
    chunks: [
      { type: "start", id: "m1", created: 1752000000, model: "magistral-medium-latest" },
      { type: "reasoning", choice: 0, text: "Let me see." },
      { type: "text", choice: 0, text: "Four" },
      {
        type: "opaque",
        choice: 0,
        extra: { dialect: "openai", fields: { content_parts: [{ type: "reference", reference_ids: [1] }] } },
      },
      { type: "finish", choice: 0, reason: "length" },
      { type: "usage", usage: { inputTokens: 10, outputTokens: 20 } },
    ],
  },
  {
    name: "no-done.sse",
    chunks: [
      {
        type: "start",
        id: "p1",
        created: 1753000000,
        model: "sonar",
        extra: { dialect: "openai", fields: { citations: ["https://example.com/"] } },
      },
      { type: "text", choice: 0, text: "One" },
      { type: "text", choice: 0, text: " two" },
      { type: "finish", choice: 0, reason: "stop" },
      { type: "usage", usage: { inputTokens: 5, outputTokens: 2 } },
    ],
  },
];

describe("a streamed answer", () => {
  for (const { name, chunks } of fixtures)
    test(name, () => {
      const { openStream } = openaiChat(dialogueWith());
      const decoder = openStream?.(chatRequest({ stream: true }));
      expect(decoder && decodeAll(decoder, fixture(name)).map(written)).toEqual([...chunks]);
      expect(decoder?.ended).toBe(true);
    });

  for (const { name } of fixtures)
    test(`${name}, cut after any frame, never looks finished`, () => {
      const frames = fixture(name);
      const finish = frames.findIndex(({ data }) => /"finish_reason":"/.test(data));
      for (let length = 0; length < frames.length; length++) {
        const decoder = open();
        const seen = frames.slice(0, length).flatMap((each) => decoder.push(each));
        expect(seen.some(({ type }) => type === "finish")).toBe(false);
        // After the finish reason the answer is whole, though its usage may be missing.
        if (length > finish) expect(decoder.end().at(0)?.type).toBe("finish");
        else expect(() => decoder.end()).toThrow(expect.objectContaining({ code: "upstream_invalid_response" }));
      }
    });

  test("that ends at [DONE] reads nothing after it", () => {
    const decoder = open();
    decodeAll(decoder, [delta({ content: "a" }, "stop"), done]);
    expect(decoder.push(frame("junk"))).toEqual([]);
    expect(decoder.end()).toEqual([]);
  });

  test("with two choices is whole when both have finished", () => {
    const both = [delta({ content: "a" }, "stop", 0), delta({ content: "b" }, "length", 1)];
    expect(decodeAll(open(2), both).slice(-2)).toEqual([
      { type: "finish", choice: 0, reason: "stop" },
      { type: "finish", choice: 1, reason: "length" },
    ]);
    expect(() => decodeAll(open(2), both.slice(0, 1))).toThrow(GatewayError);
    expect(() => decodeAll(open(), [delta({}, "stop", 0), delta({ content: "b" }, null, 1)])).toThrow(GatewayError);
  });

  test("may bring content after the finish reason", () => {
    const chunks = decodeAll(open(), [delta({ content: "a" }, "stop"), delta({ content: "b" }), done]);
    expect(chunks).toEqual([
      start,
      { type: "text", choice: 0, text: "a" },
      { type: "text", choice: 0, text: "b" },
      { type: "finish", choice: 0, reason: "stop" },
    ]);
  });

  test("keeps a usage that came before frames without one, and takes the last of several", () => {
    const counted = (completion: number) =>
      frame({ choices: [], usage: { prompt_tokens: 2, completion_tokens: completion } });
    const frames = [
      counted(1),
      delta({ content: "a" }),
      counted(3),
      frame({ choices: [], usage: null }),
      delta({}, "stop"),
    ];
    expect(decodeAll(open(), frames).filter(({ type }) => type === "usage")).toEqual([
      { type: "usage", usage: { inputTokens: 2, outputTokens: 3 } },
    ]);
  });

  test("tells refusals from text", () => {
    expect(decodeAll(open(), [delta({ refusal: "No." }, "stop"), done])[1]).toEqual({
      type: "refusal",
      choice: 0,
      text: "No.",
    });
  });
});

const broken: readonly (readonly [string, readonly Frame[], string])[] = [
  ["error-within.sse", fixture("error-within.sse"), "upstream_error"],
  ["an error event", [frame({ message: "overloaded", code: 503 }, "error")], "upstream_overloaded"],
  [
    "a bare error",
    [frame({ message: "busy", type: "too_many_requests_error", status_code: 429 })],
    "rate_limit_exceeded",
  ],
  ["Groq's error", [frame({ id: "x", choices: [], x_groq: { id: "r", error: "over capacity" } })], "upstream_error"],
  ["an error of text", [frame({ error: "boom" })], "upstream_error"],
  [
    "an error in a choice",
    [frame({ choices: [{ index: 0, error: { code: 429, message: "slow" } }] })],
    "rate_limit_exceeded",
  ],
  ["a finish that breaks off", [delta({ content: "a" }, "error"), done], "upstream_error"],
  ["no JSON", [frame("{")], "upstream_invalid_response"],
  ["a list", [frame([])], "upstream_invalid_response"],
  ["choices that are no list", [frame({ choices: {} })], "upstream_invalid_response"],
  ["a choice that is null", [frame({ choices: [null] })], "upstream_invalid_response"],
  ["an index beyond reason", [delta({}, null, 1e9)], "upstream_invalid_response"],
  ["content of another type", [delta({ content: 5 })], "upstream_invalid_response"],
  ["a call that is null", [delta({ tool_calls: [null] })], "upstream_invalid_response"],
  ["calls that are no list", [delta({ tool_calls: "x" })], "upstream_invalid_response"],
  [
    "a call without a name",
    [delta({ tool_calls: [{ index: 0, id: "a", function: { arguments: "{}" } }] }, "stop"), done],
    "upstream_invalid_response",
  ],
  ["nothing but the end", [done], "upstream_invalid_response"],
];
describe("a stream that is no answer", () => {
  for (const [name, frames, code] of broken)
    test(name, () =>
      expect(() => decodeAll(open(), frames)).toThrow(expect.objectContaining({ name: "GatewayError", code })),
    );
});

const call = (fields: object) => delta({ tool_calls: [fields] });
interface CallRow {
  readonly name: string;
  readonly frames: readonly Frame[];
  readonly calls: readonly { readonly id: string; readonly name: string; readonly text: string }[];
}
const two = [
  { id: "a", name: "f", text: "{}" },
  { id: "b", name: "g", text: "[]" },
];
const callRows: readonly CallRow[] = [
  {
    name: "the same index for several ids",
    frames: [
      call({ index: 0, id: "a", function: { name: "f", arguments: "{}" } }),
      call({ index: 0, id: "b", function: { name: "g", arguments: "[" } }),
      call({ index: 0, function: { arguments: "]" } }),
    ],
    calls: two,
  },
  {
    name: "no index at all",
    frames: [
      call({ id: "a", function: { name: "f", arguments: "{" } }),
      call({ function: { arguments: "}" } }),
      call({ id: "b", function: { name: "g", arguments: "[]" } }),
    ],
    calls: two,
  },
  {
    name: "id and name with every delta",
    frames: [
      call({ index: 0, id: "a", function: { name: "f", arguments: "{" } }),
      call({ index: 1, id: "b", function: { name: "g", arguments: "[" } }),
      call({ index: 0, id: "a", function: { name: "f", arguments: "}" } }),
      call({ index: 1, id: "b", function: { name: "g", arguments: "]" } }),
    ],
    calls: two,
  },
  {
    name: "no ids",
    frames: [call({ function: { name: "f", arguments: "{}" } }), call({ function: { name: "f", arguments: "[]" } })],
    calls: [
      { id: "call_x1_0_0", name: "f", text: "{}" },
      { id: "call_x1_0_1", name: "f", text: "[]" },
    ],
  },
  {
    name: "no ids, and the name with every delta",
    frames: [
      call({ index: 0, function: { name: "f", arguments: "{" } }),
      call({ index: 0, function: { name: "f", arguments: "}" } }),
      call({ index: 0, function: { name: "g", arguments: "[]" } }),
    ],
    calls: [
      { id: "call_x1_0_0", name: "f", text: "{}" },
      { id: "call_x1_0_1", name: "g", text: "[]" },
    ],
  },
  {
    name: "the name after the first arguments, and an object",
    frames: [
      call({ index: 4, id: "a", function: { arguments: "{" } }),
      call({ index: 4, function: { name: "f", arguments: "}" } }),
      call({ index: 9, id: "b", function: { name: "g", arguments: [] } }),
    ],
    calls: two,
  },
  {
    name: "the old function call",
    frames: [
      delta({ function_call: { name: "f", arguments: "" } }),
      delta({ function_call: { arguments: "{}" } }, "function_call"),
    ],
    calls: [{ id: "call_x1_0_0", name: "f", text: "{}" }],
  },
];
describe("tool calls of a stream", () => {
  for (const { name, frames, calls } of callRows)
    test(name, () => {
      const chunks = decodeAll(open(), [...frames, done]).filter((chunk) => chunk.type === "toolCall");
      const joined = calls.map((_, toolIndex) => {
        const own = chunks.filter((chunk) => chunk.toolIndex === toolIndex);
        for (const later of own.slice(1)) expect(later.id ?? later.name).toBeUndefined();
        return { id: own[0]?.id ?? "", name: own[0]?.name ?? "", text: own.map((chunk) => chunk.arguments).join("") };
      });
      expect(joined).toEqual([...calls]);
      expect(Math.max(...chunks.map(({ toolIndex }) => toolIndex))).toBe(calls.length - 1);
    });

  test("of another type go on as they are", () => {
    const custom = { index: 0, id: "a", type: "custom", custom: { name: "c", input: "i" } };
    expect(decodeAll(open(), [call(custom), done])[1]).toEqual({
      type: "opaque",
      choice: 0,
      extra: { dialect: "openai", fields: { tool_calls: [custom] } },
    });
  });

  test("keep fields of the dialect's own", () => {
    const own = { index: 0, id: "a", extra_content: { s: 1 }, function: { name: "f", arguments: "{}" } };
    expect(decodeAll(open(), [call(own), done])[1]).toMatchObject({
      providerData: { openai: { extra_content: { s: 1 } } },
    });
  });
});
