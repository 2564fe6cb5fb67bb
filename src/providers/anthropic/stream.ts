import type { ChatRequest } from "../../core/chat.ts";
import { isJsonObject, type JsonObject, parseJson } from "../../core/json.ts";
import type { StreamDecoder } from "../../core/ports/provider.ts";
import type { Chunk } from "../../core/reply.ts";
import { malformed } from "../upstream-error.ts";
import { leftoverFields } from "./decode-blocks.ts";
import { decodeHead, readerFor } from "./decode-chat.ts";
import { failureWithin, isErrorBody } from "./errors.ts";
import { decodeStopReason, stopSequenceOf } from "./stop-reason.ts";
import { openStreamBlock, type StreamBlock } from "./stream-block.ts";
import { decodeUsage, mergeUsage } from "./usage.ts";

const endFields: ReadonlySet<string> = new Set(["stop_reason", "stop_sequence"]);

/** The blocks that are open, by their index. */
const openBlocks = (provider: string, request: ChatRequest) => {
  const open = new Map<number, StreamBlock>();
  let toolCount = 0;
  let newest = -1;
  const context = { ...readerFor(provider, request), nextToolIndex: () => toolCount++ };
  const indexOf = ({ index }: JsonObject): number | undefined => (typeof index === "number" ? index : undefined);
  const close = (index: number): readonly Chunk[] => {
    const block = open.get(index);
    open.delete(index);
    return block?.stop() ?? [];
  };
  return {
    begin(frame: JsonObject): readonly Chunk[] {
      const { content_block: block } = frame;
      if (!isJsonObject(block)) throw malformed(provider, "the start of a content block without the block");
      const index = indexOf(frame) ?? newest + 1;
      // A server that repeats an index means another block, not more of the first.
      const ended = close(index);
      const decoder = openStreamBlock(block, context);
      newest = index;
      open.set(index, decoder);
      return [...ended, ...decoder.start()];
    },
    delta(frame: JsonObject): readonly Chunk[] {
      const { delta } = frame;
      const block = open.get(indexOf(frame) ?? newest);
      if (!isJsonObject(delta) || block === undefined) throw malformed(provider, "a delta of no content block");
      return block.delta(delta);
    },
    end: (frame: JsonObject) => close(indexOf(frame) ?? newest),
    endAll: (): readonly Chunk[] => [...open.keys()].flatMap(close),
    get calls() {
      return toolCount > 0 ? ("has-tool-calls" as const) : ("no-tool-calls" as const);
    },
  };
};

/** The answer's end, as far as it has been told. */
const openEnding = () => {
  let ending: JsonObject = {};
  let counters: JsonObject = {};
  return {
    count(usage: JsonObject[string] | undefined) {
      counters = mergeUsage(counters, usage);
    },
    read(delta: JsonObject) {
      ending = { ...ending, ...leftoverFields(delta, new Set()) };
    },
    /** The last chunks; undefined where the stream never said why it ended. */
    chunks(calls: "has-tool-calls" | "no-tool-calls"): readonly Chunk[] | undefined {
      const { stop_reason: reason } = ending;
      if (typeof reason !== "string") return undefined;
      const fields = leftoverFields(ending, endFields);
      const usage = decodeUsage(counters);
      return [
        ...(Object.keys(fields).length === 0
          ? []
          : [{ type: "opaque", choice: 0, extra: { dialect: "anthropic", fields } } as const]),
        {
          type: "finish",
          choice: 0,
          reason: decodeStopReason(reason, calls),
          ...stopSequenceOf(ending["stop_sequence"]),
        },
        ...(usage === undefined ? [] : [{ type: "usage", usage } as const]),
      ];
    },
  };
};

/**
 * Decodes a streamed answer ("Streaming Messages"). The end is given only when `message_stop` has come, so that a
 * stream that was cut never looks finished. Events of unknown types are left out, as the page asks for.
 */
export const openChatStream = (request: ChatRequest, provider: string): StreamDecoder<Chunk> => {
  const blocks = openBlocks(provider, request);
  const ending = openEnding();
  let state: "waiting" | "open" | "ended" = "waiting";

  const start = ({ message }: JsonObject): readonly Chunk[] => {
    if (!isJsonObject(message)) throw malformed(provider, "the start of an answer without the message");
    if (state === "open") return [];
    state = "open";
    ending.count(message["usage"]);
    return [{ type: "start", ...decodeHead(message) }];
  };
  const stop = (): readonly Chunk[] => {
    const last = [...blocks.endAll()];
    const chunks = ending.chunks(blocks.calls);
    if (chunks === undefined) throw malformed(provider, "an answer that does not say why it ended");
    state = "ended";
    return [...last, ...chunks];
  };
  const read = (frame: JsonObject, type: unknown): readonly Chunk[] => {
    if (type === "message_start") return start(frame);
    if (typeof type !== "string" || !handled.has(type)) return [];
    if (state !== "open") throw malformed(provider, "a part of an answer before its start");
    switch (type) {
      case "content_block_start":
        return blocks.begin(frame);
      case "content_block_delta":
        return blocks.delta(frame);
      case "content_block_stop":
        return blocks.end(frame);
      case "message_delta":
        if (isJsonObject(frame["delta"])) ending.read(frame["delta"]);
        ending.count(frame["usage"]);
        return [];
      default:
        return stop();
    }
  };

  return {
    push({ event, data }) {
      if (state === "ended") return [];
      const frame = parseJson(data);
      if (!isJsonObject(frame)) throw malformed(provider, "an event that is not a JSON object");
      if (event === "error" || isErrorBody(frame)) throw failureWithin(provider, frame);
      return read(frame, frame["type"] ?? event);
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

const handled: ReadonlySet<string> = new Set([
  "content_block_start",
  "content_block_delta",
  "content_block_stop",
  "message_delta",
  "message_stop",
]);
