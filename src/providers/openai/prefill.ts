import type { ChatRequest } from "../../core/chat.ts";
import type { JsonObject } from "../../core/json.ts";
import type { Target } from "../../core/model.ts";
import type { PrefillMode } from "../../core/ports/provider.ts";
import { isContinuable, offersTools, type PrefillOption } from "../prefill.ts";
import { asksToReason } from "../reasoning.ts";
import type { Dialogue, Quirks } from "./quirks.ts";

/** How a server of this family goes on with a begun answer, how it is asked to, and of which targets that is known. */
export interface Prefill {
  readonly mode: PrefillMode;
  /** Fields of the request that ask for it. */
  readonly requestFields?: JsonObject;
  /** Fields of the begun message that ask for it. */
  readonly messageFields?: JsonObject;
  /** Names of the models that it is known of; absent means every one. */
  readonly models?: RegExp;
  /** Addresses at which it is served; absent means every one. */
  readonly baseUrl?: RegExp;
  /** Known of streamed answers only. */
  readonly streamedOnly?: true;
  /**
   * `refused`: a model is asked unless it is known to reason, since a server refuses rather than go on wrongly;
   * `unsafe`: only if it is known not to, since its answer could be taken for reasoning and get lost.
   */
  readonly reasoners: "refused" | "unsafe";
}

/** What the option makes of a kind's own way: the user knows the server, so that no condition on it is left. */
export const prefillWith = (own: Prefill | undefined, option: PrefillOption): Prefill | undefined => {
  if (option === undefined) return own;
  if (option === "off") return undefined;
  const { requestFields = {}, messageFields = {} } = own ?? {};
  const echo = "echo" in requestFields ? { echo: option === "echoes" } : {};
  return { mode: option, requestFields: { ...requestFields, ...echo }, messageFields, reasoners: "refused" };
};

/** Whether, and how, the target goes on with a begun answer to the request. */
export const prefillMode = (request: ChatRequest, target: Target, dialogue: Dialogue): PrefillMode | undefined => {
  const { prefill } = dialogue.quirks;
  // A parser of tool calls may trim or withhold text, so that the join would not be exact.
  if (prefill === undefined || !isContinuable(request) || offersTools(request) || asksToReason(request))
    return undefined;
  const { reasoning } = target.facts;
  if (reasoning === true || (reasoning === undefined && prefill.reasoners === "unsafe")) return undefined;
  const isKnown =
    (prefill.models?.test(target.model) ?? true) &&
    (prefill.baseUrl?.test(dialogue.baseUrl) ?? true) &&
    (request.stream || prefill.streamedOnly !== true);
  return isKnown ? prefill.mode : undefined;
};

/** The messages with the last one marked as begun, where that is asked for. */
export const markBegun = (
  messages: readonly JsonObject[],
  request: ChatRequest,
  { prefill }: Quirks,
): readonly JsonObject[] => {
  const last = messages.at(-1);
  if (request.continueFinal !== true || prefill?.messageFields === undefined || last === undefined) return messages;
  return [...messages.slice(0, -1), { ...last, ...prefill.messageFields }];
};

/** What of the request's own fields asks the server to go on with the last message. */
export const continuationFields = (request: ChatRequest, { prefill }: Quirks): JsonObject =>
  request.continueFinal === true ? (prefill?.requestFields ?? {}) : {};
