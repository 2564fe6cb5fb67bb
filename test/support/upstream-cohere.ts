import { type Asked, type Said, scriptedUsage, scriptedVector, textOf } from "./upstream-script.ts";
import { type Body, type FakeUpstream, startUpstream, typedFrame, type WireFormat } from "./upstream-server.ts";

const partsOf = (content: Body): readonly Body[] => (Array.isArray(content) ? content : []);
const textIn = (content: Body): string =>
  typeof content === "string"
    ? content
    : partsOf(content)
        .map((part) => part.text ?? part.document?.data ?? "")
        .join("");

const read: WireFormat["read"] = ({ path, body }) => {
  if (path !== "/v2/chat") return undefined;
  const messages: readonly Body[] = body.messages;
  const lastOther = messages.findLastIndex(({ role }) => role !== "tool");
  const user = messages.findLast(({ role }) => role === "user");
  return {
    model: body.model,
    text: textIn(user?.content),
    tools: (body.tools ?? []).map((tool: Body) => tool.function.name),
    results: messages.slice(lastOther + 1).map(({ content }) => textIn(content)),
    wantsJson: (body.response_format?.type ?? "text") !== "text",
    images: partsOf(user?.content).filter(({ type }) => type === "image_url").length,
    streamed: body.stream === true,
  };
};

const counts = { input_tokens: scriptedUsage.inputTokens, output_tokens: scriptedUsage.outputTokens };
const usage = { billed_units: counts, tokens: counts };

const callsOf = (said: Said): readonly Body[] =>
  said.kind === "calls"
    ? said.calls.map(({ name, arguments: args }, index) => ({
        id: `${name}_${index}`,
        type: "function",
        function: { name, arguments: JSON.stringify(args) },
      }))
    : [];
const finish = (said: Said): string => (said.kind === "text" ? "COMPLETE" : "TOOL_CALL");

const whole = (_: Asked, said: Said): unknown => ({
  id: "cohere-fake",
  finish_reason: finish(said),
  message:
    said.kind === "text"
      ? { role: "assistant", content: [{ type: "text", text: textOf(said) }] }
      : { role: "assistant", tool_plan: "I will look.", tool_calls: callsOf(said) },
  usage,
});

const frame = (type: string, fields: object): string => typedFrame({ type, ...fields });
const ofMessage = (message: object) => ({ delta: { message } });

const textFrames = (pieces: readonly string[]): readonly string[] => [
  frame("content-start", { index: 0, ...ofMessage({ content: { type: "text", text: "" } }) }),
  ...pieces.map((text) => frame("content-delta", { index: 0, ...ofMessage({ content: { text } }) })),
  frame("content-end", { index: 0 }),
];

const callFrames = (call: Body, index: number): readonly string[] => {
  const { name, arguments: text } = call.function;
  return [
    frame("tool-call-start", {
      index,
      ...ofMessage({ tool_calls: { ...call, function: { name, arguments: "" } } }),
    }),
    frame("tool-call-delta", { index, ...ofMessage({ tool_calls: { function: { arguments: text.slice(0, 6) } } }) }),
    frame("tool-call-delta", { index, ...ofMessage({ tool_calls: { function: { arguments: text.slice(6) } } }) }),
    frame("tool-call-end", { index }),
  ];
};

const frames = (_: Asked, said: Said): readonly string[] => [
  frame("message-start", { id: "cohere-fake", ...ofMessage({ role: "assistant" }) }),
  ...(said.kind === "text"
    ? textFrames(said.pieces)
    : [frame("tool-plan-delta", ofMessage({ tool_plan: "I will look." })), ...callsOf(said).flatMap(callFrames)]),
  frame("message-end", { delta: { finish_reason: finish(said), usage } }),
];

/** "Chat", "Embed" and "A Guide to Streaming Responses", Cohere API reference v2. */
const format: WireFormat = {
  read,
  whole,
  frames,
  streamType: "text/event-stream",
  refusal: (status) => ({ id: "cohere-fake", message: `The upstream refuses with ${status}: key co-upstream-secret.` }),
  other({ path, body }) {
    if (path === "/v2/embed")
      return {
        id: "cohere-fake",
        embeddings: { float: body.texts.map(() => scriptedVector) },
        texts: body.texts,
        meta: { api_version: { version: "2" }, billed_units: { input_tokens: 3 } },
      };
    if (!path.startsWith("/v1/models")) return undefined;
    return { models: [{ name: "command-a-03-2025", endpoints: ["chat"], features: ["tools", "json_schema"] }] };
  },
  recorded: { whole: "cohere/fixtures/chat-tools.json", stream: "cohere/fixtures/stream-tools.sse" },
};

export const startCohereUpstream = (): FakeUpstream => startUpstream(format);
