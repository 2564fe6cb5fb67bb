import { type Asked, type Said, scriptedUsage, scriptedVector, textOf } from "./upstream-script.ts";
import { type Body, dataFrame, type FakeUpstream, startUpstream, type WireFormat } from "./upstream-server.ts";

const partsOf = (message: Body): readonly Body[] => (Array.isArray(message?.content) ? message.content : []);
const textIn = (message: Body): string =>
  typeof message?.content === "string"
    ? message.content
    : partsOf(message)
        .map((part) => part.text ?? "")
        .join("");

const read: WireFormat["read"] = ({ path, body }) => {
  if (path !== "/v1/chat/completions") return undefined;
  const messages: readonly Body[] = body.messages;
  const lastOther = messages.findLastIndex(({ role }) => role !== "tool");
  const user = messages.findLast(({ role }) => role === "user");
  return {
    model: body.model,
    text: textIn(user),
    tools: (body.tools ?? []).map((tool: Body) => tool.function.name),
    results: messages.slice(lastOther + 1).map(textIn),
    wantsJson: (body.response_format?.type ?? "text") !== "text",
    images: partsOf(user).filter(({ type }) => type === "image_url").length,
    streamed: body.stream === true,
  };
};

const usage = {
  prompt_tokens: scriptedUsage.inputTokens,
  completion_tokens: scriptedUsage.outputTokens,
  total_tokens: scriptedUsage.inputTokens + scriptedUsage.outputTokens,
};
const head = (model: string, object: string) => ({ id: "chatcmpl-fake", object, created: 1_760_000_000, model });

const callsOf = (said: Said) =>
  said.kind === "calls"
    ? said.calls.map(({ name, arguments: args }, index) => ({
        id: `call_${index}`,
        type: "function",
        function: { name, arguments: JSON.stringify(args) },
      }))
    : [];

const whole = ({ model }: Asked, said: Said): unknown => {
  const calls = callsOf(said);
  const message = {
    role: "assistant",
    content: said.kind === "text" ? textOf(said) : null,
    refusal: null,
    annotations: [],
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
  };
  const finish = said.kind === "text" ? "stop" : "tool_calls";
  return {
    ...head(model, "chat.completion"),
    choices: [{ index: 0, message, logprobs: null, finish_reason: finish }],
    usage,
  };
};

const frames = ({ model }: Asked, said: Said): readonly string[] => {
  const frame = (delta: unknown, finish: string | null = null): string =>
    dataFrame({
      ...head(model, "chat.completion.chunk"),
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
      usage: null,
    });
  const pieces =
    said.kind === "text"
      ? said.pieces.map((content) => frame({ content }))
      : callsOf(said).flatMap(({ id, type, function: { name, arguments: text } }, index) => [
          frame({ tool_calls: [{ index, id, type, function: { name, arguments: "" } }] }),
          frame({ tool_calls: [{ index, function: { arguments: text.slice(0, 5) } }] }),
          frame({ tool_calls: [{ index, function: { arguments: text.slice(5) } }] }),
        ]);
  return [
    frame({ role: "assistant", content: "", refusal: null }),
    ...pieces,
    frame({}, said.kind === "text" ? "stop" : "tool_calls"),
    dataFrame({ ...head(model, "chat.completion.chunk"), choices: [], usage }),
    "data: [DONE]\n\n",
  ];
};

const base64 = Buffer.from(new Float32Array(scriptedVector).buffer).toString("base64");

const embeddings = (body: Body): unknown => {
  const inputs: readonly unknown[] = Array.isArray(body.input) ? body.input : [body.input];
  const embedding = body.encoding_format === "base64" ? base64 : scriptedVector;
  return {
    object: "list",
    data: inputs.map((_, index) => ({ object: "embedding", index, embedding })),
    model: body.model,
    usage: { prompt_tokens: 3, total_tokens: 3 },
  };
};

const errorTypes: Readonly<Record<number, string>> = { 401: "invalid_request_error", 429: "requests" };

/** "Chat Completions" and "Embeddings", OpenAI API reference. */
const format: WireFormat = {
  read,
  whole,
  frames,
  streamType: "text/event-stream; charset=utf-8",
  refusal: (status) => ({
    error: {
      message: `The upstream refuses with ${status}: key sk-upstream-secret.`,
      type: errorTypes[status] ?? "invalid_request_error",
      param: null,
      code: status === 401 ? "invalid_api_key" : null,
    },
  }),
  other({ path, body }) {
    if (path === "/v1/embeddings") return embeddings(body);
    if (path !== "/v1/models") return undefined;
    const model = { object: "model", created: 1_700_000_000, owned_by: "fake" };
    return { object: "list", data: [{ id: "gpt-4.1-mini", ...model }] };
  },
  recorded: { whole: "../../test/conformance/fixtures/chat-reply.json", stream: "openai/fixtures/tools.sse" },
};

export const startOpenaiUpstream = (): FakeUpstream => startUpstream(format);
