import type { Call } from "../core/call.ts";
import type { ChatRequest } from "../core/chat.ts";
import type { Modality, Target } from "../core/model.ts";
import type { OperationName } from "../core/operations.ts";
import type { Obstacle, Translator } from "../core/ports/provider.ts";
import type { Candidate } from "../core/route.ts";

/** The estimate may err by so much before a context window counts as too small; the provider has the last word. */
const estimateMargin = 0.75;

export type TranslatorOf = (target: Target, operation: OperationName) => Translator<OperationName> | undefined;

/** The kinds of input beside text that a chat request holds. */
const modalitiesOf = (request: ChatRequest): ReadonlyMap<Modality, string> => {
  const found = new Map<Modality, string>();
  request.messages.forEach((message, index) => {
    message.content.forEach((part, place) => {
      const field = `messages.${index}.content.${place}`;
      if (part.type === "image" && !found.has("image")) found.set("image", field);
      if (part.type === "audio" && !found.has("audio")) found.set("audio", field);
    });
  });
  return found;
};

const chatObstacles = (request: ChatRequest, { facts }: Target): Obstacle[] => {
  const obstacles: Obstacle[] = [];
  if (facts.embeddings === true) obstacles.push({ field: "model", reason: "it makes embeddings, not answers" });
  if (request.tools !== undefined && facts.tools === false)
    obstacles.push({ field: "tools", reason: "it takes no tools" });
  if (facts.inputModalities !== undefined)
    for (const [modality, field] of modalitiesOf(request))
      if (!facts.inputModalities.includes(modality)) obstacles.push({ field, reason: `it takes no ${modality} input` });
  return obstacles;
};

const contextObstacle = (call: Call, { facts }: Target): Obstacle | undefined => {
  if (facts.contextTokens === undefined || facts.contextTokens === 0) return undefined;
  const estimate = call.scope.estimatedInputTokens;
  if (estimate * estimateMargin <= facts.contextTokens) return undefined;
  return {
    field: call.operation === "chat" ? "messages" : call.operation === "embeddings" ? "input" : "prompt",
    reason: `its context holds ${facts.contextTokens} tokens, the request has about ${estimate}`,
  };
};

/** Why a candidate cannot take a call: the first obstacle; undefined where it can. */
export const obstacleOf = (call: Call, { target }: Candidate, translatorOf: TranslatorOf): Obstacle | undefined => {
  const translator = translatorOf(target, call.operation);
  if (translator === undefined)
    return { field: "model", reason: `provider '${target.provider}' does not serve ${call.operation}` };
  const unsupported = translator.unsupported(call.request as never, target)[0];
  if (unsupported !== undefined) return unsupported;
  const declared = call.operation === "chat" ? chatObstacles(call.request as ChatRequest, target)[0] : undefined;
  return declared ?? contextObstacle(call, target);
};

/** Whether the caller's key reaches a target. */
export const isPermitted = (call: Call, { id, model }: Target): boolean => {
  const { models } = call.caller;
  return models === null || models.has(id) || models.has(model);
};
