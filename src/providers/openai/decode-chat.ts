import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import type { Choice, Completion, Extra } from "../../core/reply.ts";
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

/** An answer in the schema's form may be sent on as it is: what it holds is taken apart only for those who ask. */
const conforming = (reply: JsonObject, { provider, quirks }: Dialogue): Completion => {
  const { id, created, model, extra } = decodeHead(reply);
  const usage = usageOf(reply, quirks);
  let choices: readonly Choice[] | undefined;
  // Nothing is spread: that costs more than all the rest.
  const completion: { -readonly [Field in keyof Completion]: Completion[Field] } = {
    id,
    created,
    model,
    conformsTo: "openai",
    get choices() {
      choices ??= replyChoices(reply, provider).map((choice, position) =>
        decodeChoice(choice, { provider, completionId: id, position }),
      );
      return choices;
    },
  };
  if (usage !== undefined) completion.usage = usage;
  if (extra !== undefined) completion.extra = extra;
  return completion;
};

/** A whole answer ("The chat completion object", OpenAI API reference). */
export const decodeCompletion = (body: unknown, dialogue: Dialogue): Completion => {
  const { provider, quirks } = dialogue;
  const reply = replyObject(body, provider);
  if (isConformingAnswer(reply)) return conforming(reply, dialogue);
  const head = decodeHead(reply);
  const choices = replyChoices(reply, provider).map((choice, position) =>
    decodeChoice(choice, { provider, completionId: head.id, position }),
  );
  const usage = usageOf(reply, quirks);
  return { ...head, choices, ...(usage === undefined ? {} : { usage }) };
};
