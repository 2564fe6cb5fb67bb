import { malformedEvent, readMessagesBody, serverSentEvent, type WireFormat } from "./wire-format.ts";

const event = (fields: { readonly type: string; readonly [field: string]: unknown }): string =>
  serverSentEvent(fields, fields.type);

const message = { id: "msg_chaos", type: "message", role: "assistant", stop_sequence: null };
const errorTypes: Readonly<Record<number, string>> = {
  401: "authentication_error",
  429: "rate_limit_error",
  503: "overloaded_error",
};

/** "Messages" and "Streaming messages" of Anthropic's API reference. */
export const anthropic: WireFormat = {
  contentType: "text/event-stream",
  read: readMessagesBody("whole"),
  whole: ({ model, pieces, inputTokens, outputTokens }) => ({
    ...message,
    model,
    content: [{ type: "text", text: pieces.join("") }],
    stop_reason: "end_turn",
    usage: { input_tokens: inputTokens, output_tokens: outputTokens },
  }),
  stream: ({ model, pieces, inputTokens, outputTokens }) => ({
    opening:
      event({
        type: "message_start",
        message: {
          ...message,
          model,
          content: [],
          stop_reason: null,
          usage: { input_tokens: inputTokens, output_tokens: 1 },
        },
      }) + event({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } }),
    content: pieces.map((text) =>
      event({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } }),
    ),
    ending:
      event({ type: "content_block_stop", index: 0 }) +
      event({
        type: "message_delta",
        delta: { stop_reason: "end_turn", stop_sequence: null },
        usage: { output_tokens: outputTokens },
      }) +
      event({ type: "message_stop" }),
  }),
  refusal: (status, text) => ({ type: "error", error: { type: errorTypes[status] ?? "api_error", message: text } }),
  malformed: malformedEvent,
};
