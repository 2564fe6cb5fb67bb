import type { JsonObject } from "../../core/json.ts";
import type { Target } from "../../core/model.ts";
import type { Choice, Completion } from "../../core/reply.ts";
import { malformed } from "../upstream-error.ts";
import { refuseBlockedPrompt } from "./errors.ts";
import { readFinishReason } from "./finish-reason.ts";
import { readLogprobs } from "./logprobs.ts";
import { candidateIndex, readAnswer, readCandidates, readProvenance, textOf } from "./read-answer.ts";
import { openCallIds, readParts } from "./read-parts.ts";
import { readUsage } from "./usage.ts";

const readChoice = (candidate: JsonObject, context: { index: number; id: string; provider: string }): Choice => {
  const { index, id, provider } = context;
  const finishReason = candidate["finishReason"];
  if (typeof finishReason !== "string") throw malformed(provider, "a candidate that does not say why it ended");
  const content = readParts(candidate, { ids: openCallIds(`${id}/${index}`), provider });
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
export const decodeChat = (body: unknown, target: Target): Completion => {
  const { provider } = target;
  const answer = readAnswer(body, target);
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
    model: textOf(answer["modelVersion"]) || target.model,
    choices: candidates.map((candidate, position) =>
      readChoice(candidate, { index: candidateIndex(candidate, position), id, provider }),
    ),
    ...(usage === undefined ? {} : { usage }),
  };
};
