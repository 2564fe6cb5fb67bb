import type { Call } from "../core/call.ts";
import type { ChatRequest, OpaqueTool } from "../core/chat.ts";
import type { JsonObject } from "../core/json.ts";
import type { ModelFacts, Target } from "../core/model.ts";
import { dearestCostOf, type PicoUsd, type Price } from "../core/money.ts";
import type { Bound } from "../core/ports/budgets.ts";
import type { TextCompletionRequest } from "../core/text-completion.ts";

/**
 * What a provider adds to a prompt: the frame of a request and of each message, with what a model's template says by
 * itself (the date, say), and its instructions for tools. Anthropic's are the longest that are published: up to 804 tokens
 * ("Tool use", pricing), and 735 more for each of its own tools that clients carry out.
 */
const requestTokens = 256;
const messageTokens = 8;
const toolsTokens = 1_024;
const clientToolTokens = 1_024;
/**
 * The most tokens that an image comes to, of whatever size. OpenAI's are the most: 48,169 with gpt-4o-mini ("Images and
 * vision": 2,833 and 8 tiles of 5,667). Anthropic scales to 4,784 ("Vision"), Gemini counts up to 2,240.
 */
const imageTokens: Readonly<Record<string, number>> = { anthropic: 5_000, gemini: 5_000, cohere: 5_000 };
const mostImageTokens = 50_000;

/** Tools that clients carry out themselves; others are the provider's, and what they find comes into the prompt. */
const clientTool = /^(?:custom|function|bash|text_editor|computer|memory)(?:_|$)/;
/** Fields that have the provider search or run something, in whoever's dialect. */
const searchFields = [
  "web_search_options",
  "web_search",
  "search_parameters",
  "enable_search",
  "plugins",
  "mcp_servers",
];
/** Models that search without being asked. */
const searchingModel = /search|:online|deep-research/;
/** Providers whose reasoning is not part of the limit that a request sets. */
const reasonsBeyondLimit: ReadonlySet<string> = new Set(["perplexity", "xai"]);

const positive = (tokens: number | undefined): number | undefined =>
  tokens !== undefined && tokens > 0 ? tokens : undefined;

/** Anthropic bills what is written to its cache also where the price does not name it: at twice the input at most. */
const dearest = (usage: { inputTokens: number; outputTokens: number }, price: Price, { kind }: Target): PicoUsd => {
  const cost = dearestCostOf(usage, price);
  if (kind !== "anthropic" || price.cacheWrite !== undefined) return cost;
  return Math.max(cost, dearestCostOf({ ...usage, inputTokens: usage.inputTokens * 2 }, price));
};

/** UTF-8 bytes of all that the prompt is made of: a byte-level tokenizer makes no more tokens than there are bytes. */
const bytesOf = ({ wire, request }: Call): number => {
  const parsed = wire.parsed as { readonly messages?: unknown; readonly tools?: unknown } | undefined;
  const own = request as { readonly messages?: unknown; readonly tools?: unknown };
  if (request === wire.parsed || (parsed?.messages === own.messages && parsed?.tools === own.tools)) return wire.bytes;
  return Math.max(wire.bytes, Buffer.byteLength(JSON.stringify(request)));
};

interface Contents {
  readonly messages: number;
  readonly images: number;
  /** Something whose tokens its bytes do not bound: a file, or what only the provider understands. */
  readonly isUnbounded: boolean;
}

const contentsOf = ({ messages }: ChatRequest): Contents => {
  let images = 0;
  let isUnbounded = false;
  for (const { content } of messages)
    for (const part of content) {
      if (part.type === "image") images += 1;
      else if (part.type === "file")
        isUnbounded ||= part.source.kind !== "base64" || !part.source.mediaType.startsWith("text/");
      else if (part.type === "opaque") isUnbounded = true;
    }
  return { messages: messages.length, images, isUnbounded };
};

const isClientTool = ({ value }: OpaqueTool): boolean =>
  typeof value["type"] === "string" && clientTool.test(value["type"]);

