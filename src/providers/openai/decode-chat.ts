import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import type { Choice, Completion, Extra } from "../../core/reply.ts";
import type { Usage } from "../../core/usage.ts";
import { malformed } from "../upstream-error.ts";
import { isConformingAnswer } from "./conforming.ts";
import { decodeMessage, messageExtra, unknownFields } from "./decode-message.ts";
import { failureWithin, isErrorBody } from "./errors.ts";
import { decodeFinishReason } from "./finish-reason.ts";
import type { Dialogue } from "./quirks.ts";
import { usageOf } from "./usage.ts";

const knownFields: ReadonlySet<string> = new Set([
  "id",
  "object",
  "created",
  "model",
  "choices",
  "usage",
  "x_groq",
  "obfuscation",
]);

/** What a body or frame says of itself; `extra` holds `system_fingerprint`, `service_tier` and what others add. */
export const decodeHead = (body: JsonObject) => {
  const { id, created, model } = body;
  const fields = unknownFields(body, knownFields);
  const extra: Extra | undefined = fields === undefined ? undefined : { dialect: "openai", fields };
  const head: { id: string; created: number; model: string; extra?: Extra } = {
    id: typeof id === "string" ? id : "",
    created: typeof created === "number" && Number.isFinite(created) ? Math.floor(created) : 0,
    model: typeof model === "string" ? model : "",
  };
  if (extra !== undefined) head.extra = extra;
  return head;
};

/** The body of a reply of status 200 as an object; throws where it is none, or says that the call failed. */
export const replyObject = (body: unknown, provider: string): JsonObject => {
  if (!isJsonObject(body)) throw malformed(provider, "an answer that is not a JSON object");
  if (isErrorBody(body)) throw failureWithin(provider, body);
  return body;
};

/** The choices of a body; throws where there are none. */
export const replyChoices = (body: JsonObject, provider: string): readonly JsonObject[] => {
  const { choices } = body;
  if (!Array.isArray(choices) || choices.length === 0) throw malformed(provider, "an answer without choices");
  return choices.map((choice: JsonValue) => {
    if (!isJsonObject(choice)) throw malformed(provider, "a choice that is not an object");
    return choice;
  });
};

/** The choice's index; its position where the server gives none. */
export const choiceIndex = (choice: JsonObject, position: number): number => {
  const { index } = choice;
  return typeof index === "number" && Number.isInteger(index) && index >= 0 ? index : position;
};

interface ChoicePlace {
  readonly provider: string;
  readonly completionId: string;
  readonly position: number;
}

const decodeChoice = (choice: JsonObject, { provider, completionId, position }: ChoicePlace): Choice => {
  const { message, logprobs } = choice;
  if (isErrorBody(choice)) throw failureWithin(provider, choice);
  if (!isJsonObject(message)) throw malformed(provider, "a choice without a message");
  const index = choiceIndex(choice, position);
  const content = decodeMessage(message, { provider, completionId, choice: index });
  const hasToolCalls = content.some(({ type }) => type === "toolCall");
  const fields = messageExtra(message);
  return {
    index,
    content,
    finishReason: decodeFinishReason(choice["finish_reason"], { provider, hasToolCalls }),
    ...(typeof choice["stop_reason"] === "string" ? { stopSequence: choice["stop_reason"] } : {}),
    ...(logprobs === undefined || logprobs === null ? {} : { logprobs }),
    ...(fields === undefined ? {} : { extra: { dialect: "openai", fields } }),
  };
};

const decodeChoices = (reply: JsonObject, provider: string, completionId: string): readonly Choice[] =>
  replyChoices(reply, provider).map((choice, position) => decodeChoice(choice, { provider, completionId, position }));

/**
 * An answer in the schema's form may be sent on as it is: what it holds is taken apart only for those who ask. A class,
 * since the runtime makes a new layout for each object that is written with a getter.
 */
class ConformingCompletion implements Completion {
  readonly id: string;
  readonly created: number;
  readonly model: string;
  readonly conformsTo = "openai";
  declare readonly usage?: Usage;
  declare readonly extra?: Extra;
  readonly #reply: JsonObject;
  readonly #provider: string;
  #choices: readonly Choice[] | undefined;

  constructor(reply: JsonObject, { provider, quirks }: Dialogue) {
    const { id, created, model, extra } = decodeHead(reply);
    const usage = usageOf(reply, quirks);
    this.id = id;
    this.created = created;
    this.model = model;
    this.#reply = reply;
    this.#provider = provider;
    if (usage !== undefined) this.usage = usage;
    if (extra !== undefined) this.extra = extra;
  }

  get choices(): readonly Choice[] {
    this.#choices ??= decodeChoices(this.#reply, this.#provider, this.id);
    return this.#choices;
  }
}

/** A whole answer ("The chat completion object", OpenAI API reference). */
export const decodeCompletion = (body: unknown, dialogue: Dialogue): Completion => {
  const { provider, quirks } = dialogue;
  const reply = replyObject(body, provider);
  if (isConformingAnswer(reply)) return new ConformingCompletion(reply, dialogue);
  const head = decodeHead(reply);
  const choices = decodeChoices(reply, provider, head.id);
  const usage = usageOf(reply, quirks);
  return { ...head, choices, ...(usage === undefined ? {} : { usage }) };
};
