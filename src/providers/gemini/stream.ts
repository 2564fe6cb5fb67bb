import { type JsonObject, parseJson } from "../../core/json.ts";
import type { Frame, StreamDecoder } from "../../core/ports/provider.ts";
import type { Chunk } from "../../core/reply.ts";
import type { Usage } from "../../core/usage.ts";
import { malformed } from "../upstream-error.ts";
import { refuseBlockedPrompt } from "./errors.ts";
import { candidateIndex, readAnswer, readCandidates, textOf } from "./read-answer.ts";
import { openCandidates } from "./stream-candidates.ts";
import { readUsage } from "./usage.ts";

/**
 * Decodes `streamGenerateContent?alt=sse`: each event is an answer with the next parts; function calls come whole. The
 * format has no closing event, so an answer is complete once every candidate has said why it ended.
 */
export const openChatStream = (provider: string, choices: number): StreamDecoder<Chunk> => {
  const candidates = openCandidates(provider);
  let id = "";
  let hasStarted = false;
  let usage: Usage | undefined;
  let hasGivenUsage = false;

  const start = (answer: JsonObject): readonly Chunk[] => {
    if (hasStarted) return [];
    hasStarted = true;
    id = textOf(answer["responseId"]);
    return [{ type: "start", id, created: 0, model: textOf(answer["modelVersion"]) }];
  };

  const giveUsage = (): readonly Chunk[] => {
    if (usage === undefined || hasGivenUsage) return [];
    hasGivenUsage = true;
    return [{ type: "usage", usage }];
  };

  return {
    get ended() {
      return hasGivenUsage;
    },
    push(frame: Frame) {
      if (hasGivenUsage) return [];
      const answer = readAnswer(parseJson(frame.data), provider);
      const found = readCandidates(answer, provider);
      if (found.length === 0) refuseBlockedPrompt(answer["promptFeedback"], provider);
      usage = readUsage(answer["usageMetadata"]) ?? usage;
      const pieces = [...start(answer)];
      for (const [position, candidate] of found.entries())
        pieces.push(...candidates.read(candidate, { index: candidateIndex(candidate, position), id }));
      // Counts grow with the stream: only those of the event that completes it, or of a later one, are final.
      return candidates.areComplete(choices) && "usageMetadata" in answer ? [...pieces, ...giveUsage()] : pieces;
    },
    end() {
      if (!candidates.areComplete(choices)) throw malformed(provider, "a stream that was cut before its end");
      return giveUsage();
    },
  };
};
