import type { ChatRequest } from "../../core/chat.ts";
import { isJsonObject, type JsonValue, parseJson } from "../../core/json.ts";
import type { Choice } from "../../core/reply.ts";
import { formatFlaw, isRefusal } from "./answer-checks.ts";

/** What a choice says, without its reasoning. */
export const textOf = ({ content }: Choice): string =>
  content.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("");

/** Why an answer cannot be given with a good conscience, whatever was asked, in one clause. */
export const plainFlaw = (choice: Choice | undefined): string | undefined => {
  if (choice === undefined) return "it holds no answer";
  const { finishReason, content } = choice;
  if (finishReason === "length" || finishReason === "pause") return "it was cut off";
  if (finishReason === "contentFilter") return "a filter held it back";
  if (finishReason === "refusal" || content.some(({ type }) => type === "refusal")) return "it refuses";
  const isEmpty = !content.some((part) => part.type === "toolCall" || part.type === "opaque" || hasText(part));
  return isEmpty ? "it is empty" : undefined;
};

const hasText = (part: Choice["content"][number]): boolean => part.type === "text" && part.text.trim() !== "";

/** The same, with what was asked for: the form of the answer, arguments of tools that can be read, confidence. */
export const checkedFlaw = (
  choice: Choice | undefined,
  { responseFormat, tools }: ChatRequest,
  minimumMeanLogprob: number | undefined,
): string | undefined => {
  const plain = plainFlaw(choice);
  if (plain !== undefined || choice === undefined) return plain;
  const calls = choice.content.filter((part) => part.type === "toolCall");
  const known = new Set(tools?.flatMap((tool) => (tool.type === "function" ? [tool.name] : [])));
  if (calls.some(({ name }) => !known.has(name))) return "it calls a tool that was not offered";
  if (calls.some(({ arguments: text }) => !isJsonObject(parseJson(text === "" ? "{}" : text))))
    return "the arguments of a tool are not a JSON object";
  if (calls.length === 0) {
    const text = textOf(choice);
    const form = responseFormat === undefined ? undefined : formatFlaw(text, responseFormat);
    if (form !== undefined) return form;
    if (isRefusal(text)) return "it refuses";
  }
  const mean = minimumMeanLogprob === undefined ? undefined : meanLogprob(choice.logprobs);
  return mean !== undefined && minimumMeanLogprob !== undefined && mean < minimumMeanLogprob
    ? "its model was not sure of it"
    : undefined;
};

/** Mean log-probability of an answer's tokens; undefined where none came. */
export const meanLogprob = (logprobs: JsonValue | undefined): number | undefined => {
  const tokens = isJsonObject(logprobs) ? logprobs["content"] : undefined;
  if (!Array.isArray(tokens)) return undefined;
  let sum = 0;
  let count = 0;
  for (const token of tokens as readonly JsonValue[]) {
    const logprob = isJsonObject(token) ? token["logprob"] : undefined;
    if (typeof logprob !== "number" || !Number.isFinite(logprob)) continue;
    sum += logprob;
    count += 1;
  }
  return count === 0 ? undefined : sum / count;
};
