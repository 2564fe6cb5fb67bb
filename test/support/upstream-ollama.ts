import { type Asked, type Said, scriptedUsage, scriptedVector, textOf } from "./upstream-script.ts";
import { type Body, type FakeUpstream, startUpstream, type WireFormat } from "./upstream-server.ts";

const read: WireFormat["read"] = ({ path, body }) => {
  if (path !== "/api/chat") return undefined;
  const messages: readonly Body[] = body.messages;
  const lastOther = messages.findLastIndex(({ role }) => role !== "tool");
  const user = messages.findLast(({ role }) => role === "user");
  return {
    model: body.model,
    text: user?.content ?? "",
    tools: (body.tools ?? []).map((tool: Body) => tool.function.name),
    results: messages.slice(lastOther + 1).map(({ content }) => content),
    wantsJson: body.format !== undefined,
    images: user?.images?.length ?? 0,
    // Ollama streams unless it is told not to.
    streamed: body.stream !== false,
  };
};

const line = (model: string, message: object) => ({
  model,
  created_at: "2025-10-26T17:21:21.196249Z",
  message: { role: "assistant", content: "", ...message },
});
const end = {
  done: true,
  done_reason: "stop",
  total_duration: 1,
  prompt_eval_count: scriptedUsage.inputTokens,
  eval_count: scriptedUsage.outputTokens,
};

/** Calls have no ids, as servers before 0.12 send them. */
const callsOf = (said: Said): readonly object[] =>
  said.kind === "calls" ? said.calls.map(({ name, arguments: args }) => ({ function: { name, arguments: args } })) : [];

const whole = ({ model }: Asked, said: Said): unknown => {
  const calls = callsOf(said);
  const message = { content: textOf(said), ...(calls.length > 0 ? { tool_calls: calls } : {}) };
  return { ...line(model, message), ...end };
};

const frames = ({ model }: Asked, said: Said): readonly string[] =>
  [
    ...(said.kind === "text"
      ? said.pieces.map((content) => line(model, { content }))
      : callsOf(said).map((call) => line(model, { tool_calls: [call] }))
    ).map((piece) => ({ ...piece, done: false })),
    { ...line(model, {}), ...end },
  ].map((piece) => `${JSON.stringify(piece)}\n`);

/** "API reference", docs.ollama.com. */
const format: WireFormat = {
  read,
  whole,
  frames,
  streamType: "application/x-ndjson",
  refusal: (status) => ({ error: `The upstream refuses with ${status}: key ollama-upstream-secret.` }),
  other({ path, body }) {
    if (path === "/api/embed") {
      const inputs: readonly unknown[] = Array.isArray(body.input) ? body.input : [body.input];
      return { model: body.model, embeddings: inputs.map(() => scriptedVector), prompt_eval_count: 3 };
    }
    return path === "/api/tags" ? { models: [{ name: "llama3.2", model: "llama3.2", details: {} }] } : undefined;
  },
  recorded: { whole: "ollama/fixtures/whole.json", stream: "ollama/fixtures/tools.ndjson" },
};

export const startOllamaUpstream = (): FakeUpstream => startUpstream(format);
