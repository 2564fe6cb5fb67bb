import type { AssistantPart, ChatRequest, UserPart } from "../../core/chat.ts";
import type { Target } from "../../core/model.ts";
import type { Obstacle } from "../../core/ports/provider.ts";
import { foreignObstacles } from "../foreign-fields.ts";
import { addMessageObstacles, type MessageRules } from "../message-obstacles.ts";
import { asksToReason } from "../reasoning.ts";
import { argumentsOf, imageData } from "./encode-messages.ts";
import { carriedFields } from "./native-fields.ts";

const partObstacle = (part: UserPart | AssistantPart): string | undefined => {
  switch (part.type) {
    case "image":
      return imageData(part.source) === undefined ? "Ollama takes images only inline, as base64" : undefined;
    case "audio":
    case "file":
      return "Ollama reads text and images only";
    case "toolCall":
      return argumentsOf(part) === undefined ? "Ollama takes the arguments of a call only as a JSON object" : undefined;
    case "opaque":
      return `Ollama does not know this part of '${part.dialect}'`;
    default:
      return undefined;
  }
};

const messageRules: MessageRules = { names: "Ollama's messages have no names", part: partObstacle };

const toolObstacles = ({ tools = [], toolChoice, parallelToolCalls }: ChatRequest): readonly Obstacle[] => {
  const obstacles: Obstacle[] = tools.flatMap((tool, index) => {
    if (tool.type === "opaque")
      return tool.dialect === "ollama"
        ? []
        : [{ field: `tools.${index}`, reason: `Ollama does not know this tool of '${tool.dialect}'` }];
    return tool.strict === true
      ? [{ field: `tools.${index}.function.strict`, reason: "Ollama does not hold calls to their schemas" }]
      : [];
  });
  if (toolChoice !== undefined && toolChoice.kind !== "auto" && toolChoice.kind !== "none")
    obstacles.push({ field: "tool_choice", reason: "Ollama cannot be made to call a tool" });
  if (parallelToolCalls === false && tools.length > 0)
    obstacles.push({ field: "parallel_tool_calls", reason: "Ollama cannot be kept from calling tools in parallel" });
  return obstacles;
};

/** What of a chat request Ollama cannot carry. */
export const chatObstacles = (request: ChatRequest, target: Target): readonly Obstacle[] => {
  const { n, logitBias, topLogprobs } = request;
  const obstacles: Obstacle[] = [];
  if (logitBias !== undefined && Object.keys(logitBias).length > 0)
    obstacles.push({ field: "logit_bias", reason: "Ollama has no such field" });
  if (n !== undefined && n > 1) obstacles.push({ field: "n", reason: "Ollama gives one choice" });
  if (topLogprobs !== undefined && topLogprobs > 20)
    obstacles.push({ field: "top_logprobs", reason: "Ollama gives at most 20" });
  if (target.facts.reasoning === false && asksToReason(request))
    obstacles.push({ field: "reasoning_effort", reason: "this model does not reason" });
  addMessageObstacles(obstacles, request.messages, messageRules);
  obstacles.push(...toolObstacles(request), ...foreignObstacles(request.extra, "ollama", carriedFields));
  return obstacles;
};