const searching = new WeakMap<Target, boolean>();
/** Whether the target searches whatever it is asked; a target's name is looked at once. */
const isSearching = (target: Target): boolean => {
  const known = searching.get(target);
  if (known !== undefined) return known;
  const is = target.kind === "perplexity" || searchingModel.test(target.model);
  searching.set(target, is);
  return is;
};

/** Whether the provider may search or run something for the answer: then nothing bounds what comes into the prompt. */
const mayFetch = ({ tools, extra }: ChatRequest, target: Target): boolean =>
  isSearching(target) ||
  (extra !== undefined && searchFields.some((field) => isSet(extra.fields[field]))) ||
  (tools?.some((tool) => tool.type === "opaque" && !isClientTool(tool)) ?? false);

const isSet = (value: unknown): boolean => value !== undefined && value !== null && value !== false;

const inputTokens = (call: Call, target: Target): number | "media" | "tools" => {
  const bytes = bytesOf(call) + requestTokens;
  if (call.operation !== "chat") return bytes;
  const request = call.request as ChatRequest;
  if (mayFetch(request, target)) return "tools";
  const { messages, images, isUnbounded } = contentsOf(request);
  const ofImages = images * (imageTokens[target.kind] ?? mostImageTokens);
  const ofTools =
    request.tools === undefined ? 0 : toolsTokens + request.tools.filter(isOpaque).length * clientToolTokens;
  const sum = bytes + messages * messageTokens + ofImages + ofTools;
  if (!isUnbounded) return sum;
  // No provider takes more than the context holds.
  const context = positive(target.facts.contextTokens);
  return context === undefined ? "media" : Math.max(sum, context);
};

const isOpaque = ({ type }: { readonly type: string }): boolean => type === "opaque";

/** A client may write its limit in two fields, and the server may know either. */
const limitIn = ({ request, wire }: Call): number | undefined => {
  const parsed = (request as { readonly maxOutputTokens?: number }).maxOutputTokens;
  if (parsed === undefined || request !== wire.parsed) return parsed;
  const { body } = wire;
  return Math.max(parsed, numberIn(body, "max_tokens"), numberIn(body, "max_completion_tokens"));
};

const most = ({ maxOutputTokens, contextTokens }: ModelFacts): number | undefined =>
  positive(maxOutputTokens) ?? positive(contextTokens);

const answersTo = (call: Call): number => {
  if (call.operation === "textCompletion") {
    const { n = 1, bestOf = 1, prompt } = call.request as TextCompletionRequest;
    return Math.max(1, n, bestOf) * Math.max(1, prompt.length);
  }
  const { n = 1, extra } = call.request as ChatRequest;
  return Math.max(1, n, numberIn(extra?.fields, "best_of"));
};

const numberIn = (fields: JsonObject | undefined, name: string): number => {
  const value = fields?.[name];
  return typeof value === "number" ? value : 0;
};

const outputTokens = (call: Call, { facts, kind }: Target): number | "output" => {
  if (call.operation === "embeddings") return 0;
  const unlimited = most(facts);
  const limit = limitIn(call) ?? unlimited;
  if (limit === undefined) return "output";
  const isBeyond = facts.reasoning !== false && reasonsBeyondLimit.has(kind);
  if (isBeyond && unlimited === undefined) return "output";
  const predicted = (call.request as ChatRequest).extra?.fields["prediction"];
  const each = limit + (isBeyond ? (unlimited as number) : 0) + (isSet(predicted) ? call.wire.bytes : 0);
  return each * answersTo(call);
};

/**
 * The most that one attempt can cost, or what is missing to say so: the prompt's bytes as tokens with all that a provider
 * adds, the answer's limit as often as there are answers, each at the dearest rate that any of its tokens may have.
 */
export const boundOf = (call: Call, target: Target): Bound => {
  const { price } = target.facts;
  if (price === undefined) return { cost: null, missing: "price" };
  const input = inputTokens(call, target);
  if (typeof input === "string") return { cost: null, missing: input };
  const output = outputTokens(call, target);
  if (typeof output === "string") return { cost: null, missing: output };
  return { cost: dearest({ inputTokens: input, outputTokens: output }, price, target) };
};

/** The same where it is enough to know that there is no bound. */
export const worstCase = (call: Call, target: Target): PicoUsd | null => boundOf(call, target).cost;
