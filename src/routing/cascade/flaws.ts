import type { ChatRequest, ResponseFormat } from "../../core/chat.ts";
import { isJsonObject, type JsonValue, parseJson } from "../../core/json.ts";
import type { Choice } from "../../core/reply.ts";
import { matchesSchema } from "../learned/answers/checks/matches-schema.ts";
import { isRefusal } from "../learned/answers/checks/refusal.ts";
import { isTruncated } from "../learned/answers/checks/truncation.ts";

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
  if (content.some(({ type }) => type === "toolCall" || type === "opaque")) return undefined;
  const text = textOf(choice).trim();
  if (text === "") return "it is empty";
  if (isTruncated(text)) return "it was cut off";
  // Within JSON such words are somebody's text.
  return !/^[[{]/.test(text) && isRefusal(text) ? "it refuses" : undefined;
};

/** A schema that cannot be judged says nothing against an answer that is JSON. */
const formFlaw = (text: string, format: ResponseFormat): string | undefined => {
  if (format.kind === "text") return undefined;
  const value = parseJson(text);
  if (value === undefined) return "it is not JSON";
  if (format.kind === "json") return isJsonObject(value) ? undefined : "it is not a JSON object";
  return matchesSchema(text, format.schema) === "invalid" ? "it does not fit the schema" : undefined;
};

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
  const form = calls.length > 0 || responseFormat === undefined ? undefined : formFlaw(textOf(choice), responseFormat);
  if (form !== undefined) return form;
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
