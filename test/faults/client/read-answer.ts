import { validateReply, validateStream } from "../../conformance/validate.ts";
import type { Edge } from "./edges.ts";
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

interface Json {
  // The fields of both dialects, read as they come.
  readonly [field: string]: Json & string & number;
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

const noteError = (state: Draft, error: Json): void => {
  state.endings.push("error");
  state.code = (error["code"] as string | undefined) ?? error["type"] ?? null;
  state.message = error["message"] ?? null;
};

const noteCall = (state: Draft, place: number, name: unknown, text: unknown): void => {
  const call = state.calls.get(place) ?? { name: "", arguments: "" };
  if (typeof name === "string") call.name += name;
  if (typeof text === "string") call.arguments += text;
  state.calls.set(place, call);
};

const openaiUsage = (usage: Json): ReadAnswer["usage"] => ({
  inputTokens: usage["prompt_tokens"] as number,
  outputTokens: usage["completion_tokens"] as number,
});

const takeOpenaiEvent = (state: Draft, event: Json): void => {
  if (event["error"] !== undefined) return noteError(state, event["error"]);
  if (event["usage"]) state.usage = openaiUsage(event["usage"]);
  for (const choice of (event["choices"] ?? []) as unknown as Json[]) {
    state.text += (choice["delta"]?.["content"] as string | null) ?? "";
    for (const call of (choice["delta"]?.["tool_calls"] ?? []) as unknown as Json[])
      noteCall(state, call["index"] as number, call["function"]?.["name"], call["function"]?.["arguments"]);
    state.finishReason ??= (choice["finish_reason"] as string | null) ?? null;
  }
};

const takeAnthropicEvent = (state: Draft, event: Json): void => {
  switch (event["type"] as string) {
    case "error":
      return noteError(state, event["error"] as Json);
    case "message_stop":
      state.endings.push("done");
      return;
    case "content_block_start":
      if ((event["content_block"]?.["type"] as string) === "tool_use")
        noteCall(state, event["index"] as number, event["content_block"]?.["name"], "");
      return;
    case "content_block_delta":
      state.text += (event["delta"]?.["text"] as string | undefined) ?? "";
      if ((event["delta"]?.["type"] as string) === "input_json_delta")
        noteCall(state, event["index"] as number, undefined, event["delta"]?.["partial_json"]);
      return;
    case "message_delta": {
      state.finishReason = event["delta"]?.["stop_reason"] ?? null;
      const { input_tokens: input = 0, output_tokens: output } = event["usage"] as unknown as Record<string, number>;
      state.usage = { inputTokens: input, outputTokens: output ?? 0 };
      return;
    }
    default:
  }
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
    else if (edge === "openai") takeOpenaiEvent(state, JSON.parse(data) as Json);
    else takeAnthropicEvent(state, JSON.parse(data) as Json);
  }
  if (state.endings.length > 1) state.problems.push(`the stream has ${state.endings.length} endings`);
  if (edge === "openai" && state.endings.length > 0)
    state.problems.push(...validateStream(text).map((problem) => problem.slice(0, 200)));
  if (edge === "anthropic" && state.endings[0] === "done" && state.finishReason === null)
    state.problems.push("the message ends without saying why");
  return state;
};

const readWholeOpenai = (state: Draft, body: Json): void => {
  state.problems.push(...validateReply("CreateChatCompletionResponse", body));
  const message = (body["choices"] as unknown as Json[])[0]?.["message"];
  state.text = (message?.["content"] as string | null) ?? "";
  for (const [place, call] of ((message?.["tool_calls"] ?? []) as unknown as Json[]).entries())
    noteCall(state, place, call["function"]?.["name"], call["function"]?.["arguments"]);
  state.finishReason = (body["choices"] as unknown as Json[])[0]?.["finish_reason"] ?? null;
  if (body["usage"]) state.usage = openaiUsage(body["usage"]);
};

const readWholeAnthropic = (state: Draft, body: Json): void => {
  for (const [place, block] of (body["content"] as unknown as Json[]).entries()) {
    if ((block["type"] as string) === "text") state.text += block["text"] as string;
    if ((block["type"] as string) === "tool_use") noteCall(state, place, block["name"], JSON.stringify(block["input"]));
  }
  state.finishReason = body["stop_reason"] ?? null;
  const { input_tokens: input = 0, output_tokens: output = 0 } = body["usage"] as unknown as Record<string, number>;
  state.usage = { inputTokens: input, outputTokens: output };
};

const readWhole = (edge: Edge, status: number, text: string): Draft => {
  const state = draft();
  const body = JSON.parse(text) as Json;
  if (status >= 400) {
    noteError(state, body["error"] as Json);
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
