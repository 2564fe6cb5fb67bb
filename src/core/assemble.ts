import type { AssistantPart, ProviderData } from "./chat.ts";
import { GatewayError } from "./errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "./json.ts";
import type { Choice, Chunk, Completion, Extra, FinishReason } from "./reply.ts";
import type { Usage } from "./usage.ts";

type Part = { -readonly [Key in keyof AssistantPart]: AssistantPart[Key] };

interface OpenChoice {
  readonly parts: AssistantPart[];
  /** Where among the parts each tool call stands. */
  readonly calls: Map<number, number>;
  readonly logprobs: { content: JsonValue[]; refusal: JsonValue[] };
  extra: Extra | undefined;
  finish: { readonly reason: FinishReason; readonly stopSequence?: string } | undefined;
}

const openChoice = (): OpenChoice => ({
  parts: [],
  calls: new Map(),
  logprobs: { content: [], refusal: [] },
  extra: undefined,
  finish: undefined,
});

const mergeData = (left: ProviderData | undefined, right: ProviderData | undefined): ProviderData | undefined => {
  if (left === undefined || right === undefined) return left ?? right;
  const merged: Record<string, JsonObject> = { ...left };
  for (const [dialect, fields] of Object.entries(right)) merged[dialect] = { ...merged[dialect], ...fields };
  return merged;
};

const withData = (data: ProviderData | undefined): { providerData?: ProviderData } =>
  data === undefined ? {} : { providerData: data };

/** Adds text to the last part where that is of the same kind, else begins a part. */
const addProse = (
  choice: OpenChoice,
  type: "text" | "reasoning" | "refusal",
  text: string,
  data?: ProviderData,
): void => {
  const last = choice.parts.at(-1);
  if (last?.type !== type) {
    if (text !== "" || data !== undefined) choice.parts.push({ type, text, ...withData(data) } as AssistantPart);
    return;
  }
  const merged = mergeData(last.providerData, data);
  choice.parts[choice.parts.length - 1] = {
    ...(last as Part),
    text: last.text + text,
    ...withData(merged),
  } as AssistantPart;
};

const addLogprobs = ({ logprobs }: OpenChoice, value: JsonValue | undefined): void => {
  if (!isJsonObject(value)) return;
  for (const kind of ["content", "refusal"] as const) {
    const tokens = value[kind];
    if (Array.isArray(tokens)) logprobs[kind].push(...(tokens as JsonValue[]));
  }
};

const addToolCall = (choice: OpenChoice, chunk: Chunk & { type: "toolCall" }): void => {
  const at = choice.calls.get(chunk.toolIndex);
  const before = at === undefined ? undefined : choice.parts[at];
  if (at === undefined || before?.type !== "toolCall") {
    choice.calls.set(chunk.toolIndex, choice.parts.length);
    const { id = "", name = "", arguments: text, providerData } = chunk;
    choice.parts.push({ type: "toolCall", id, name, arguments: text, ...withData(providerData) });
    return;
  }
  const data = mergeData(before.providerData, chunk.providerData);
  choice.parts[at] = { ...before, arguments: before.arguments + chunk.arguments, ...withData(data) };
};

/** Fields with a `type` are a part of their own; the others belong to the message. */
const addOpaque = (choice: OpenChoice, { dialect, fields }: Extra): void => {
  if (typeof fields["type"] === "string" && dialect !== "openai")
    choice.parts.push({ type: "opaque", dialect, value: fields });
  else choice.extra = { dialect, fields: { ...choice.extra?.fields, ...fields } };
};

const toChoice = (index: number, { parts, logprobs, extra, finish }: OpenChoice): Choice => {
  if (finish === undefined)
    throw new GatewayError("upstream_invalid_response", "The upstream's answer ended without saying why.");
  const hasLogprobs = logprobs.content.length + logprobs.refusal.length > 0;
  return {
    index,
    content: parts,
    finishReason: finish.reason,
    ...(finish.stopSequence === undefined ? {} : { stopSequence: finish.stopSequence }),
    ...(hasLogprobs
      ? { logprobs: { content: logprobs.content, refusal: logprobs.refusal.length > 0 ? logprobs.refusal : null } }
      : {}),
    ...(extra === undefined ? {} : { extra }),
  };
};

/** Puts the pieces of a stream together to the whole answer that they are. */
export interface Assembly {
  push(batch: readonly Chunk[]): void;
  /** Throws `upstream_invalid_response` where a choice was never finished. */
  end(): Completion;
}

export const openAssembly = (): Assembly => {
  let start: Chunk & { type: "start" } = { type: "start", id: "", created: 0, model: "" };
  let usage: Usage | undefined;
  const choices = new Map<number, OpenChoice>();
  const choiceOf = (index: number): OpenChoice => {
    const known = choices.get(index) ?? openChoice();
    choices.set(index, known);
    return known;
  };
  const add = (chunk: Chunk): void => {
    switch (chunk.type) {
      case "start":
        start = chunk;
        return;
      case "usage":
        usage = chunk.usage;
        return;
      case "restart":
        choices.delete(chunk.choice);
        return;
      case "text":
      case "refusal":
        addProse(choiceOf(chunk.choice), chunk.type, chunk.text);
        addLogprobs(choiceOf(chunk.choice), chunk.logprobs);
        return;
      case "reasoning":
        addProse(choiceOf(chunk.choice), "reasoning", chunk.text, chunk.providerData);
        return;
      case "toolCall":
        addToolCall(choiceOf(chunk.choice), chunk);
        return;
      case "opaque":
        addOpaque(choiceOf(chunk.choice), chunk.extra);
        return;
      case "finish":
        choiceOf(chunk.choice).finish = chunk;
        return;
    }
  };
  return {
    push: (batch) => batch.forEach(add),
    end: () => ({
      id: start.id,
      created: start.created,
      model: start.model,
      choices: [...choices].toSorted(([a], [b]) => a - b).map(([index, choice]) => toChoice(index, choice)),
      ...(usage === undefined ? {} : { usage }),
      ...(start.extra === undefined ? {} : { extra: start.extra }),
    }),
  };
};
