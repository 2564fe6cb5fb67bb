import type { ChatRequest, Message, Tool } from "../../core/chat.ts";
import type { EmbeddingsRequest } from "../../core/embeddings.ts";
import type { Target } from "../../core/model.ts";
import type { Obstacle } from "../../core/ports/provider.ts";
import type { Extra } from "../../core/reply.ts";
import type { TextCompletionRequest } from "../../core/text-completion.ts";
import { asksToReason } from "../reasoning.ts";
import { messageObstacles } from "./message-obstacles.ts";
import type { Quirks } from "./quirks.ts";

const refused = (field: string): Obstacle => ({ field, reason: "This provider does not take this field." });

/** Fields of other dialects that change the answer, so that leaving them out would answer another question. */
const foreignFields: Readonly<Record<string, readonly string[]>> = {
  anthropic: ["mcp_servers", "container"],
  gemini: ["cachedContent", "safetySettings"],
  ollama: ["raw", "template", "context"],
  cohere: ["documents", "connectors", "citation_options"],
};

const extraObstacles = (extra: Extra | undefined, refuses: ReadonlySet<string>): Obstacle[] => {
  if (extra === undefined) return [];
  if (extra.dialect === "openai")
    return Object.entries(extra.fields).flatMap(([field, value]) =>
      refuses.has(field) && value !== null ? [refused(field)] : [],
    );
  return (foreignFields[extra.dialect] ?? []).flatMap((field) =>
    field in extra.fields ? [{ field, reason: "Only providers of the dialect that it came in know this field." }] : [],
  );
};

const refusedFields = (quirks: Quirks, target: Target): ReadonlySet<string> =>
  new Set(target.facts.reasoning === true ? [...quirks.refuses, ...quirks.reasoningModelsRefuse] : quirks.refuses);

/** Of the named fields, those that are given and that the server refuses. */
const given = (fields: Readonly<Record<string, unknown>>, refuses: ReadonlySet<string>): Obstacle[] =>
  Object.entries(fields).flatMap(([field, value]) =>
    value !== undefined && refuses.has(field) ? [refused(field)] : [],
  );

const toolObstacles = (tools: readonly Tool[] | undefined): Obstacle[] =>
  (tools ?? []).flatMap((tool, index) =>
    tool.type === "opaque" && tool.dialect !== "openai"
      ? [{ field: `tools.${index}`, reason: `Only providers of the ${tool.dialect} dialect know this type of tool.` }]
      : [],
  );

const choiceObstacles = (n: number | undefined, quirks: Quirks): Obstacle[] =>
  n !== undefined && quirks.maxChoices !== undefined && n > quirks.maxChoices
    ? [{ field: "n", reason: `This provider gives at most ${quirks.maxChoices} choice per request.` }]
    : [];

const formatObstacles = ({ responseFormat }: ChatRequest, quirks: Quirks): Obstacle[] =>
  responseFormat !== undefined &&
  responseFormat.kind !== "text" &&
  !quirks.responseFormats.includes(responseFormat.kind)
    ? [{ field: "response_format", reason: `This provider has no structured output of kind '${responseFormat.kind}'.` }]
    : [];

const reasoningObstacles = (request: ChatRequest, target: Target): Obstacle[] =>
  target.facts.reasoning === false && asksToReason(request)
    ? [{ field: "reasoning_effort", reason: `Model '${target.model}' does not reason.` }]
    : [];

const opaqueChoice = ({ toolChoice }: ChatRequest): Obstacle[] =>
  toolChoice?.kind === "opaque" && toolChoice.dialect !== "openai"
    ? [{ field: "tool_choice", reason: `Only providers of the ${toolChoice.dialect} dialect know this choice.` }]
    : [];

/** What of a chat request a server with these quirks cannot carry. */
export const chatObstacles = (request: ChatRequest, target: Target, quirks: Quirks): readonly Obstacle[] => {
  const refuses = refusedFields(quirks, target);
  const fields = {
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
  };
  return [
    ...given(fields, refuses),
    ...choiceObstacles(request.n, quirks),
    ...formatObstacles(request, quirks),
    ...reasoningObstacles(request, target),
    ...toolObstacles(request.tools),
    ...opaqueChoice(request),
    ...request.messages.flatMap((message: Message, index) => messageObstacles(message, index, quirks)),
    ...extraObstacles(request.extra, refuses),
  ];
};

const tokenObstacles = (field: string, values: readonly unknown[], quirks: Quirks): Obstacle[] =>
  quirks.tokenInputs === "refused" && values.some(Array.isArray)
    ? [{ field, reason: "This provider takes text only, no token numbers." }]
    : [];

/** What of a request for embeddings a server with these quirks cannot carry. */
export const embeddingsObstacles = (
  request: EmbeddingsRequest,
  target: Target,
  quirks: Quirks,
): readonly Obstacle[] => {
  const refuses = refusedFields(quirks, target);
  return [
    ...given({ dimensions: request.dimensions, user: request.user }, refuses),
    ...tokenObstacles("input", request.input, quirks),
    ...extraObstacles(request.extra, refuses),
  ];
};

/** What of a text completion a server with these quirks cannot carry. */
export const textObstacles = (request: TextCompletionRequest, target: Target, quirks: Quirks): readonly Obstacle[] => {
  const refuses = refusedFields(quirks, target);
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
    ...given(fields, refuses),
    ...choiceObstacles(request.n, quirks),
    ...tokenObstacles("prompt", request.prompt, quirks),
    ...extraObstacles(request.extra, refuses),
  ];
};
