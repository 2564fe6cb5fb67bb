import { validateReply, validateStream } from "../../conformance/validate.ts";
import type { Edge } from "./edges.ts";
import { at, listAt, numberAt, textAt } from "./json-path.ts";
import type { Received } from "./raw-call.ts";

/** What a client understood of what it received. */
export interface ReadAnswer {
  /** `answer`: an answer that says it is complete; `error`: an error, in place of the answer or at its end. */
  readonly kind: "answer" | "error" | "nothing" | "unfinished";
  readonly text: string;
  /** Tool calls by their place, arguments as their JSON text. */
  readonly calls: readonly { readonly name: string; readonly arguments: string }[];
  readonly code: string | null;
  readonly message: string | null;
  readonly finishReason: string | null;
  readonly usage: { readonly inputTokens: number; readonly outputTokens: number } | null;
  /** What is not as the dialect demands. */
  readonly problems: readonly string[];
}

interface Draft {
  text: string;
  calls: Map<number, { name: string; arguments: string }>;
  endings: string[];
  code: string | null;
  message: string | null;
  finishReason: string | null;
  usage: ReadAnswer["usage"];
  problems: string[];
}

const draft = (): Draft => ({
  text: "",
  calls: new Map(),
  endings: [],
  code: null,
  message: null,
  finishReason: null,
  usage: null,
  problems: [],
});

const noteError = (state: Draft, error: unknown): void => {
  state.endings.push("error");
  state.code = textAt(error, "code") ?? textAt(error, "type");
  state.message = textAt(error, "message");
};

const noteCall = (state: Draft, place: number, { name, text }: { name: string | null; text: string | null }): void => {
  const call = state.calls.get(place) ?? { name: "", arguments: "" };
  state.calls.set(place, { name: call.name + (name ?? ""), arguments: call.arguments + (text ?? "") });
};

const openaiUsage = (usage: unknown): ReadAnswer["usage"] => ({
  inputTokens: numberAt(usage, "prompt_tokens"),
  outputTokens: numberAt(usage, "completion_tokens"),
});

const openaiCall = (call: unknown) => ({
  name: textAt(call, "function", "name"),
  text: textAt(call, "function", "arguments"),
});

const takeOpenaiEvent = (state: Draft, event: unknown): void => {
  if (at(event, "error") !== undefined) {
    noteError(state, at(event, "error"));
    return;
  }
  // The answer begins anew: what came before is not part of it.
  if (at(event, "intellirouter", "restart") !== undefined) {
    state.text = "";
    state.calls.clear();
  }
  if (at(event, "usage")) state.usage = openaiUsage(at(event, "usage"));
  for (const choice of listAt(event, "choices")) {
    state.text += textAt(choice, "delta", "content") ?? "";
    for (const call of listAt(choice, "delta", "tool_calls"))
      noteCall(state, numberAt(call, "index"), openaiCall(call));
    state.finishReason ??= textAt(choice, "finish_reason");
  }
};

const takeAnthropicBlock = (state: Draft, event: unknown): void => {
  const index = numberAt(event, "index");
  if (textAt(event, "content_block", "type") === "tool_use")
    noteCall(state, index, { name: textAt(event, "content_block", "name"), text: null });
  state.text += textAt(event, "delta", "text") ?? "";
  if (textAt(event, "delta", "type") === "input_json_delta")
    noteCall(state, index, { name: null, text: textAt(event, "delta", "partial_json") });
};

const anthropicUsage = (usage: unknown): ReadAnswer["usage"] => ({
  inputTokens: numberAt(usage, "input_tokens"),
  outputTokens: numberAt(usage, "output_tokens"),
});

const takeAnthropicEvent = (state: Draft, event: unknown): void => {
  const type = textAt(event, "type");
  if (type === "error") noteError(state, at(event, "error"));
  else if (type === "message_stop") state.endings.push("done");
  else if (type === "message_delta") {
    state.finishReason = textAt(event, "delta", "stop_reason");
    state.usage = anthropicUsage(at(event, "usage"));
  } else takeAnthropicBlock(state, event);
};

