import { type JsonObject, parseJson } from "../../core/json.ts";
import type { StreamDecoder } from "../../core/ports/provider.ts";
import type { Chunk } from "../../core/reply.ts";
import { malformed } from "../upstream-error.ts";
import { messageOf } from "./decode-chat.ts";
import { readChatLogprobs, readTextLogprobs } from "./logprobs.ts";
import {
  openCalls,
  readAnswer,
  readCreated,
  readFinishReason,
  readModel,
  readSeed,
  readText,
  readUsage,
} from "./read-answer.ts";

/** Reads the content of the lines of one stream. */
interface ContentReader {
  read(line: JsonObject): readonly Chunk[];
  readonly hasToolCalls: boolean;
}

/** A stream of lines, of which the last says `done` ("Streaming", docs.ollama.com). */
const openLines = (provider: string, content: ContentReader): StreamDecoder<Chunk> => {
  let hasStarted = false;
  let ended = false;
  const start = (line: JsonObject): readonly Chunk[] => {
    if (hasStarted) return [];
    hasStarted = true;
    return [{ type: "start", id: "", created: readCreated(line), model: readModel(line) }];
  };
  const finish = (line: JsonObject): readonly Chunk[] => {
    const usage = readUsage(line);
    const reason = readFinishReason(line, { hasToolCalls: content.hasToolCalls });
    const end: Chunk = { type: "finish", choice: 0, reason };
    return usage === undefined ? [end] : [end, { type: "usage", usage }];
  };
  return {
    get ended() {
      return ended;
    },
    push(frame) {
      if (ended) return [];
      const line = readAnswer(parseJson(frame.data), provider);
      const pieces = [...start(line), ...content.read(line)];
      if (line["done"] !== true) return pieces;
      ended = true;
      return [...pieces, ...finish(line)];
    },
    end() {
      if (!ended) throw malformed(provider, "a stream that was cut before its end");
      return [];
    },
  };
};

/** Decodes a streamed `/api/chat`. Tool calls come whole, each line with further ones. */
export const openChatStream = (provider: string): StreamDecoder<Chunk> => {
  const calls = openCalls(provider);
  let seed: string | undefined;
  return openLines(provider, {
    get hasToolCalls() {
      return calls.count > 0;
    },
    read(line) {
      const message = messageOf(line, provider);
      seed ??= readSeed(line);
      const pieces: Chunk[] = [];
      const thinking = readText(message["thinking"], provider);
      const text = readText(message["content"], provider);
      if (thinking !== "") pieces.push({ type: "reasoning", choice: 0, text: thinking });
      // While a parser holds text back, its log-probabilities come with an empty text; those of thinking are left.
      const logprobs = text === "" && thinking !== "" ? undefined : readChatLogprobs(line["logprobs"]);
      if (text !== "" || logprobs !== undefined)
        pieces.push({ type: "text", choice: 0, text, ...(logprobs === undefined ? {} : { logprobs }) });
      const first = calls.count;
      for (const [index, call] of calls.read(message["tool_calls"], seed).entries())
        pieces.push({ type: "toolCall", choice: 0, toolIndex: first + index, ...call });
      return pieces;
    },
  });
};

/** Decodes a streamed `/api/generate`. */
export const openTextStream = (provider: string): StreamDecoder<Chunk> => {
  let offset = 0;
  return openLines(provider, {
    hasToolCalls: false,
    read(line) {
      const text = readText(line["response"], provider);
      const logprobs = readTextLogprobs(line["logprobs"], offset);
      offset += text.length;
      if (text === "" && logprobs === undefined) return [];
      return [{ type: "text", choice: 0, text, ...(logprobs === undefined ? {} : { logprobs }) }];
    },
  });
};
