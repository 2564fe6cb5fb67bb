import type { JsonObject, JsonValue } from "../../core/json.ts";
import type { Target } from "../../core/model.ts";
import type { Translator } from "../../core/ports/provider.ts";
import type { TextChoice, TextCompletion, TextCompletionRequest } from "../../core/text-completion.ts";
import { defined, postJson } from "../request.ts";
import { malformed } from "../upstream-error.ts";
import { choiceIndex, decodeHead, replyChoices, replyObject } from "./decode-chat.ts";
import { encodeStreamOptions, passedOn, renamed, userFor } from "./encode-chat.ts";
import { decodeError } from "./errors.ts";
import { decodeFinishReason } from "./finish-reason.ts";
import { textObstacles } from "./obstacles.ts";
import type { Dialogue, Quirks } from "./quirks.ts";
import { isReusable, reuseWire } from "./reuse-wire.ts";
import { OpenaiStream } from "./stream.ts";
import { usageOf } from "./usage.ts";

const single = <Prompt>(prompts: readonly Prompt[]): Prompt | readonly Prompt[] =>
  prompts.length === 1 && prompts[0] !== undefined ? prompts[0] : prompts;

const givenStreamOptions = ({ extra }: TextCompletionRequest): JsonValue | undefined =>
  extra?.dialect === "openai" ? extra.fields["stream_options"] : undefined;

const encodeBody = (request: TextCompletionRequest, target: Target, quirks: Quirks): Record<string, unknown> => {
  const known = defined({
    model: target.model,
    prompt: single<string | readonly number[]>(request.prompt),
    suffix: request.suffix,
    echo: request.echo,
    best_of: request.bestOf,
    max_tokens: request.maxOutputTokens,
    temperature: request.temperature,
    top_p: request.topP,
    n: request.n,
    seed: request.seed,
    stop: request.stop,
    frequency_penalty: request.frequencyPenalty,
    presence_penalty: request.presencePenalty,
    logit_bias: request.logitBias,
    logprobs: request.logprobs,
    user: userFor(request.user),
    stream: request.stream ? true : undefined,
    ...encodeStreamOptions(request.stream, givenStreamOptions(request), quirks),
  });
  return renamed({ ...known, ...passedOn(request.extra), ...known }, quirks);
};

const decodeChoice = (choice: JsonObject, position: number, provider: string): TextChoice => {
  const { text, logprobs } = choice;
  if (typeof text !== "string") throw malformed(provider, "a choice without text");
  return {
    index: choiceIndex(choice, position),
    text,
    finishReason: decodeFinishReason(choice["finish_reason"], { provider, hasToolCalls: false }),
    ...(logprobs === undefined || logprobs === null ? {} : { logprobs }),
  };
};

const decodeReply = (body: unknown, { provider, quirks }: Dialogue): TextCompletion => {
  const reply = replyObject(body, provider);
  const { id, created, model } = decodeHead(reply);
  const choices = replyChoices(reply, provider).map((choice, position) => decodeChoice(choice, position, provider));
  const usage = usageOf(reply, quirks);
  return { id, created, model, choices, ...(usage === undefined ? {} : { usage }) };
};

/** The limit has one name here, whatever chat calls it. */
const textQuirks = (quirks: Quirks): Quirks => ({ ...quirks, maxTokensFields: ["max_tokens"] });

/** Text completions ("Create completion", OpenAI API reference, legacy). */
export const openaiTextCompletion = (dialogue: Dialogue): Translator<"textCompletion"> => {
  const quirks = textQuirks(dialogue.quirks);
  return {
    unsupported: (request, target) => textObstacles(request, target, quirks),
    encode(request, target, wire) {
      const body = isReusable(wire, request, quirks)
        ? reuseWire(wire, target, quirks)
        : encodeBody(request, target, quirks);
      return postJson(`${dialogue.baseUrl}/completions`, body, dialogue.headers);
    },
    decode: (body) => decodeReply(body, dialogue),
    framing: "sse",
    // Each prompt has its own choices.
    openStream: (request) => new OpenaiStream(dialogue, { n: (request.n ?? 1) * request.prompt.length }),
    decodeError,
  };
};
