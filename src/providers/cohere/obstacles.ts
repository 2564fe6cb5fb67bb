import type { ChatRequest } from "../../core/chat.ts";
import type { Target } from "../../core/model.ts";
import type { Obstacle } from "../../core/ports/provider.ts";
import { foreignObstacles } from "../foreign-fields.ts";
import { addMessageObstacles } from "../message-obstacles.ts";
import { asksToReason } from "../reasoning.ts";
import { messageRules } from "./message-obstacles.ts";
import { carriedByChat } from "./native-fields.ts";

/** The API refuses more ("Chat", `stop_sequences`). */
const maxStopSequences = 5;

const isPenalty = (value: number | undefined): boolean => value === undefined || (value >= 0 && value <= 1);

const fieldObstacles = (request: ChatRequest): Obstacle[] => {
  const obstacles: Obstacle[] = [];
  const add = (isObstacle: boolean, field: string, reason: string) => {
    if (isObstacle) obstacles.push({ field, reason });
  };
  const absent = "Cohere's API has no such field";
  add((request.n ?? 1) > 1, "n", "Cohere gives one choice per request");
  add(request.logitBias !== undefined && Object.keys(request.logitBias).length > 0, "logit_bias", absent);
  add((request.topLogprobs ?? 0) > 0, "top_logprobs", "Cohere tells the probability of the chosen tokens only");
  add(!isPenalty(request.frequencyPenalty), "frequency_penalty", "Cohere takes penalties from 0 to 1");
  add(!isPenalty(request.presencePenalty), "presence_penalty", "Cohere takes penalties from 0 to 1");
  add(
    (request.stop ?? []).length > maxStopSequences,
    "stop",
    `Cohere takes at most ${maxStopSequences} stop sequences`,
  );
  return obstacles;
};

const toolObstacles = ({ tools = [], toolChoice, parallelToolCalls, responseFormat }: ChatRequest): Obstacle[] => {
  const obstacles = tools.flatMap((tool, index) =>
    tool.type === "opaque" && tool.dialect !== "cohere"
      ? [{ field: `tools.${index}`, reason: `only providers of the ${tool.dialect} dialect know this type of tool` }]
      : [],
  );
  const add = (field: string, reason: string) => obstacles.push({ field, reason });
  if (toolChoice?.kind === "opaque" && toolChoice.dialect !== "cohere")
    add("tool_choice", `only providers of the ${toolChoice.dialect} dialect know this choice`);
  if (
    toolChoice?.kind === "function" &&
    !tools.some((tool) => tool.type === "function" && tool.name === toolChoice.name)
  )
    add("tool_choice", "the chosen tool is not among the tools");
  if (parallelToolCalls === false && tools.length > 0)
    add("parallel_tool_calls", "Cohere's API cannot limit the model to one tool call");
  if (responseFormat !== undefined && responseFormat.kind !== "text" && tools.length > 0)
    add("response_format", "Cohere's API gives no structured output beside tools");
  return obstacles;
};

/** What of a chat request Cohere's API, or this model behind it, cannot carry. */
export const chatObstacles = (request: ChatRequest, target: Target): readonly Obstacle[] => {
  const obstacles = [
    ...fieldObstacles(request),
    ...(target.facts.reasoning === false && asksToReason(request)
      ? [{ field: "reasoning_effort", reason: `model '${target.model}' does not reason` }]
      : []),
    ...toolObstacles(request),
    ...foreignObstacles(request.extra, "cohere", carriedByChat),
  ];
  addMessageObstacles(obstacles, request.messages, messageRules);
  return obstacles;
};
