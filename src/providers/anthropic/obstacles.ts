import type { ChatRequest } from "../../core/chat.ts";
import type { Target } from "../../core/model.ts";
import type { Obstacle } from "../../core/ports/provider.ts";
import { foreignObstacles } from "../foreign-fields.ts";
import { asksToReason } from "../reasoning.ts";
import { addAnthropicMessageObstacles } from "./message-obstacles.ts";
import { type ModelTraits, traitsOf } from "./model-traits.ts";
import { carriedFields } from "./native-fields.ts";
import { isObjectSchema, needsAnswerTool } from "./structured-output.ts";
import { asksNotToReason, planThinking, smallestBudget } from "./thinking.ts";

/** Fields without a counterpart, as far as they ask for more than the default. */
const absentFields = (request: ChatRequest): Obstacle[] => {
  const obstacles: Obstacle[] = [];
  const add = (isAsked: boolean, field: string) => {
    if (isAsked) obstacles.push({ field, reason: "Anthropic's API has no such field" });
  };
  add((request.n ?? 1) > 1, "n");
  add(request.seed !== undefined, "seed");
  add((request.frequencyPenalty ?? 0) !== 0, "frequency_penalty");
  add((request.presencePenalty ?? 0) !== 0, "presence_penalty");
  add(request.logitBias !== undefined && Object.keys(request.logitBias).length > 0, "logit_bias");
  add(request.logprobs === true, "logprobs");
  add((request.topLogprobs ?? 0) > 0, "top_logprobs");
  return obstacles;
};

const samplingObstacles = (request: ChatRequest, target: Target, traits: ModelTraits): Obstacle[] => {
  const { temperature, topP, topK } = request;
  const obstacles: Obstacle[] = [];
  const add = (field: string, reason: string) => obstacles.push({ field, reason });
  const isWarm = temperature !== undefined && temperature !== 1;
  const isCut = topP !== undefined && topP !== 1;
  if (isWarm && temperature > 1) add("temperature", "Anthropic's API takes temperatures from 0 to 1");
  if (target.facts.temperature === false) {
    const reason = `model '${target.model}' takes its default only`;
    if (isWarm) add("temperature", reason);
    if (isCut) add("top_p", reason);
    if (topK !== undefined) add("top_k", reason);
  } else if (traits.oneSamplingField && isWarm && isCut)
    add("top_p", `model '${target.model}' takes either temperature or top_p, not both`);
  if ((request.stop ?? []).some((sequence) => sequence.trim() === ""))
    add("stop", "Anthropic's API takes no stop sequence that is only blanks");
  return obstacles;
};

const reasoningObstacles = (request: ChatRequest, target: Target, traits: ModelTraits): Obstacle[] => {
  const { reasoning } = request;
  if (reasoning === undefined) return [];
  if (asksNotToReason(request))
    return traits.canDisableThinking
      ? []
      : [{ field: "reasoning_effort", reason: `model '${target.model}' always reasons` }];
  if (target.facts.reasoning === false && !asksToReason(request)) return [];
  if (target.facts.reasoning === false)
    return [{ field: "reasoning_effort", reason: `model '${target.model}' does not reason` }];
  const { thinking, maxTokens } = planThinking(request, target, traits);
  const obstacles: Obstacle[] = [];
  const add = (field: string, reason: string) => obstacles.push({ field, reason });
  const { temperature, topK, topP } = request;
  if (temperature !== undefined && temperature !== 1) add("temperature", "Claude reasons at temperature 1 only");
  if (topK !== undefined) add("top_k", "Claude does not take top_k while it reasons");
  if (topP !== undefined && topP < 0.95) add("top_p", "Claude takes top_p from 0.95 to 1 while it reasons");
  if (thinking?.["type"] !== "enabled") return obstacles;
  if (maxTokens <= smallestBudget)
    add(
      "max_completion_tokens",
      `reasoning takes at least ${smallestBudget} tokens beside the answer; raise the limit`,
    );
  const kind = request.toolChoice?.kind;
  if (kind === "required" || kind === "function")
    add("tool_choice", `model '${target.model}' cannot be made to call a tool while it reasons`);
  return obstacles;
};

const formatObstacles = (request: ChatRequest, traits: ModelTraits): Obstacle[] => {
  const { responseFormat: format, tools } = request;
  const obstacle = (reason: string): Obstacle[] => [{ field: "response_format", reason }];
  if (format?.kind === "json") return obstacle("Anthropic's API gives JSON by a schema only; ask for a json_schema");
  if (format?.kind !== "schema" || !needsAnswerTool(request, traits)) return [];
  if (!isObjectSchema(format.schema)) return obstacle("this model takes only schemas of an object");
  if ((tools ?? []).length > 0) return obstacle("this model follows no schema beside tools");
  return request.reasoning !== undefined && !asksNotToReason(request)
    ? obstacle("this model follows no schema while it reasons")
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
              reason: `only providers of the ${tool.dialect} dialect know this type of tool`,
            },
          ];
    return tool.strict === true && !traits.structuredOutput
      ? [{ field: `tools.${index}.function.strict`, reason: "this model does not hold itself to a tool's schema" }]
      : [];
  });
  if (toolChoice?.kind === "opaque" && toolChoice.dialect !== "anthropic")
    obstacles.push({
      field: "tool_choice",
      reason: `only providers of the ${toolChoice.dialect} dialect know this choice`,
    });
  return obstacles;
};

/** Instructions stand outside the conversation here, and the API takes no empty one. */
const conversationObstacles = ({ messages }: ChatRequest): Obstacle[] =>
  messages.every(({ role }) => role === "system" || role === "developer")
    ? [{ field: "messages", reason: "Anthropic's API takes no request of instructions alone; add a user message" }]
    : [];

/** What of a chat request Anthropic's API, or this model behind it, cannot carry. */
export const chatObstacles = (request: ChatRequest, target: Target): readonly Obstacle[] => {
  const traits = traitsOf(target);
  const obstacles = [
    ...absentFields(request),
    ...samplingObstacles(request, target, traits),
    ...reasoningObstacles(request, target, traits),
    ...formatObstacles(request, traits),
    ...toolObstacles(request, traits),
    ...conversationObstacles(request),
    ...foreignObstacles(request.extra, "anthropic", carriedFields),
  ];
  addAnthropicMessageObstacles(obstacles, request.messages);
  return obstacles;
};
