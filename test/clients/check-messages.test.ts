import { expect, test } from "bun:test";
import { checkMessage, checkMessageStream, checkMessagesError } from "./check-messages.ts";

const event = (type: string, fields: object = {}): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;

const usage = { input_tokens: 1, output_tokens: 1 };
const message = { id: "msg_1", type: "message", role: "assistant", model: "m", content: [], stop_sequence: null };
const start = event("message_start", { message: { ...message, stop_reason: null, usage } });
const open = (index: number) => event("content_block_start", { index, content_block: { type: "text", text: "" } });
const delta = (index: number) => event("content_block_delta", { index, delta: { type: "text_delta", text: "a" } });
const close = (index: number) => event("content_block_stop", { index });
const end = event("message_delta", { delta: { stop_reason: "end_turn", stop_sequence: null }, usage });
const stop = event("message_stop");
const fault = `event: error\ndata: ${JSON.stringify({ type: "error", error: { type: "api_error", message: "x" }, request_id: "r" })}\n\n`;

test.each([
  ["a whole stream", start + open(0) + delta(0) + close(0) + end + stop],
  ["two blocks and a ping", start + event("ping") + open(0) + close(0) + open(1) + close(1) + end + stop],
  ["an error in the middle", start + open(0) + fault],
])("%s conforms", (_, text) => expect(checkMessageStream(text)).toEqual([]));

test.each([
  ["no start", open(0) + close(0) + end + stop],
  ["no end", start + open(0) + close(0)],
  ["an end without its reason", start + open(0) + close(0) + stop],
  ["two ends", start + end + stop + stop],
  ["something after an error", start + fault + end + stop],
  ["a block that stays open", start + open(0) + end + stop],
  ["blocks out of turn", start + open(1) + close(1) + end + stop],
  ["a block within a block", start + open(0) + open(1) + close(1) + close(0) + end + stop],
  ["a delta of a closed block", start + open(0) + close(0) + delta(0) + end + stop],
  ["an unknown event", start + event("surprise") + end + stop],
  ["an event under another name", start.replace("event: message_start", "event: ping") + end + stop],
  ["a stream that breaks off", (start + end + stop).slice(0, -1)],
])("%s does not conform", (_, text) => expect(checkMessageStream(text)).not.toEqual([]));

const whole = {
  ...message,
  content: [{ type: "text", text: "a" }],
  stop_reason: "end_turn",
  usage: { ...usage, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 },
};

test("a message needs its reason, its usage and known blocks", () => {
  expect(checkMessage(whole)).toEqual([]);
  for (const broken of [
    { stop_reason: null },
    { usage: {} },
    { id: "chatcmpl-1" },
    { content: "a" },
    { content: [{ type: "tool_use", id: "a", name: "b", input: "{}" }] },
  ])
    expect(checkMessage({ ...whole, ...broken })).not.toEqual([]);
  expect(checkMessagesError({ error: { message: "x" } })).not.toEqual([]);
});
