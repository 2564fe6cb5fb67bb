import { z } from "zod";
import { openFrames } from "../../../core/frames.ts";
import { CliError } from "../../cli-error.ts";
import type { ApiClient } from "../../connect.ts";
import { onOneLine } from "../../output/sanitise.ts";
import { toApiError } from "../../request.ts";

export interface Message {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}

export interface Question {
  readonly model: string;
  readonly messages: readonly Message[];
  readonly signal: AbortSignal;
}

/** What came back, so far or in full. */
export interface Answer {
  text: string;
  reasoning: string;
  model: string | null;
  provider: string | null;
  requestId: string | null;
  finishReason: string | null;
  usage: { readonly inputTokens: number; readonly outputTokens: number } | null;
  costUsd: number | null;
}

/** Told of each piece as it comes. */
export interface AnswerListener {
  text(piece: string): void;
  reasoning(piece: string): void;
}

const largestFrame = 16 * 1024 * 1024;

const usageSchema = z.looseObject({ prompt_tokens: z.number(), completion_tokens: z.number() }).nullish();
const wordsSchema = z.looseObject({
  content: z.string().nullish(),
  refusal: z.string().nullish(),
  reasoning_content: z.string().nullish(),
});
const chunkSchema = z.looseObject({
  error: z.looseObject({ code: z.string().nullish(), message: z.string() }).optional(),
  model: z.string().optional(),
  choices: z
    .array(
      z.looseObject({
        delta: wordsSchema.optional(),
        message: wordsSchema.optional(),
        finish_reason: z.string().nullish(),
      }),
    )
    .catch([]),
  usage: usageSchema,
});

const notUnderstood = (cause: unknown): CliError =>
  new CliError(
    "failure",
    "invalid_response",
    "The answer was not understood. Is the address that of a gateway?",
    cause,
  );

const beginAnswer = ({ headers }: Response): Answer => {
  const cost = headers.get("x-intellirouter-cost");
  return {
    text: "",
    reasoning: "",
    model: headers.get("x-intellirouter-model"),
    provider: headers.get("x-intellirouter-provider"),
    requestId: headers.get("x-request-id"),
    finishReason: null,
    usage: null,
    costUsd: cost === null || !Number.isFinite(Number(cost)) ? null : Number(cost),
  };
};

/** Adds one chunk, or a whole answer, to what is known. */
const take = (answer: Answer, data: string, listener: AnswerListener): void => {
  let body: unknown;
  try {
    body = JSON.parse(data);
  } catch (cause) {
    throw notUnderstood(cause);
  }
  const parsed = chunkSchema.safeParse(body);
  if (!parsed.success) throw notUnderstood(parsed.error);
  const { error, model, choices, usage } = parsed.data;
  if (error !== undefined) throw new CliError("failure", error.code ?? "failure", onOneLine(error.message));
  answer.model ??= model ?? null;
  if (usage) answer.usage = { inputTokens: usage.prompt_tokens, outputTokens: usage.completion_tokens };
  const [choice] = choices;
  const words = choice?.delta ?? choice?.message;
  const text = (words?.content ?? "") + (words?.refusal ?? "");
  answer.finishReason = choice?.finish_reason ?? answer.finishReason;
  if (words?.reasoning_content) {
    answer.reasoning += words.reasoning_content;
    listener.reasoning(words.reasoning_content);
  }
  if (text === "") return;
  answer.text += text;
  listener.text(text);
};

const send = async (client: ApiClient, { model, messages, signal }: Question, extra: object): Promise<Response> => {
  const response = await client.fetch("/v1/chat/completions", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model, messages, ...extra }),
    signal,
  });
  if (!response.ok) throw await toApiError(response);
  return response;
};

const silent: AnswerListener = { text: () => undefined, reasoning: () => undefined };

/** Asks for the whole answer at once. */
export const askWhole = async (client: ApiClient, question: Question): Promise<Answer> => {
  const response = await send(client, question, {});
  const answer = beginAnswer(response);
  take(answer, await response.text(), silent);
  return answer;
};

/** Asks for a stream. Throws where it ends without its sign of completeness. */
export const askStreaming = async (
  client: ApiClient,
  question: Question,
  listener: AnswerListener,
): Promise<Answer> => {
  const response = await send(client, question, { stream: true, stream_options: { include_usage: true } });
  const answer = beginAnswer(response);
  const splitter = openFrames("sse", { maxCharacters: largestFrame });
  let isComplete = false;
  const takeFrames = (frames: ReturnType<typeof splitter.push>): void => {
    for (const { data } of frames) {
      if (data === "[DONE]") isComplete = true;
      else if (!isComplete) take(answer, data, listener);
    }
  };
  for await (const bytes of response.body ?? []) takeFrames(splitter.push(bytes));
  takeFrames(splitter.end());
  if (!isComplete)
    throw new CliError(
      "failure",
      "interrupted_stream",
      "The answer was cut: the gateway closed the stream before its end.",
    );
  return answer;
};
