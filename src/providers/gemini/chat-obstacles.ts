import type { ChatRequest } from "../../core/chat.ts";
import type { Target } from "../../core/model.ts";
import type { Obstacle } from "../../core/ports/provider.ts";
import { foreignObstacles } from "../foreign-fields.ts";
import { addConversationObstacles } from "./message-obstacles.ts";
import { carriedByChat } from "./native-fields.ts";
import { thinkingControl, thinkingObstacle } from "./thinking.ts";

const maxStopSequences = 5;
const maxCandidates = 8;
const maxSeed = 2 ** 31 - 1;

const toolObstacles = ({ tools = [], toolChoice, parallelToolCalls }: ChatRequest): readonly Obstacle[] => {
  const obstacles: Obstacle[] = tools.flatMap((tool, index) =>
    tool.type === "opaque" && tool.dialect !== "gemini"
      ? [{ field: `tools.${index}`, reason: `Gemini does not know this tool of '${tool.dialect}'` }]
      : [],
  );
  if (toolChoice?.kind === "opaque" && toolChoice.dialect !== "gemini")
    obstacles.push({ field: "tool_choice", reason: `Gemini does not know this choice of '${toolChoice.dialect}'` });
  if (parallelToolCalls === false && tools.length > 0)
    obstacles.push({ field: "parallel_tool_calls", reason: "Gemini cannot be kept from calling tools in parallel" });
  return obstacles;
};

const formatObstacles = ({ responseFormat, tools = [] }: ChatRequest, target: Target): readonly Obstacle[] =>
  responseFormat !== undefined &&
  responseFormat.kind !== "text" &&
  tools.length > 0 &&
  thinkingControl(target.model) === "budget"
    ? [{ field: "response_format", reason: "this model takes tools or a JSON format, not both" }]
    : [];

/** What of a chat request Gemini cannot carry, with the limits of "GenerationConfig" (ai.google.dev). */
export const chatObstacles = (request: ChatRequest, target: Target): readonly Obstacle[] => {
  const { stop, n, seed, logitBias, reasoning, topLogprobs } = request;
  const obstacles: Obstacle[] = [];
  const refuse = (field: string, reason: string): number => obstacles.push({ field, reason });
  if (logitBias !== undefined && Object.keys(logitBias).length > 0) refuse("logit_bias", "Gemini has no such field");
  if (stop !== undefined && stop.length > maxStopSequences)
    refuse("stop", `Gemini takes at most ${maxStopSequences} stop sequences`);
  if (n !== undefined && n > maxCandidates) refuse("n", `Gemini gives at most ${maxCandidates} choices`);
  if (seed !== undefined && Math.abs(seed) > maxSeed) refuse("seed", "Gemini takes seeds of 32 bits");
  if (topLogprobs !== undefined && topLogprobs > 20) refuse("top_logprobs", "Gemini gives at most 20");
  const thinking = thinkingObstacle(reasoning, target);
  if (thinking !== undefined) refuse("reasoning_effort", thinking);
  addConversationObstacles(obstacles, request.messages, target);
  obstacles.push(
    ...toolObstacles(request),
    ...formatObstacles(request, target),
    ...foreignObstacles(request.extra, "gemini", carriedByChat),
  );
  return obstacles;
};