/** Reads events; all that comes after the ending is a fault. */
const readStream = (edge: Edge, text: string): Draft => {
  const state = draft();
  const frames = text.split("\n\n");
  const rest = frames.pop() ?? "";
  if (rest !== "") state.problems.push(`the stream ends within an event: ${rest.slice(0, 60)}`);
  for (const frame of frames) {
    const data = frame
      .split("\n")
      .filter((line) => line.startsWith("data: "))
      .map((line) => line.slice(6))
      .join("\n");
    if (data === "") continue;
    if (state.endings.length > 0) state.problems.push(`after its ending the stream goes on: ${data.slice(0, 60)}`);
    if (data === "[DONE]") state.endings.push("done");
    else if (edge === "openai") takeOpenaiEvent(state, JSON.parse(data));
    else takeAnthropicEvent(state, JSON.parse(data));
  }
  if (state.endings.length > 1) state.problems.push(`the stream has ${state.endings.length} endings`);
  if (edge === "openai" && state.endings.length > 0)
    state.problems.push(...validateStream(text).map((problem) => problem.slice(0, 200)));
  if (edge === "anthropic" && state.endings[0] === "done" && state.finishReason === null)
    state.problems.push("the message ends without saying why");
  return state;
};

const readWholeOpenai = (state: Draft, body: unknown): void => {
  state.problems.push(...validateReply("CreateChatCompletionResponse", body));
  state.text = textAt(body, "choices", 0, "message", "content") ?? "";
  for (const [place, call] of listAt(body, "choices", 0, "message", "tool_calls").entries())
    noteCall(state, place, openaiCall(call));
  state.finishReason = textAt(body, "choices", 0, "finish_reason");
  if (at(body, "usage")) state.usage = openaiUsage(at(body, "usage"));
};

const readWholeAnthropic = (state: Draft, body: unknown): void => {
  for (const [place, block] of listAt(body, "content").entries()) {
    state.text += textAt(block, "text") ?? "";
    if (textAt(block, "type") === "tool_use")
      noteCall(state, place, { name: textAt(block, "name"), text: JSON.stringify(at(block, "input")) });
  }
  state.finishReason = textAt(body, "stop_reason");
  state.usage = anthropicUsage(at(body, "usage"));
};

const readWhole = (edge: Edge, status: number, text: string): Draft => {
  const state = draft();
  const body: unknown = JSON.parse(text);
  if (status >= 400) {
    noteError(state, at(body, "error"));
    if (edge === "openai") state.problems.push(...validateReply("ErrorResponse", body));
    return state;
  }
  state.endings.push("done");
  if (edge === "openai") readWholeOpenai(state, body);
  else readWholeAnthropic(state, body);
  return state;
};

/** Never throws: what cannot be read is a problem of the answer. */
export const readAnswer = (edge: Edge, { status, headers, body }: Received): ReadAnswer => {
  const state = draft();
  if (status === null) return { ...state, kind: "nothing", calls: [] };
  const text = body.toString("utf8");
  const isStream = headers["content-type"]?.startsWith("text/event-stream") === true;
  let read: Draft = state;
  try {
    if (text !== "" || !isStream) read = isStream ? readStream(edge, text) : readWhole(edge, status, text);
  } catch (error) {
    state.problems.push(`cannot be read (${String(error).slice(0, 100)}): ${text.slice(0, 80)}`);
  }
  if (text.includes("\ufffd")) read.problems.push("the body is not UTF-8");
  const [ending] = read.endings;
  const kind = ending === "done" ? "answer" : ending === "error" ? "error" : "unfinished";
  return { ...read, kind, calls: [...read.calls].sort(([left], [right]) => left - right).map(([, call]) => call) };
};
