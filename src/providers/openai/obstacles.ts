import type { ChatRequest, Tool } from "../../core/chat.ts";
import type { EmbeddingsRequest } from "../../core/embeddings.ts";
import type { Target } from "../../core/model.ts";
import type { Obstacle } from "../../core/ports/provider.ts";
import type { Extra } from "../../core/reply.ts";
import type { TextCompletionRequest } from "../../core/text-completion.ts";
import { foreignObstacles } from "../foreign-fields.ts";
import { addMessageObstacles } from "../message-obstacles.ts";
import { asksToReason } from "../reasoning.ts";
import { messageRules } from "./message-obstacles.ts";
import type { Quirks } from "./quirks.ts";

const refusedNames = (quirks: Quirks, target: Target): readonly string[] =>
  target.facts.reasoning === true && quirks.reasoningModelsRefuse.length > 0
    ? [...quirks.refuses, ...quirks.reasoningModelsRefuse]
    : quirks.refuses;

/** Whether a field is given: known to the internal form or not. */
const isGiven = (known: unknown, extra: Extra | undefined, field: string): boolean => {
  if (known !== undefined) return true;
  if (extra?.dialect !== "openai") return false;
  return Object.hasOwn(extra.fields, field) && extra.fields[field] !== null;
};

const refusedField = (field: string): Obstacle => ({ field, reason: "this provider does not take it" });

/** Of the fields that are given, those that the server refuses. */
const refusedFields = (
  known: Readonly<Record<string, unknown>>,
  extra: Extra | undefined,
  refuses: readonly string[],
): Obstacle[] => refuses.filter((field) => isGiven(known[field], extra, field)).map(refusedField);

const addToolObstacles = (obstacles: Obstacle[], tools: readonly Tool[]): void => {
  for (const [index, tool] of tools.entries())
    if (tool.type === "opaque" && tool.dialect !== "openai")
      obstacles.push({
        field: `tools.${index}`,
        reason: `only providers of the ${tool.dialect} dialect know this type of tool`,
      });
};

const choiceObstacle = (n: number | undefined, { maxChoices }: Quirks): Obstacle | undefined =>
  n !== undefined && maxChoices !== undefined && n > maxChoices
    ? { field: "n", reason: `this provider gives at most ${maxChoices} choice per request` }
    : undefined;

const formatObstacle = ({ responseFormat }: ChatRequest, quirks: Quirks): Obstacle | undefined =>
  responseFormat !== undefined &&
  responseFormat.kind !== "text" &&
  !quirks.responseFormats.includes(responseFormat.kind)
    ? { field: "response_format", reason: `this provider has no structured output of kind '${responseFormat.kind}'` }
    : undefined;

const reasoningObstacle = (request: ChatRequest, target: Target): Obstacle | undefined =>
  target.facts.reasoning === false && asksToReason(request)
    ? { field: "reasoning_effort", reason: `model '${target.model}' does not reason` }
    : undefined;

const opaqueChoice = ({ toolChoice }: ChatRequest): Obstacle | undefined =>
  toolChoice?.kind === "opaque" && toolChoice.dialect !== "openai"
    ? { field: "tool_choice", reason: `only providers of the ${toolChoice.dialect} dialect know this choice` }
    : undefined;

const add = (obstacles: Obstacle[], obstacle: Obstacle | undefined): void => {
  if (obstacle !== undefined) obstacles.push(obstacle);
};

/**
 * What of a chat request a server with these quirks cannot carry. It runs for every candidate of every call, so that a
 * request without obstacles makes nothing but the empty list.
 */
export const chatObstacles = (request: ChatRequest, target: Target, quirks: Quirks): readonly Obstacle[] => {
  const obstacles: Obstacle[] = [];
  for (const field of refusedNames(quirks, target))
    if (isGiven(chatField(request, field), request.extra, field)) obstacles.push(refusedField(field));
  add(obstacles, choiceObstacle(request.n, quirks));
  add(obstacles, formatObstacle(request, quirks));
  add(obstacles, reasoningObstacle(request, target));
  if (request.tools !== undefined) addToolObstacles(obstacles, request.tools);
  add(obstacles, opaqueChoice(request));
  if (request.extra !== undefined) obstacles.push(...foreignObstacles(request.extra, "openai"));
  addMessageObstacles(obstacles, request.messages, messageRules(quirks));
  return obstacles;
};

/** Their names in this dialect and in the internal form. */
const chatFields: ReadonlyMap<string, keyof ChatRequest> = new Map(
  Object.entries({
    tools: "tools",
    tool_choice: "toolChoice",
    parallel_tool_calls: "parallelToolCalls",
    temperature: "temperature",
    top_p: "topP",
    top_k: "topK",
    stop: "stop",
    seed: "seed",
    frequency_penalty: "frequencyPenalty",
    presence_penalty: "presencePenalty",
    logit_bias: "logitBias",
    logprobs: "logprobs",
    top_logprobs: "topLogprobs",
    reasoning_effort: "reasoning",
    user: "user",
    metadata: "metadata",
  } as const),
);

const chatField = (request: ChatRequest, field: string): unknown => {
  const name = chatFields.get(field);
  return name === undefined ? undefined : request[name];
};

const tokenObstacles = (field: string, values: readonly unknown[], quirks: Quirks): Obstacle[] =>
  quirks.tokenInputs === "refused" && values.some(Array.isArray)
    ? [{ field, reason: "this provider takes text only, no token numbers" }]
    : [];

/** What of a request for embeddings a server with these quirks cannot carry. */
export const embeddingsObstacles = (
  request: EmbeddingsRequest,
  target: Target,
  quirks: Quirks,
): readonly Obstacle[] => {
  const refuses = refusedNames(quirks, target);
  return [
    ...refusedFields({ dimensions: request.dimensions, user: request.user }, request.extra, refuses),
    ...tokenObstacles("input", request.input, quirks),
    ...foreignObstacles(request.extra, "openai"),
  ];
};

/** What of a text completion a server with these quirks cannot carry. */
export const textObstacles = (request: TextCompletionRequest, target: Target, quirks: Quirks): readonly Obstacle[] => {
  const refuses = refusedNames(quirks, target);
  const fields = {
    suffix: request.suffix,
    echo: request.echo,
    best_of: request.bestOf,
    temperature: request.temperature,
    top_p: request.topP,
    stop: request.stop,
    seed: request.seed,
    frequency_penalty: request.frequencyPenalty,
    presence_penalty: request.presencePenalty,
    logit_bias: request.logitBias,
    logprobs: request.logprobs,
    user: request.user,
  };
  const choices = choiceObstacle(request.n, quirks);
  return [
    ...refusedFields(fields, request.extra, refuses),
    ...(choices === undefined ? [] : [choices]),
    ...tokenObstacles("prompt", request.prompt, quirks),
    ...foreignObstacles(request.extra, "openai"),
  ];
};
