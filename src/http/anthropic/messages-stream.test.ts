import { describe, expect, test } from "bun:test";
import Anthropic from "@anthropic-ai/sdk";
import fc from "fast-check";
import type { AssistantPart } from "../../core/chat.ts";
import { GatewayError } from "../../core/errors.ts";
import { estimateInputTokens } from "../../core/estimate-tokens.ts";
import type { Chunk, Completion, FinishReason } from "../../core/reply.ts";
import type { Usage } from "../../core/usage.ts";
import type { AnswerContext } from "../codec.ts";
import { encodeMessagesReply } from "./encode-messages-reply.ts";
import { openMessagesStream } from "./messages-stream.ts";

type Event = { type: string; index?: number; [key: string]: unknown };

const usage: Usage = { inputTokens: 100, outputTokens: 20, cachedInputTokens: 60, cacheWriteTokens: 30 };
const start: Chunk = { type: "start", id: "chatcmpl-1", created: 7, model: "m-1" };
const text = (value: string): Chunk => ({ type: "text", choice: 0, text: value });
const reasoning = (value: string, signature?: string): Chunk => ({
  type: "reasoning",
  choice: 0,
  text: value,
  ...(signature === undefined ? {} : { providerData: { anthropic: { signature } } }),
});
const toolStart = (toolIndex: number, piece = ""): Chunk => ({
  type: "toolCall",
  choice: 0,
  toolIndex,
  id: `call_${toolIndex}`,
  name: `tool_${toolIndex}`,
  arguments: piece,
});
const toolDelta = (toolIndex: number, piece: string): Chunk => ({
  type: "toolCall",
  choice: 0,
  toolIndex,
  arguments: piece,
});
const finish = (reason: FinishReason): Chunk => ({ type: "finish", choice: 0, reason });
const usageChunk: Chunk = { type: "usage", usage };

const context: AnswerContext<"chat"> = {
  callId: "call-1",
  created: 0,
  model: "asked",
  request: {
    model: "m",
    messages: [{ role: "user", content: [{ type: "text", text: "hi" }] }],
    stream: true,
    includeUsage: true,
  },
};
const open = () => openMessagesStream(context);

const encodeAll = (batches: readonly (readonly Chunk[])[]): string => {
  const stream = open();
  return batches.map((batch) => stream.encodeBatch(batch)).join("") + stream.finish();
};

const eventsOf = (sse: string): Event[] =>
  sse
    .split("\n\n")
    .filter((frame) => frame !== "")
    .map((frame) => {
      const [event, data] = frame.split("\n");
      const parsed = JSON.parse((data ?? "").slice("data: ".length)) as Event;
      expect(event).toBe(`event: ${parsed.type}`);
      return parsed;
    });

/** What the official client makes of the events. */
const accumulate = async (sse: string): Promise<unknown> => {
  const client = new Anthropic({
    apiKey: "test",
    maxRetries: 0,
    fetch: async () => new Response(sse, { headers: { "content-type": "text/event-stream" } }),
  });
  const params = { model: "m", max_tokens: 9, messages: [{ role: "user" as const, content: "hi" }] };
  const message = await client.messages.stream(params).finalMessage();
  // The client adds this field itself.
  return JSON.parse(JSON.stringify(message, (key, value) => (key === "parsed_output" ? undefined : value)));
};

/** The same answer as a whole, assembled in the plainest way: parts in order of their first appearance. */
const assemble = (chunks: readonly Chunk[], reason: FinishReason): Completion => {
  const content: AssistantPart[] = [];
  const toolAt = new Map<number, number>();
  for (const chunk of chunks) {
    const last = content.at(-1);
    if (chunk.type === "text" || chunk.type === "refusal") {
      if (chunk.choice !== 0 || chunk.text === "") continue;
      if (last?.type === chunk.type) content[content.length - 1] = { ...last, text: last.text + chunk.text };
      else content.push({ type: chunk.type, text: chunk.text });
    } else if (chunk.type === "reasoning") {
      const signed = chunk.providerData ? { providerData: chunk.providerData } : {};
      if (last?.type === "reasoning" && !last.providerData)
        content[content.length - 1] = { ...last, text: last.text + chunk.text, ...signed };
      else if (chunk.text !== "" || chunk.providerData)
        content.push({ type: "reasoning", text: chunk.text, ...signed });
    } else if (chunk.type === "opaque") {
      if (chunk.extra.dialect !== "anthropic") continue;
      content.push({ type: "opaque", dialect: chunk.extra.dialect, value: chunk.extra.fields });
    } else if (chunk.type === "toolCall") {
      const at = toolAt.get(chunk.toolIndex);
      const part = at === undefined ? undefined : content[at];
      if (at !== undefined && part?.type === "toolCall")
        content[at] = { ...part, arguments: part.arguments + chunk.arguments };
      else {
        toolAt.set(chunk.toolIndex, content.length);
        const { id = "", name = "", arguments: piece } = chunk;
        content.push({ type: "toolCall", id, name, arguments: piece });
      }
    }
  }
  return { id: "chatcmpl-1", created: 7, model: "m-1", choices: [{ index: 0, content, finishReason: reason }], usage };
};

