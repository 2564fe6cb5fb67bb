import { type Answer, malformedEvent, readMessagesBody, serverSentEvent, type WireFormat } from "./wire-format.ts";

const event = (fields: { readonly type: string; readonly [field: string]: unknown }): string =>
  serverSentEvent(fields, fields.type);

const usageOf = ({ inputTokens, outputTokens }: Answer) => ({
  billed_units: { input_tokens: inputTokens, output_tokens: outputTokens },
  tokens: { input_tokens: inputTokens, output_tokens: outputTokens },
});

/** "Chat" and "A guide to streaming responses" of Cohere's documentation, version 2 of the API. */
export const cohere: WireFormat = {
  contentType: "text/event-stream",
  read: readMessagesBody("whole"),
  whole: (answer) => ({
    id: "chaos",
    finish_reason: "COMPLETE",
    message: { role: "assistant", content: [{ type: "text", text: answer.pieces.join("") }] },
    usage: usageOf(answer),
  }),
  stream: (answer) => ({
    opening:
      event({ type: "message-start", id: "chaos", delta: { message: { role: "assistant" } } }) +
      event({ type: "content-start", index: 0, delta: { message: { content: { type: "text", text: "" } } } }),
    content: answer.pieces.map((text) =>
      event({ type: "content-delta", index: 0, delta: { message: { content: { text } } } }),
    ),
    ending:
      event({ type: "content-end", index: 0 }) +
      event({ type: "message-end", delta: { finish_reason: "COMPLETE", usage: usageOf(answer) } }),
  }),
  refusal: (_status, message) => ({ id: "chaos", message }),
  malformed: malformedEvent,
};
