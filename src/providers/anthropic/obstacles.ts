import type { ChatRequest } from "../../core/chat.ts";
import type { Target } from "../../core/model.ts";
import type { Obstacle } from "../../core/ports/provider.ts";
import { foreignObstacles } from "./foreign-fields.ts";
import { messageObstacles } from "./message-obstacles.ts";
import { type ModelTraits, traitsOf } from "./model-traits.ts";
import { isObjectSchema, needsAnswerTool } from "./structured-output.ts";
import { asksNotToReason, planThinking, smallestBudget } from "./thinking.ts";

/** Fields without a counterpart, as far as they ask for more than the default. */
const absentFields = (request: ChatRequest): Obstacle[] => {
  const asked: Readonly<Record<string, boolean>> = {
    n: (request.n ?? 1) > 1,
    seed: request.seed !== undefined,
    frequency_penalty: (request.frequencyPenalty ?? 0) !== 0,
    presence_penalty: (request.presencePenalty ?? 0) !== 0,
    logit_bias: Object.keys(request.logitBias ?? {}).length > 0,
    logprobs: request.logprobs === true,
    top_logprobs: (request.topLogprobs ?? 0) > 0,
  };
  return Object.entries(asked).flatMap(([field, isAsked]) =>
    isAsked ? [{ field, reason: "Anthropic's API has no such field." }] : [],
  );
};

const samplingObstacles = (request: ChatRequest, target: Target, traits: ModelTraits): Obstacle[] => {
  const { temperature, topP, topK } = request;
  const obstacles: Obstacle[] = [];
  const add = (field: string, reason: string) => obstacles.push({ field, reason });
  const isWarm = temperature !== undefined && temperature !== 1;
  const isCut = topP !== undefined && topP !== 1;
  if (isWarm && temperature > 1) add("temperature", "Anthropic's API takes temperatures from 0 to 1.");
  if (target.facts.temperature === false) {
    const reason = `Model '${target.model}' takes its default only.`;
    if (isWarm) add("temperature", reason);
    if (isCut) add("top_p", reason);
    if (topK !== undefined) add("top_k", reason);
  } else if (traits.oneSamplingField && isWarm && isCut)
    add("top_p", `Model '${target.model}' takes either temperature or top_p, not both.`);
  if ((request.stop ?? []).some((sequence) => sequence.trim() === ""))
    add("stop", "Anthropic's API takes no stop sequence that is only blanks.");
  return obstacles;
};

const reasoningObstacles = (request: ChatRequest, target: Target, traits: ModelTraits): Obstacle[] => {
  const { reasoning } = request;
  if (reasoning === undefined) return [];
  if (asksNotToReason(request))
    return traits.canDisableThinking
      ? []
      : [{ field: "reasoning_effort", reason: `Model '${target.model}' always reasons.` }];
  if (target.facts.reasoning === false)
    return [{ field: "reasoning_effort", reason: `Model '${target.model}' does not reason.` }];
  const { thinking, maxTokens } = planThinking(request, target, traits);
  const obstacles: Obstacle[] = [];
  const add = (field: string, reason: string) => obstacles.push({ field, reason });
  const { temperature, topK, topP } = request;
  if (temperature !== undefined && temperature !== 1) add("temperature", "Claude reasons at temperature 1 only.");
  if (topK !== undefined) add("top_k", "Claude does not take top_k while it reasons.");
  if (topP !== undefined && topP < 0.95) add("top_p", "Claude takes top_p from 0.95 to 1 while it reasons.");
  if (thinking?.["type"] !== "enabled") return obstacles;
  if (maxTokens <= smallestBudget)
    add(
      "max_completion_tokens",
      `Reasoning takes at least ${smallestBudget} tokens beside the answer; raise the limit.`,
    );
  const kind = request.toolChoice?.kind;
  if (kind === "required" || kind === "function")
    add("tool_choice", `Model '${target.model}' cannot be made to call a tool while it reasons.`);
  return obstacles;
};

const formatObstacles = (request: ChatRequest, traits: ModelTraits): Obstacle[] => {
  const { responseFormat: format, tools } = request;
  const obstacle = (reason: string): Obstacle[] => [{ field: "response_format", reason }];
  if (format?.kind === "json") return obstacle("Anthropic's API gives JSON by a schema only; ask for a json_schema.");
  if (format?.kind !== "schema" || !needsAnswerTool(request, traits)) return [];
  if (!isObjectSchema(format.schema)) return obstacle("This model takes only schemas of an object.");
  if ((tools ?? []).length > 0) return obstacle("This model follows no schema beside tools.");
  return request.reasoning !== undefined && !asksNotToReason(request)
    ? obstacle("This model follows no schema while it reasons.")
    : [];
};

const toolObstacles = ({ tools, toolChoice }: ChatRequest, traits: ModelTraits): Obstacle[] => {
  const obstacles = (tools ?? []).flatMap((tool, index): Obstacle[] => {
    if (tool.type === "opaque")
      return tool.dialect === "anthropic"
        ? []
        : [
            {
              field: `tools.${index}`,
              reason: `Only providers of the ${tool.dialect} dialect know this type of tool.`,
            },
          ];
    return tool.strict === true && !traits.structuredOutput
      ? [{ field: `tools.${index}.function.strict`, reason: "This model does not hold itself to a tool's schema." }]
      : [];
  });
  if (toolChoice?.kind === "opaque" && toolChoice.dialect !== "anthropic")
    obstacles.push({
      field: "tool_choice",
      reason: `Only providers of the ${toolChoice.dialect} dialect know this choice.`,
    });
  return obstacles;
};

/** Instructions stand outside the conversation here, and the API takes no empty one. */
const conversationObstacles = ({ messages }: ChatRequest): Obstacle[] =>
  messages.every(({ role }) => role === "system" || role === "developer")
    ? [{ field: "messages", reason: "Anthropic's API takes no request of instructions alone; add a user message." }]
    : [];

/** What of a chat request Anthropic's API, or this model behind it, cannot carry. */
export const chatObstacles = (request: ChatRequest, target: Target): readonly Obstacle[] => {
  const traits = traitsOf(target);
  return [
    ...absentFields(request),
    ...samplingObstacles(request, target, traits),
    ...reasoningObstacles(request, target, traits),
    ...formatObstacles(request, traits),
    ...toolObstacles(request, traits),
    ...conversationObstacles(request),
    ...request.messages.flatMap(messageObstacles),
    ...foreignObstacles(request.extra),
  ];
};
