import { type Asked, type Said, scriptedObject, scriptedUsage, textOf } from "./upstream-script.ts";
import { type Body, type FakeUpstream, startUpstream, typedFrame, type WireFormat } from "./upstream-server.ts";

const blocksOf = (content: Body): readonly Body[] =>
  typeof content === "string" ? [{ type: "text", text: content }] : (content ?? []);
const textIn = (content: Body): string =>
  blocksOf(content)
    .map((block) => block.text ?? "")
    .join("");

const read: WireFormat["read"] = ({ path, body }) => {
  if (path !== "/v1/messages") return undefined;
  const last = blocksOf(body.messages.at(-1)?.content);
  return {
    model: body.model,
    text: textIn(last),
    tools: (body.tools ?? []).map(({ name }: Body) => name),
    results: last.filter(({ type }) => type === "tool_result").map(({ content }) => textIn(content)),
    wantsJson: body.output_config?.format !== undefined,
    images: last.filter(({ type }) => type === "image").length,
    streamed: body.stream === true,
  };
};

const message = (model: string) => ({
  id: "msg_fake",
  type: "message",
  role: "assistant",
  model,
  content: [] as readonly unknown[],
  stop_reason: null as string | null,
  stop_sequence: null,
});
const counts = { cache_creation_input_tokens: 0, cache_read_input_tokens: 0 };
const { inputTokens, outputTokens } = scriptedUsage;

/** A forced tool is how a schema reaches a model without structured output: it is answered by the object. */
const blocks = (said: Said): readonly Body[] =>
  said.kind === "text"
    ? [{ type: "text", text: textOf(said) }]
    : said.calls.map(({ name, arguments: input }, index) => ({
        type: "tool_use",
        id: `toolu_${index}`,
        name,
        input: name === "json_response" ? scriptedObject : input,
      }));

const stopReason = (said: Said): string => (said.kind === "text" ? "end_turn" : "tool_use");

const whole = ({ model }: Asked, said: Said): unknown => ({
  ...message(model),
  content: blocks(said),
  stop_reason: stopReason(said),
  usage: { ...counts, input_tokens: inputTokens, output_tokens: outputTokens },
});

const textBlock = (pieces: readonly string[]): readonly string[] => [
  typedFrame({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } }),
  ...pieces.map((text) => typedFrame({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } })),
  typedFrame({ type: "content_block_stop", index: 0 }),
];

const toolBlock = ({ input, ...block }: Body, index: number): readonly string[] => {
  const text = JSON.stringify(input);
  const delta = (partial: string): string =>
    typedFrame({
      type: "content_block_delta",
      index,
      delta: { type: "input_json_delta", partial_json: partial },
    });
  return [
    typedFrame({ type: "content_block_start", index, content_block: { ...block, input: {} } }),
    delta(""),
    delta(text.slice(0, 7)),
    delta(text.slice(7)),
    typedFrame({ type: "content_block_stop", index }),
  ];
};

const frames = ({ model }: Asked, said: Said): readonly string[] => [
  typedFrame({
    type: "message_start",
    message: { ...message(model), usage: { ...counts, input_tokens: inputTokens, output_tokens: 1 } },
  }),
  typedFrame({ type: "ping" }),
  ...(said.kind === "text" ? textBlock(said.pieces) : blocks(said).flatMap(toolBlock)),
  typedFrame({
    type: "message_delta",
    delta: { stop_reason: stopReason(said), stop_sequence: null },
    usage: { output_tokens: outputTokens },
  }),
  typedFrame({ type: "message_stop" }),
];

const errorTypes: Readonly<Record<number, string>> = {
  400: "invalid_request_error",
  401: "authentication_error",
  403: "permission_error",
  404: "not_found_error",
  429: "rate_limit_error",
  529: "overloaded_error",
};

/** "Messages" and "Streaming messages", Anthropic API reference. */
const format: WireFormat = {
  read,
  whole,
  frames,
  streamType: "text/event-stream; charset=utf-8",
  refusal: (status) => ({
    type: "error",
    error: {
      type: errorTypes[status] ?? "api_error",
      message: `The upstream refuses with ${status}: key sk-ant-upstream-secret.`,
    },
    request_id: "req_fake",
  }),
  other({ path }) {
    if (!path.startsWith("/v1/models")) return undefined;
    const model = { type: "model", id: "claude-sonnet-4-5", display_name: "Claude Sonnet 4.5" };
    return {
      data: [{ ...model, created_at: "2025-09-29T00:00:00Z" }],
      has_more: false,
      first_id: model.id,
      last_id: model.id,
    };
  },
  recorded: {
    whole: "anthropic/fixtures/message-tools-thinking.json",
    stream: "anthropic/fixtures/stream-tools-thinking.sse",
  },
};

export const startAnthropicUpstream = (): FakeUpstream => startUpstream(format);
