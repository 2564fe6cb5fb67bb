import type { CancelSignal } from "../../core/cancel.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import type { WireResponse } from "../../core/ports/transport.ts";
import { type Answer, answerChat, completePrompt, cutText, isContinued } from "./answer.ts";
import type { Pace, Steering } from "./options.ts";
import { durationOf, wait } from "./pacing.ts";
import { answerQuiz, type Quiz } from "./quiz.ts";
import { errorBody, jsonReply, sseReply } from "./reply.ts";
import { choicesOf, objectsAt, textOf } from "./request.ts";
import { countTokens, hash } from "./tokens.ts";

/** One request of the mock, and how it is to be answered. */
export interface Job {
  readonly body: JsonObject;
  readonly operation: "chat" | "text";
  readonly pace: Pace;
  readonly steering: Steering;
  readonly quiz: Quiz | undefined;
  readonly signal: CancelSignal;
}

/** A fixed instant, so that answers repeat to the byte: 2026-01-01. */
const created = 1_767_225_600;

const promptsOf = (body: JsonObject): readonly string[] => {
  const { prompt } = body;
  if (typeof prompt === "string") return [prompt];
  if (!Array.isArray(prompt)) return [""];
  if (prompt.every((item) => typeof item === "number")) return [prompt.join(" ")];
  return prompt.map((item) => (Array.isArray(item) ? item.join(" ") : String(item)));
};

const answersOf = ({ body, operation, steering, quiz }: Job): readonly Answer[] => {
  const choices = Array.from({ length: choicesOf(body) }, (_, choice) => choice);
  const model = String(body["model"]);
  if (quiz !== undefined && Object.hasOwn(quiz.models, model)) {
    const asked = objectsAt(body, "messages").findLast(({ role }) => role === "user")?.["content"] ?? body["prompt"];
    return choices.map(() => cutText(answerQuiz(quiz, model, textOf(asked)), body));
  }
  if (operation === "chat") return choices.map((choice) => answerChat(body, choice, steering));
  return promptsOf(body).flatMap((prompt) =>
    choices.map((choice) => completePrompt(prompt, body, { choice, words: steering.words })),
  );
};

const tokensIn = (answer: Answer): number =>
  answer.text.length + answer.calls.reduce((sum, call) => sum + call.arguments.length, 0);

const messageTokens = (message: JsonObject): number =>
  3 + countTokens(textOf(message["content"])) + countTokens(JSON.stringify(message["tool_calls"] ?? ""));

const usageOf = ({ body, operation }: Job, answers: readonly Answer[]): JsonObject => {
  const prompt =
    operation === "chat"
      ? objectsAt(body, "messages").reduce((sum, message) => sum + messageTokens(message), 0)
      : promptsOf(body).reduce((sum, text) => sum + countTokens(text), 0);
  const completion = answers.reduce((sum, answer) => sum + tokensIn(answer), 0);
  return { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
};

const headOf = ({ body, operation }: Job, object: "whole" | "chunk"): JsonObject => ({
  id: `${operation === "chat" ? "chatcmpl" : "cmpl"}-mock${hash(JSON.stringify(body)).toString(16).padStart(8, "0")}`,
  object: operation === "text" ? "text_completion" : `chat.completion${object === "chunk" ? ".chunk" : ""}`,
  created,
  model: body["model"] ?? "",
});

const wholeChoice = (answer: Answer, index: number, { operation }: Job): JsonObject => {
  const text = answer.text.join("");
  const rest = { index, logprobs: null, finish_reason: answer.finish };
  if (operation === "text") return { text, ...rest };
  const calls = answer.calls.map(({ id, name, arguments: tokens }) => ({
    id,
    type: "function",
    function: { name, arguments: tokens.join("") },
  }));
  const message = { role: "assistant", content: calls.length > 0 ? null : text, refusal: null };
  return { ...rest, message: calls.length > 0 ? { ...message, tool_calls: calls } : message };
};

/** What one chunk adds to a choice, and how many tokens of the answer that is. */
interface Step {
  readonly tokens: number;
  readonly choice: JsonObject;
}

const grouped = (tokens: readonly string[], size: number): readonly (readonly string[])[] =>
  Array.from({ length: Math.ceil(tokens.length / size) }, (_, place) => tokens.slice(place * size, (place + 1) * size));

const stepsOf = (answer: Answer, index: number, { operation, pace }: Job): readonly Step[] => {
  const step = (delta: JsonObject, tokens: number, finish: JsonValue = null): Step => {
    const content = operation === "text" ? { text: delta["content"] ?? "" } : { delta };
    return { tokens, choice: { index, ...content, logprobs: null, finish_reason: finish } };
  };
  const texts = grouped(answer.text, pace.chunkTokens).map((tokens) =>
    step({ content: tokens.join("") }, tokens.length),
  );
  const calls = answer.calls.flatMap(({ id, name, arguments: tokens }, place) => [
    step({ tool_calls: [{ index: place, id, type: "function", function: { name, arguments: "" } }] }, 0),
    ...grouped(tokens, pace.chunkTokens).map((some) =>
      step({ tool_calls: [{ index: place, function: { arguments: some.join("") } }] }, some.length),
    ),
  ]);
  const opening = operation === "chat" ? [step({ role: "assistant", content: "", refusal: null }, 0)] : [];
  return [...opening, ...texts, ...calls, step({}, 0, answer.finish)];
};

/** The choices' steps in turn, as a server that generates them side by side sends them. */
const interleaved = (lists: readonly (readonly Step[])[]): readonly Step[] => {
  const longest = Math.max(...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, place) => lists.flatMap((list) => list[place] ?? [])).flat();
};

async function* framesOf(job: Job, answers: readonly Answer[]): AsyncGenerator<string> {
  const { body, pace, signal, steering } = job;
  const head = headOf(job, "chunk");
  const options = body["stream_options"];
  const wantsUsage = isJsonObject(options) && options["include_usage"] === true;
  const steps = interleaved(answers.map((answer, index) => stepsOf(answer, index, job)));
  const cutAt = isContinued(body) ? undefined : steering.cut?.afterChunks;
  let isFirst = true;
  for (const [place, { tokens, choice }] of steps.entries()) {
    if (steering.fail !== undefined && place === steering.fail.afterChunks) {
      yield JSON.stringify(errorBody("The mock was asked to fail.", steering.fail.code ?? null));
      return;
    }
    if (place === cutAt) return;
    if (tokens > 0) {
      await wait((isFirst ? pace.firstTokenMilliseconds : 0) + durationOf(tokens, pace), signal);
      isFirst = false;
    }
    if (signal.aborted) throw signal.reason;
    yield JSON.stringify({ ...head, choices: [choice], ...(wantsUsage ? { usage: null } : {}) });
  }
  if (wantsUsage) yield JSON.stringify({ ...head, choices: [], usage: usageOf(job, answers) });
  yield "[DONE]";
}

/** Answers a chat or a text completion, whole or streamed. */
export const complete = async (job: Job): Promise<WireResponse> => {
  const answers = answersOf(job);
  if (job.body["stream"] === true) return sseReply(framesOf(job, answers));
  const tokens = answers.reduce((sum, answer) => sum + tokensIn(answer), 0);
  await wait(job.pace.firstTokenMilliseconds + durationOf(tokens, job.pace), job.signal);
  return jsonReply({
    ...headOf(job, "whole"),
    choices: answers.map((answer, index) => wholeChoice(answer, index, job)),
    usage: usageOf(job, answers),
  });
};