/** Every block begins, grows and ends before the next begins, with rising indices. */
const expectSequential = (events: readonly Event[]): void => {
  let next = 0;
  let current: number | undefined;
  for (const { type, index } of events) {
    if (type === "content_block_start") {
      expect([current, index]).toEqual([undefined, next]);
      current = next;
      next += 1;
    } else if (type === "content_block_delta") expect(index).toBe(current);
    else if (type === "content_block_stop") {
      expect(index).toBe(current);
      current = undefined;
    } else expect(current).toBeUndefined();
  }
};

const outline = (sse: string): string[] =>
  eventsOf(sse).map(({ type, index, delta, content_block }) => {
    const inner = (delta ?? content_block) as { type?: string } | undefined;
    return [type.replace("content_block_", ""), index, inner?.type].filter((item) => item !== undefined).join(" ");
  });

describe("openMessagesStream", () => {
  test("writes text as it comes and holds the last events back", () => {
    const stream = open();
    expect(outline(stream.encodeBatch([start]))).toEqual(["message_start"]);
    expect(outline(stream.encodeBatch([text("Hel")]))).toEqual(["start 0 text", "delta 0 text_delta"]);
    expect(outline(stream.encodeBatch([text("lo")]))).toEqual(["delta 0 text_delta"]);
    expect(stream.encodeBatch([text("")])).toBe("");
    expect(outline(stream.encodeBatch([finish("stop"), usageChunk]))).toEqual(["stop 0"]);
    const [delta, stop] = eventsOf(stream.finish());
    expect(delta).toMatchObject({
      type: "message_delta",
      delta: { stop_reason: "end_turn", stop_sequence: null },
      usage: { input_tokens: 10, cache_read_input_tokens: 60, cache_creation_input_tokens: 30, output_tokens: 20 },
    });
    expect(stop).toEqual({ type: "message_stop" });
  });

  test("writes the second of two interleaved calls when the first has ended", () => {
    const stream = open();
    stream.encodeBatch([start]);
    expect(outline(stream.encodeBatch([toolStart(0, '{"a'), toolStart(1, '{"b"')]))).toEqual([
      "start 0 tool_use",
      "delta 0 input_json_delta",
    ]);
    expect(outline(stream.encodeBatch([toolDelta(0, '":1}')]))).toEqual([
      "delta 0 input_json_delta",
      "stop 0",
      "start 1 tool_use",
      "delta 1 input_json_delta",
    ]);
    expect(outline(stream.encodeBatch([toolDelta(1, ":2}")]))).toEqual(["delta 1 input_json_delta", "stop 1"]);
  });

  test("sends a server tool's input as deltas and a citation to its text", async () => {
    const fields = { type: "server_tool_use", id: "srv_1", name: "web_search", input: { query: "x" } };
    const citation = { type: "char_location", cited_text: "c", document_index: 0 };
    const sse = encodeAll([
      [start, { type: "opaque", choice: 0, extra: { dialect: "anthropic", fields } }, text("so")],
      [{ type: "opaque", choice: 0, extra: { dialect: "anthropic", fields: { type: "citations_delta", citation } } }],
      [{ type: "opaque", choice: 0, extra: { dialect: "openai", fields: { type: "audio" } } }, finish("stop")],
    ]);
    expect(await accumulate(sse)).toMatchObject({ content: [fields, { text: "so", citations: [citation] }] });
  });

  const endings: readonly [FinishReason, readonly Chunk[], string][] = [
    ["stop", [text("a")], "end_turn"],
    ["stop", [toolStart(0, "{}")], "tool_use"],
    ["stop", [{ type: "refusal", choice: 0, text: "no" }], "refusal"],
    ["length", [toolStart(0, '{"cut')], "max_tokens"],
    ["toolCalls", [toolStart(0)], "tool_use"],
    ["contentFilter", [text("a")], "refusal"],
    ["pause", [text("a")], "pause_turn"],
  ];
  test.each(endings)("ends with %s as Anthropic says it", async (reason, chunks, expected) => {
    const message = await accumulate(encodeAll([[start, ...chunks, finish(reason)]]));
    expect(message).toMatchObject({ stop_reason: expected });
  });

  test("names the stop sequence", () => {
    const end: Chunk = { type: "finish", choice: 0, reason: "stop", stopSequence: "END" };
    expect(eventsOf(encodeAll([[start, end]])).at(-2)).toMatchObject({
      delta: { stop_reason: "stop_sequence", stop_sequence: "END" },
    });
  });

  test("estimates where the stream brought no usage, and names the model asked where the upstream names none", () => {
    const stream = open();
    const [begin] = eventsOf(stream.encodeBatch([{ ...start, model: "", id: "" }]));
    expect(begin).toMatchObject({ message: { model: "asked", id: "msg_call-1" } });
    stream.encodeBatch([text("12345678"), finish("stop")]);
    const [delta] = eventsOf(stream.finish());
    expect(delta).toMatchObject({ usage: { input_tokens: estimateInputTokens(context.request), output_tokens: 2 } });
  });

  const broken: readonly [string, readonly Chunk[]][] = [
    ["arguments that are no JSON", [toolStart(0, "{a}")]],
    ["arguments that are no object", [toolStart(0, '"a"'), finish("toolCalls")]],
    ["arguments that go on after their end", [toolStart(0, "{}"), toolDelta(0, "{}")]],
    ["arguments that never end", [toolStart(0, '{"a":'), finish("toolCalls")]],
    ["a call without a name", [toolDelta(0, "{}")]],
    ["no reason to end", [text("a")]],
  ];
  test.each(broken)("refuses %s", (_, chunks) => {
    const run = () => encodeAll([[start, ...chunks]]);
    expect(run).toThrow(expect.objectContaining({ code: "upstream_invalid_response" }));
  });

  test("ends a failed stream with an error that the official client raises", async () => {
    const stream = open();
    const begun = stream.encodeBatch([start, text("Hel")]);
    const sse = begun + stream.fail(new GatewayError("upstream_overloaded", "The provider is overloaded."));
    const raised = await accumulate(sse).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(raised).toBeInstanceOf(Anthropic.APIError);
    expect(raised).toMatchObject({ type: "overloaded_error", error: { error: { code: "upstream_overloaded" } } });
  });

  test("writes what came before a fault in the same batch", () => {
    const stream = open();
    expect(() => stream.encodeBatch([start, text("kept"), toolDelta(0, "{}")])).toThrow();
    expect(stream.fail(new GatewayError("upstream_invalid_response", "bad"))).toContain("kept");
  });

  const safeKey = fc.string({ maxLength: 8 }).filter((key) => key !== "__proto__");
  const prose = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 6 }).map(text),
    fc.string({ maxLength: 4 }).map((value): Chunk => ({ type: "refusal", choice: 0, text: value })),
    fc.string({ maxLength: 4 }).map((value) => reasoning(value)),
    fc.tuple(fc.string({ maxLength: 4 }), safeKey).map(([value, signature]) => reasoning(value, `s${signature}`)),
    fc.constant<Chunk>({ type: "text", choice: 1, text: "another choice" }),
    fc.constant<Chunk>({
      type: "opaque",
      choice: 0,
      extra: { dialect: "anthropic", fields: { type: "redacted_thinking", data: "zz" } },
    }),
    fc.constant<Chunk>({ type: "opaque", choice: 0, extra: { dialect: "gemini", fields: { type: "part" } } }),
  );
  const scalar = fc.oneof(fc.string({ unit: "grapheme", maxLength: 6 }), fc.integer(), fc.boolean(), fc.constant(null));
  const value = fc.oneof(scalar, fc.array(scalar, { maxLength: 3 }), fc.dictionary(safeKey, scalar, { maxKeys: 2 }));
  const toolArguments = fc.oneof(
    fc.dictionary(safeKey, value, { maxKeys: 3 }).map((object) => JSON.stringify(object)),
    fc.constant(""),
    fc.constant('{"spaced" : [1, {"x": "}\\""}] }\n'),
  );
  const cutPoints = fc.array(fc.nat(), { maxLength: 4 });
  const cut = (whole: string, points: readonly number[]): string[] => {
    const at = [0, ...points.map((point) => point % (whole.length + 1)).sort((a, b) => a - b), whole.length];
    return at.slice(1).map((end, index) => whole.slice(at[index], end));
  };

  test("the official client accumulates what a whole answer would have said", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(prose, { maxLength: 8 }),
        fc.array(fc.tuple(toolArguments, cutPoints), { maxLength: 3 }),
        fc.array(fc.nat(), { minLength: 40, maxLength: 40 }),
        async (proseChunks, toolTexts, picks) => {
          const lanes: Chunk[][] = [
            [...proseChunks],
            ...toolTexts.map(([whole, points], index) =>
              cut(whole, points).map((piece, at) => (at === 0 ? toolStart(index, piece) : toolDelta(index, piece))),
            ),
          ];
          const merged: Chunk[] = [];
          for (let turn = 0; lanes.some((lane) => lane.length > 0); turn += 1) {
            const full = lanes.filter((lane) => lane.length > 0);
            const next = full[(picks[turn % picks.length] ?? 0) % full.length]?.shift();
            if (next) merged.push(next);
          }
          const reason = toolTexts.length > 0 ? "toolCalls" : "stop";
          const chunks = [start, ...merged, finish(reason), usageChunk];
          const size = ((picks[0] ?? 0) % 5) + 1;
          const batches = Array.from({ length: Math.ceil(chunks.length / size) }, (_, index) =>
            chunks.slice(index * size, (index + 1) * size),
          );
          const sse = encodeAll(batches);
          expectSequential(eventsOf(sse));
          const whole = encodeMessagesReply(assemble(merged, reason), context);
          expect(await accumulate(sse)).toEqual(JSON.parse(JSON.stringify(whole)));
        },
      ),
      { numRuns: 150 },
    );
  });
});
