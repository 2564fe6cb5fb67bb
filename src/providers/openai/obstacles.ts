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

/** Of the fields that are given, known to the internal form or not, those that the server refuses. */
const refusedFields = (
  known: Readonly<Record<string, unknown>>,
  extra: Extra | undefined,
  refuses: readonly string[],
): Obstacle[] => {
  const own = extra?.dialect === "openai" ? extra.fields : undefined;
  const isGiven = (field: string): boolean =>
    known[field] !== undefined || (own !== undefined && Object.hasOwn(own, field) && own[field] !== null);
  return refuses.flatMap((field) => (isGiven(field) ? [{ field, reason: "this provider does not take it" }] : []));
};

const toolObstacles = (tools: readonly Tool[] | undefined): Obstacle[] =>
  (tools ?? []).flatMap((tool, index) =>
    tool.type === "opaque" && tool.dialect !== "openai"
      ? [{ field: `tools.${index}`, reason: `only providers of the ${tool.dialect} dialect know this type of tool` }]
      : [],
  );

const choiceObstacles = (n: number | undefined, quirks: Quirks): Obstacle[] =>
  n !== undefined && quirks.maxChoices !== undefined && n > quirks.maxChoices
    ? [{ field: "n", reason: `this provider gives at most ${quirks.maxChoices} choice per request` }]
    : [];

const formatObstacles = ({ responseFormat }: ChatRequest, quirks: Quirks): Obstacle[] =>
  responseFormat !== undefined &&
  responseFormat.kind !== "text" &&
  !quirks.responseFormats.includes(responseFormat.kind)
    ? [{ field: "response_format", reason: `this provider has no structured output of kind '${responseFormat.kind}'` }]
    : [];

const reasoningObstacles = (request: ChatRequest, target: Target): Obstacle[] =>
  target.facts.reasoning === false && asksToReason(request)
    ? [{ field: "reasoning_effort", reason: `model '${target.model}' does not reason` }]
    : [];

const opaqueChoice = ({ toolChoice }: ChatRequest): Obstacle[] =>
  toolChoice?.kind === "opaque" && toolChoice.dialect !== "openai"
    ? [{ field: "tool_choice", reason: `only providers of the ${toolChoice.dialect} dialect know this choice` }]
    : [];

/** What of a chat request a server with these quirks cannot carry. */
export const chatObstacles = (request: ChatRequest, target: Target, quirks: Quirks): readonly Obstacle[] => {
  const refuses = refusedNames(quirks, target);
  const obstacles = refuses.length === 0 ? [] : refusedFields(chatFields(request), request.extra, refuses);
  obstacles.push(
    ...choiceObstacles(request.n, quirks),
    ...formatObstacles(request, quirks),
    ...reasoningObstacles(request, target),
    ...toolObstacles(request.tools),
    ...opaqueChoice(request),
    ...foreignObstacles(request.extra, "openai"),
  );
  addMessageObstacles(obstacles, request.messages, messageRules(quirks));
  return obstacles;
};

/** By their names in this dialect. */
const chatFields = (request: ChatRequest): Readonly<Record<string, unknown>> => ({
  tools: request.tools,
  tool_choice: request.toolChoice,
  parallel_tool_calls: request.parallelToolCalls,
  temperature: request.temperature,
  top_p: request.topP,
  top_k: request.topK,
  stop: request.stop,
  seed: request.seed,
  frequency_penalty: request.frequencyPenalty,
  presence_penalty: request.presencePenalty,
  logit_bias: request.logitBias,
  logprobs: request.logprobs,
  top_logprobs: request.topLogprobs,
  reasoning_effort: request.reasoning,
  user: request.user,
  metadata: request.metadata,
});

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
  return [
    ...refusedFields(fields, request.extra, refuses),
    ...choiceObstacles(request.n, quirks),
    ...tokenObstacles("prompt", request.prompt, quirks),
    ...foreignObstacles(request.extra, "openai"),
  ];
};
