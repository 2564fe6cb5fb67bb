import { readMessages } from "../asked.ts";
import type { Answer, Event, ToolCall, WireFormat } from "../wire-format.ts";

interface Body {
  readonly model: string;
  readonly stream?: boolean;
  readonly stream_options?: { readonly include_usage?: boolean };
  readonly tools?: readonly unknown[];
  readonly messages: readonly { readonly role?: string; readonly content?: unknown }[];
}

const usageOf = ({ inputTokens, outputTokens }: Answer) => ({
  prompt_tokens: inputTokens,
  completion_tokens: outputTokens,
  total_tokens: inputTokens + outputTokens,
});

const reasonOf = ({ calls }: Answer): string => (calls.length > 0 ? "tool_calls" : "stop");

const argumentsOf = ({ arguments: text }: ToolCall, { toolForm }: Answer): unknown =>
  toolForm === "objects" ? JSON.parse(text) : text;

const wholeCall = (call: ToolCall, answer: Answer) => ({
  id: call.id,
  type: "function",
  function: { name: call.name, arguments: argumentsOf(call, answer) },
});

/** The deltas of one call: its arguments in two pieces, unless they are an object. */
const callDeltas = (call: ToolCall, position: number, answer: Answer): readonly (readonly [object, number])[] => {
  const { toolForm } = answer;
  const index = toolForm === "without index" ? {} : { index: toolForm === "one index" ? 0 : position };
  const { id, name, arguments: text } = call;
  if (toolForm === "objects") return [[{ ...index, ...wholeCall(call, answer) }, name.length + text.length]] as const;
  const middle = Math.ceil(text.length / 2);
  return [
    [{ ...index, id, type: "function", function: { name, arguments: text.slice(0, middle) } }, name.length + middle],
    [{ ...index, function: { arguments: text.slice(middle) } }, text.length - middle],
  ] as const;
};

const events = (answer: Answer): readonly Event[] => {
  const head = { id: "chatcmpl-lab", object: "chat.completion.chunk", created: 1_790_000_000, model: answer.model };
  const event = (part: Event["part"], fields: object, units = 0): Event => ({
    part,
    name: "",
    data: JSON.stringify({ ...head, ...fields }),
    units,
  });
  const delta = (part: Event["part"], fields: object, units = 0): Event =>
    event(part, { choices: [{ index: 0, delta: fields, finish_reason: null }] }, units);
  return [
    delta("start", { role: "assistant", content: "" }),
    ...answer.pieces.map((content) => delta("content", { content }, content.length)),
    ...answer.calls.flatMap((call, position) =>
      callDeltas(call, position, answer).map(([fields, units]) => delta("content", { tool_calls: [fields] }, units)),
    ),
    event("finish", { choices: [{ index: 0, delta: {}, finish_reason: reasonOf(answer) }] }),
    ...(answer.withUsage ? [event("usage", { choices: [], usage: usageOf(answer) })] : []),
    { part: "end", name: "", data: "[DONE]", units: 0 },
  ];
};

const errorTypes: Readonly<Record<number, string>> = {
  400: "invalid_request_error",
  401: "authentication_error",
  403: "permission_error",
  429: "rate_limit_error",
};

/** "Chat" of OpenAI's API reference. */
export const openai: WireFormat = {
  framing: "sse",
  read(path, body) {
    if (path !== "/openai/v1/chat/completions") return undefined;
    const { model, stream, tools, messages } = body as Body;
    return { model, isStreamed: stream === true, hasTools: (tools ?? []).length > 0, ...readMessages(messages) };
  },
  whole: (answer) => ({
    id: "chatcmpl-lab",
    object: "chat.completion",
    created: 1_790_000_000,
    model: answer.model,
    choices: [
      {
        index: 0,
        message: {
          role: "assistant",
          content: answer.calls.length > 0 ? null : answer.pieces.join(""),
          refusal: null,
          ...(answer.calls.length > 0 ? { tool_calls: answer.calls.map((call) => wholeCall(call, answer)) } : {}),
        },
        logprobs: null,
        finish_reason: reasonOf(answer),
      },
    ],
    ...(answer.withUsage ? { usage: usageOf(answer) } : {}),
  }),
  events,
  refusal: (status, message) => ({
    error: { message, type: errorTypes[status] ?? "server_error", param: null, code: null },
  }),
  failure: (message) => ({
    name: "",
    data: JSON.stringify({ error: { message, type: "server_error", param: null, code: null } }),
  }),
};
