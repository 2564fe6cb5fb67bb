import type { Target } from "../../core/model.ts";
import type { Obstacle } from "../../core/ports/provider.ts";
import type { WireRequest } from "../../core/ports/transport.ts";
import type { TextCompletion, TextCompletionRequest } from "../../core/text-completion.ts";
import { foreignObstacles } from "../foreign-fields.ts";
import { postJson } from "../request.ts";
import { malformed } from "../upstream-error.ts";
import type { Endpoint } from "./endpoint.ts";
import { readTextLogprobs } from "./logprobs.ts";
import { carriedFields, withNativeFields } from "./native-fields.ts";
import { readAnswer, readCreated, readFinishReason, readModel, readText, readUsage } from "./read-answer.ts";

const promptObstacle = ({ prompt }: TextCompletionRequest): string | undefined => {
  const [first] = prompt;
  if (prompt.length !== 1) return "Ollama completes one prompt in one request";
  if (typeof first !== "string") return "Ollama completes texts, not token numbers";
  return first === "" ? "Ollama answers an empty prompt with nothing" : undefined;
};

/** What of a text completion Ollama cannot carry. */
export const textObstacles = (request: TextCompletionRequest): readonly Obstacle[] => {
  const { n, bestOf, echo, logitBias, logprobs } = request;
  const obstacles: Obstacle[] = [];
  const prompt = promptObstacle(request);
  if (prompt !== undefined) obstacles.push({ field: "prompt", reason: prompt });
  if (n !== undefined && n > 1) obstacles.push({ field: "n", reason: "Ollama gives one choice" });
  if (bestOf !== undefined && bestOf > 1) obstacles.push({ field: "best_of", reason: "Ollama makes one choice" });
  if (echo === true) obstacles.push({ field: "echo", reason: "Ollama does not repeat the prompt" });
  if (logprobs !== undefined && logprobs > 20) obstacles.push({ field: "logprobs", reason: "Ollama gives at most 20" });
  if (logitBias !== undefined && Object.keys(logitBias).length > 0)
    obstacles.push({ field: "logit_bias", reason: "Ollama has no such field" });
  return [...obstacles, ...foreignObstacles(request.extra, "ollama", carriedFields)];
};

/** `POST /api/generate` ("Generate a response", docs.ollama.com). A text completion has no place for thoughts. */
export const encodeText = (request: TextCompletionRequest, target: Target, endpoint: Endpoint): WireRequest => {
  const body = withNativeFields(request.extra, endpoint, {
    body: {
      model: target.model,
      prompt: request.prompt[0],
      suffix: request.suffix,
      think: false,
      logprobs: request.logprobs === undefined ? undefined : true,
      top_logprobs: request.logprobs,
      stream: request.stream,
    },
    options: {
      num_predict: request.maxOutputTokens,
      temperature: request.temperature,
      top_p: request.topP,
      stop: request.stop === undefined || request.stop.length === 0 ? undefined : request.stop,
      seed: request.seed,
      frequency_penalty: request.frequencyPenalty,
      presence_penalty: request.presencePenalty,
    },
  });
  return postJson(`${endpoint.baseUrl}/api/generate`, body, endpoint.headers);
};

export const decodeText = (body: unknown, provider: string): TextCompletion => {
  const answer = readAnswer(body, provider);
  if (answer["done"] !== true) throw malformed(provider, "an answer that is not complete");
  const logprobs = readTextLogprobs(answer["logprobs"], 0);
  const usage = readUsage(answer);
  return {
    id: "",
    created: readCreated(answer),
    model: readModel(answer),
    choices: [
      {
        index: 0,
        text: readText(answer["response"], provider),
        finishReason: readFinishReason(answer, { hasToolCalls: false }),
        ...(logprobs === undefined ? {} : { logprobs }),
      },
    ],
    ...(usage === undefined ? {} : { usage }),
  };
};
