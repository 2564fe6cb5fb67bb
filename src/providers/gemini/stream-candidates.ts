import type { AssistantPart } from "../../core/chat.ts";
import type { JsonObject } from "../../core/json.ts";
import type { Chunk } from "../../core/reply.ts";
import { openToolCallIds, type ToolCallIds } from "../tool-call-ids.ts";
import { readFinishReason } from "./finish-reason.ts";
import { readLogprobs } from "./logprobs.ts";
import { readProvenance } from "./read-answer.ts";
import { readParts } from "./read-parts.ts";

/** What one candidate of the stream has said so far. */
interface CandidateState {
  readonly ids: ToolCallIds;
  /** Of made-up ids: the answer's own id, and which candidate of it. */
  readonly seed: string;
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

/** Reads the candidates of one stream, whose parts come in any mixture. */
export const openCandidates = (provider: string) => {
  const candidates = new Map<number, CandidateState>();
  const stateOf = (index: number, id: string): CandidateState => {
    const known = candidates.get(index);
    if (known !== undefined) return known;
    const state = { ids: openToolCallIds(), seed: `${id}/${index}`, toolCalls: 0, isFinished: false };
    candidates.set(index, state);
    return state;
  };
  return {
    /** `id` is the answer's; what comes after a candidate's end is not read. */
    read(candidate: JsonObject, { index, id }: { readonly index: number; readonly id: string }): readonly Chunk[] {
      const state = stateOf(index, id);
      if (state.isFinished) return [];
      const parts = readParts(candidate, { ...state, provider });
      const chunks = parts.flatMap((part) => chunksOf(part, index, state));
      const pieces = [...withLogprobs(chunks, index, readLogprobs(candidate["logprobsResult"]))];
      const fields = readProvenance(candidate);
      if (fields !== undefined) pieces.push({ type: "opaque", choice: index, extra: { dialect: "gemini", fields } });
      const finish = candidate["finishReason"];
      if (typeof finish !== "string" || finish === "FINISH_REASON_UNSPECIFIED") return pieces;
      const reason = readFinishReason(finish, { hasToolCalls: state.toolCalls > 0, provider });
      state.isFinished = true;
      return [...pieces, { type: "finish", choice: index, reason }];
    },
    /** True once as many candidates as were asked for have said why they ended, and none is under way. */
    areComplete: (asked: number): boolean =>
      candidates.size > 0 && candidates.size >= asked && [...candidates.values()].every((state) => state.isFinished),
  };
};
