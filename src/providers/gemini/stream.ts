import type { AssistantPart } from "../../core/chat.ts";
import { type JsonObject, parseJson } from "../../core/json.ts";
import type { Target } from "../../core/model.ts";
import type { Frame, StreamDecoder } from "../../core/ports/provider.ts";
import type { Chunk } from "../../core/reply.ts";
import type { Usage } from "../../core/usage.ts";
import { malformed } from "../upstream-error.ts";
import { refuseBlockedPrompt } from "./errors.ts";
import { readFinishReason } from "./finish-reason.ts";
import { readLogprobs } from "./logprobs.ts";
import { candidateIndex, readAnswer, readCandidates, readProvenance, textOf } from "./read-answer.ts";
import { type CallIds, openCallIds, readParts } from "./read-parts.ts";
import { readUsage } from "./usage.ts";

/** What one candidate of the stream has said so far. */
interface CandidateState {
  readonly ids: CallIds;
  toolCalls: number;
  isFinished: boolean;
}

/** The chunks of one part. A text chunk cannot carry a signature, so an empty reasoning after it does. */
const chunksOf = (part: AssistantPart, choice: number, state: CandidateState): readonly Chunk[] => {
  if (part.type === "opaque") return [{ type: "opaque", choice, extra: { dialect: part.dialect, fields: part.value } }];
  const { providerData } = part;
  const carried = providerData === undefined ? {} : { providerData };
  if (part.type === "toolCall") {
    const { id, name, arguments: text } = part;
    return [{ type: "toolCall", choice, toolIndex: state.toolCalls++, id, name, arguments: text, ...carried }];
  }
  if (part.type === "reasoning") return [{ type: "reasoning", choice, text: part.text, ...carried }];
  const text: readonly Chunk[] = part.text === "" ? [] : [{ type: "text", choice, text: part.text }];
  return providerData === undefined ? text : [...text, { type: "reasoning", choice, text: "", providerData }];
};

/** Puts a frame's log-probabilities on its first text; without a text they stand on an empty one. */
const withLogprobs = (chunks: readonly Chunk[], choice: number, logprobs: JsonObject | undefined): readonly Chunk[] => {
  if (logprobs === undefined) return chunks;
  const at = chunks.findIndex(({ type }) => type === "text");
  const chunk = chunks[at];
  if (chunk?.type !== "text") return [...chunks, { type: "text", choice, text: "", logprobs }];
  return chunks.with(at, { ...chunk, logprobs });
};

/**
 * Decodes `streamGenerateContent?alt=sse`: each event is an answer with the next parts; function calls come whole. The
 * format has no closing event, so an answer is complete once every candidate has said why it ended.
 */
export const openChatStream = (target: Target, choices: number): StreamDecoder<Chunk> => {
  const { provider } = target;
  const candidates = new Map<number, CandidateState>();
  let id = "";
  let hasStarted = false;
  let usage: Usage | undefined;
  let hasGivenUsage = false;

  const isComplete = (): boolean =>
    candidates.size > 0 && candidates.size >= choices && [...candidates.values()].every((state) => state.isFinished);

  const stateOf = (index: number): CandidateState => {
    const known = candidates.get(index);
    if (known !== undefined) return known;
    const state = { ids: openCallIds(`${id}/${index}`), toolCalls: 0, isFinished: false };
    candidates.set(index, state);
    return state;
  };

  const readCandidate = (candidate: JsonObject, index: number): readonly Chunk[] => {
    const state = stateOf(index);
    if (state.isFinished) return [];
    const parts = readParts(candidate, { ids: state.ids, provider });
    const chunks = parts.flatMap((part) => chunksOf(part, index, state));
    const pieces = [...withLogprobs(chunks, index, readLogprobs(candidate["logprobsResult"]))];
    const fields = readProvenance(candidate);
    if (fields !== undefined) pieces.push({ type: "opaque", choice: index, extra: { dialect: "gemini", fields } });
    const finish = candidate["finishReason"];
    if (typeof finish === "string" && finish !== "FINISH_REASON_UNSPECIFIED") {
      const reason = readFinishReason(finish, { hasToolCalls: state.toolCalls > 0, provider });
      state.isFinished = true;
      pieces.push({ type: "finish", choice: index, reason });
    }
    return pieces;
  };

  const start = (answer: JsonObject): readonly Chunk[] => {
    if (hasStarted) return [];
    hasStarted = true;
    id = textOf(answer["responseId"]);
    return [{ type: "start", id, created: 0, model: textOf(answer["modelVersion"]) || target.model }];
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
      const answer = readAnswer(parseJson(frame.data), target);
      const found = readCandidates(answer, provider);
      if (found.length === 0) refuseBlockedPrompt(answer["promptFeedback"], provider);
      usage = readUsage(answer["usageMetadata"]) ?? usage;
      const pieces = [...start(answer)];
      for (const [position, candidate] of found.entries())
        pieces.push(...readCandidate(candidate, candidateIndex(candidate, position)));
      // Counts grow with the stream: only those of the event that completes it, or of a later one, are final.
      return isComplete() && "usageMetadata" in answer ? [...pieces, ...giveUsage()] : pieces;
    },
    end() {
      if (!isComplete()) throw malformed(provider, "a stream that was cut before its end");
      return giveUsage();
    },
  };
};
