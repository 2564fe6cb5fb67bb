import { isJsonObject, type JsonObject, type JsonValue, parseJson } from "../../core/json.ts";
import type { StreamDecoder } from "../../core/ports/provider.ts";
import type { Chunk } from "../../core/reply.ts";
import { malformed } from "../upstream-error.ts";
import { toolPlanMark } from "./decode-chat.ts";
import { failureWithin, isErrorBody } from "./errors.ts";
import { decodeFinishReason } from "./finish-reason.ts";
import { decodeLogprobs } from "./logprobs.ts";
import { openToolCallStream } from "./tool-call-stream.ts";
import { decodeUsage } from "./usage.ts";

const object = (value: JsonValue | undefined): JsonObject => (isJsonObject(value) ? value : {});
const messageOf = (frame: JsonObject): JsonObject => object(object(frame["delta"])["message"]);
const indexOf = ({ index }: JsonObject): number | undefined => (typeof index === "number" ? index : undefined);

const content = (frame: JsonObject): readonly Chunk[] => {
  const { text, thinking } = object(messageOf(frame)["content"]);
  const logprobs = decodeLogprobs(frame["logprobs"]);
  const chunks: Chunk[] = [];
  if (typeof thinking === "string" && thinking !== "") chunks.push({ type: "reasoning", choice: 0, text: thinking });
  if (typeof text === "string" && text !== "")
    chunks.push({ type: "text", choice: 0, text, ...(logprobs === undefined ? {} : { logprobs }) });
  return chunks;
};

const toolPlan = (frame: JsonObject): readonly Chunk[] => {
  const { tool_plan: plan } = messageOf(frame);
  if (typeof plan !== "string" || plan === "") return [];
  return [{ type: "reasoning", choice: 0, text: plan, providerData: toolPlanMark }];
};

const citation = (frame: JsonObject): readonly Chunk[] => {
  const { citations: given } = messageOf(frame);
  if (given === undefined || given === null) return [];
  const citations = Array.isArray(given) ? given : [given];
  return [{ type: "opaque", choice: 0, extra: { dialect: "cohere", fields: { citations } } }];
};

/**
 * Decodes a streamed answer ("A Guide to Streaming Responses", "Streaming for tool use"). The end is given only when
 * `message-end` has come, so that a stream that was cut never looks finished.
 */
export const openChatStream = (provider: string): StreamDecoder<Chunk> => {
  const calls = openToolCallStream(provider);
  let state: "waiting" | "open" | "ended" = "waiting";

  const start = ({ id }: JsonObject): readonly Chunk[] => {
    if (state === "open") return [];
    state = "open";
    return [{ type: "start", id: typeof id === "string" ? id : "", created: 0, model: "" }];
  };
  const toolCall = (frame: JsonObject, phase: "start" | "delta"): readonly Chunk[] => {
    const call = object(messageOf(frame)["tool_calls"]);
    const definition = object(call["function"]);
    return phase === "start" ? calls.start(indexOf(frame), call, definition) : calls.delta(indexOf(frame), definition);
  };
  const end = (frame: JsonObject): readonly Chunk[] => {
    const delta = object(frame["delta"]);
    const reason = decodeFinishReason(delta["finish_reason"], {
      provider,
      hasToolCalls: calls.count > 0,
      error: delta["error"],
    });
    const usage = decodeUsage(delta["usage"]);
    state = "ended";
    return [
      ...calls.endAll(),
      { type: "finish", choice: 0, reason },
      ...(usage === undefined ? [] : [{ type: "usage", usage } as const]),
    ];
  };
  const readers: Readonly<Record<string, (frame: JsonObject) => readonly Chunk[]>> = {
    "content-start": content,
    "content-delta": content,
    "tool-plan-delta": toolPlan,
    "tool-call-start": (frame) => toolCall(frame, "start"),
    "tool-call-delta": (frame) => toolCall(frame, "delta"),
    "tool-call-end": (frame) => calls.end(indexOf(frame)),
    "citation-start": citation,
    "message-end": end,
  };

  return {
    push({ event, data }) {
      if (state === "ended") return [];
      const frame = parseJson(data);
      if (!isJsonObject(frame)) throw malformed(provider, "an event that is not a JSON object");
      if (event === "error" || isErrorBody(frame)) throw failureWithin(provider, frame);
      const type = frame["type"] ?? event;
      if (type === "message-start") return start(frame);
      const read = typeof type === "string" && Object.hasOwn(readers, type) ? readers[type] : undefined;
      if (read === undefined) return [];
      if (state !== "open") throw malformed(provider, "a part of an answer before its start");
      return read(frame);
    },
    end() {
      if (state !== "ended") throw malformed(provider, "an answer that was cut short");
      return [];
    },
    get ended() {
      return state === "ended";
    },
  };
};
