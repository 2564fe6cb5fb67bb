import { readMessages } from "../asked.ts";
import type { Answer, Event, WireFormat } from "../wire-format.ts";

interface Body {
  readonly model: string;
  readonly stream?: boolean;
  readonly tools?: readonly unknown[];
  readonly messages: readonly { readonly role?: string; readonly content?: unknown }[];
}

const message = (answer: Answer) => ({
  id: "msg_lab",
  type: "message",
  role: "assistant",
  model: answer.model,
  stop_sequence: null,
});

const reasonOf = ({ calls }: Answer): string => (calls.length > 0 ? "tool_use" : "end_turn");

const event = (
  part: Event["part"],
  fields: { readonly type: string; readonly [field: string]: unknown },
  units = 0,
): Event => ({
  part,
  name: fields.type,
  data: JSON.stringify(fields),
  units,
});

const block = (
  index: number,
  [start, units]: readonly [object, number],
  deltas: readonly (readonly [object, number])[],
): readonly Event[] => [
  event("start", { type: "content_block_start", index, content_block: start }, units),
  ...deltas.map(([delta, units]) => event("content", { type: "content_block_delta", index, delta }, units)),
  event("finish", { type: "content_block_stop", index }),
];

const blocks = ({ pieces, calls }: Answer): readonly Event[] => [
  ...(pieces.length === 0
    ? []
    : block(
        0,
        [{ type: "text", text: "" }, 0],
        pieces.map((text) => [{ type: "text_delta", text }, text.length] as const),
      )),
  ...calls.flatMap(({ id, name, arguments: text }, position) =>
    block(
      pieces.length === 0 ? position : position + 1,
      [{ type: "tool_use", id, name, input: {} }, name.length],
      [[{ type: "input_json_delta", partial_json: text }, text.length]],
    ),
  ),
];

/** "Messages" and "Streaming messages" of Anthropic's API reference. */
export const anthropic: WireFormat = {
  framing: "sse",
  read(path, body) {
    if (path !== "/anthropic/v1/messages") return undefined;
    const { model, stream, tools, messages } = body as Body;
    return { model, isStreamed: stream === true, hasTools: (tools ?? []).length > 0, ...readMessages(messages) };
  },
  whole: (answer) => ({
    ...message(answer),
    content: [
      ...(answer.pieces.length === 0 ? [] : [{ type: "text", text: answer.pieces.join("") }]),
      ...answer.calls.map(({ id, name, arguments: text }) => ({ type: "tool_use", id, name, input: JSON.parse(text) })),
    ],
    stop_reason: reasonOf(answer),
    ...(answer.withUsage ? { usage: { input_tokens: answer.inputTokens, output_tokens: answer.outputTokens } } : {}),
  }),
  events: (answer) => [
    event("start", {
      type: "message_start",
      message: {
        ...message(answer),
        content: [],
        stop_reason: null,
        ...(answer.withUsage ? { usage: { input_tokens: answer.inputTokens, output_tokens: 1 } } : {}),
      },
    }),
    event("start", { type: "ping" }),
    ...blocks(answer),
    event("finish", {
      type: "message_delta",
      delta: { stop_reason: reasonOf(answer), stop_sequence: null },
      ...(answer.withUsage ? { usage: { output_tokens: answer.outputTokens } } : {}),
    }),
    event("end", { type: "message_stop" }),
  ],
  refusal: (status, text) => ({
    type: "error",
    error: {
      type:
        { 400: "invalid_request_error", 401: "authentication_error", 403: "permission_error", 429: "rate_limit_error" }[
          status
        ] ?? (status === 529 ? "overloaded_error" : "api_error"),
      message: text,
    },
  }),
  failure: (text) => ({
    name: "error",
    data: JSON.stringify({ type: "error", error: { type: "api_error", message: text } }),
  }),
};
