import type { AssistantPart } from "../../core/chat.ts";
import type { JsonObject } from "../../core/json.ts";
import type { Choice, Completion } from "../../core/reply.ts";
import { openToolCallIds } from "../tool-call-ids.ts";
import { malformed } from "../upstream-error.ts";
import { refuseBlockedPrompt } from "./errors.ts";
import { readFinishReason } from "./finish-reason.ts";
import { readLogprobs } from "./logprobs.ts";
import { candidateIndex, readAnswer, readCandidates, readProvenance, textOf } from "./read-answer.ts";
import { readParts } from "./read-parts.ts";
import { readUsage } from "./usage.ts";

/** Adjacent texts, or thoughts, without data of their own are one part, as they are when they were streamed. */
const joinProse = (parts: readonly AssistantPart[]): readonly AssistantPart[] => {
  const joined: AssistantPart[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    const isProse = part.type === "text" || part.type === "reasoning";
    if (isProse && last?.type === part.type && last.providerData === undefined && part.providerData === undefined)
      joined[joined.length - 1] = { ...last, text: last.text + part.text };
    else joined.push(part);
  }
  return joined;
};

const readChoice = (candidate: JsonObject, context: { index: number; id: string; provider: string }): Choice => {
  const { index, id, provider } = context;
  const finishReason = candidate["finishReason"];
  if (typeof finishReason !== "string") throw malformed(provider, "a candidate that does not say why it ended");
  const content = joinProse(readParts(candidate, { ids: openToolCallIds(), seed: `${id}/${index}`, provider }));
  const hasToolCalls = content.some(({ type }) => type === "toolCall");
  const logprobs = readLogprobs(candidate["logprobsResult"]);
  const fields = readProvenance(candidate);
  return {
    index,
    content,
    finishReason: readFinishReason(finishReason, { hasToolCalls, provider }),
    ...(logprobs === undefined ? {} : { logprobs }),
    ...(fields === undefined ? {} : { extra: { dialect: "gemini", fields } }),
  };
};

/** A whole answer of `generateContent`. */
export const decodeChat = (body: unknown, provider: string): Completion => {
  const answer = readAnswer(body, provider);
  const candidates = readCandidates(answer, provider);
  if (candidates.length === 0) {
    refuseBlockedPrompt(answer["promptFeedback"], provider);
    throw malformed(provider, "an answer without candidates");
  }
  const id = textOf(answer["responseId"]);
  const usage = readUsage(answer["usageMetadata"]);
  return {
    id,
    created: 0,
    model: textOf(answer["modelVersion"]),
    choices: candidates.map((candidate, position) =>
      readChoice(candidate, { index: candidateIndex(candidate, position), id, provider }),
    ),
    ...(usage === undefined ? {} : { usage }),
  };
};
