import { z } from "zod";
import type { ChatRequest } from "../core/chat.ts";

/** What the option `prefill` of a provider says of its targets: how they go on with a begun answer, or that they don't. */
export const prefillOption = z.enum(["continues", "echoes", "off"]).optional();
export type PrefillOption = "continues" | "echoes" | "off" | undefined;

/**
 * Fields without a name in the internal form under which an answer is more than text that can be cut anywhere: it is
 * held to a grammar, is no text, or the prompt is made in another way than the server's own.
 */
const binding: readonly string[] = [
  "format",
  "grammar",
  "json_schema",
  "structured_outputs",
  "guided_json",
  "guided_regex",
  "guided_choice",
  "guided_grammar",
  "output_config",
  "output_format",
  "functions",
  "function_call",
  "modalities",
  "audio",
  "raw",
  "template",
  "chat_template",
  "chat_template_kwargs",
];

const isBound = ({ extra }: ChatRequest): boolean =>
  extra !== undefined && binding.some((field) => (extra.fields[field] ?? null) !== null);

/**
 * Whether a begun answer to the request is plain text that any model can be given back to go on with. It is not where a
 * schema holds the whole text (a grammar would begin anew at the join), where tools are forced, where one of several
 * choices or its log-probabilities would have to be continued, or where the client itself has begun the answer (two
 * assistant messages would then follow each other, which most servers refuse).
 */
export const isContinuable = (request: ChatRequest): boolean => {
  const { messages, responseFormat, toolChoice, n = 1, logprobs, topLogprobs = 0 } = request;
  if (responseFormat !== undefined && responseFormat.kind !== "text") return false;
  if (toolChoice !== undefined && toolChoice.kind !== "auto" && toolChoice.kind !== "none") return false;
  if (n > 1 || logprobs === true || topLogprobs > 0) return false;
  return messages.at(-1)?.role !== "assistant" && !isBound(request);
};

/** Whether the model may call a tool instead of going on with its text. */
export const offersTools = ({ tools = [], toolChoice }: ChatRequest): boolean =>
  tools.length > 0 && toolChoice?.kind !== "none";
