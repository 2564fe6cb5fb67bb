import type { Call } from "../core/call.ts";
import type { ChatRequest } from "../core/chat.ts";
import type { Modality, Target } from "../core/model.ts";
import type { OperationName } from "../core/operations.ts";
import type { Obstacle, Translator } from "../core/ports/provider.ts";
import { reachesModel } from "../core/reaches-model.ts";
import type { Candidate } from "../core/route.ts";

/** The estimate may err by so much before a context window counts as too small; the provider has the last word. */
const estimateMargin = 0.75;

export type TranslatorOf = (target: Target, operation: OperationName) => Translator<OperationName> | undefined;

/** The first part beside text that a chat request holds and a model does not take. */
const modalityObstacle = ({ messages }: ChatRequest, taken: readonly Modality[]): Obstacle | undefined => {
  for (const [index, { content }] of messages.entries())
    for (const [place, { type }] of content.entries())
      if ((type === "image" || type === "audio") && !taken.includes(type))
        return { field: `messages.${index}.content.${place}`, reason: `it takes no ${type} input` };
  return undefined;
};

const chatObstacle = (request: ChatRequest, { facts }: Target): Obstacle | undefined => {
  if (facts.embeddings === true) return { field: "model", reason: "it makes embeddings, not answers" };
  if (request.tools !== undefined && facts.tools === false) return { field: "tools", reason: "it takes no tools" };
  return facts.inputModalities === undefined ? undefined : modalityObstacle(request, facts.inputModalities);
};

/** No estimate comes to more tokens for a byte of the request: a page of a file named by its id has the most. */
const mostTokensPerByte = 64;

const contextObstacle = (call: Call, { facts }: Target): Obstacle | undefined => {
  if (facts.contextTokens === undefined || facts.contextTokens === 0) return undefined;
  if (call.wire.bytes * mostTokensPerByte <= facts.contextTokens) return undefined;
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
  const declared = call.operation === "chat" ? chatObstacle(call.request as ChatRequest, target) : undefined;
  return declared ?? contextObstacle(call, target);
};

/** Whether the caller's key reaches a target. */
export const isPermitted = (call: Call, target: Target): boolean => reachesModel(call.caller, target);
