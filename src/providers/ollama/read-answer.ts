import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import type { FinishReason } from "../../core/reply.ts";
import type { Usage } from "../../core/usage.ts";
import { openToolCallIds } from "../tool-call-ids.ts";
import { malformed } from "../upstream-error.ts";
import { decodeOllamaError, errorIn } from "./errors.ts";

/** An answer, or one line of it. Throws what an error in its place says, or `upstream_invalid_response`. */
export const readAnswer = (body: unknown, provider: string): JsonObject => {
  // An error within an answer of status 200 is the server's own failure, unless its words say otherwise.
  if (errorIn(body) !== undefined) throw decodeOllamaError(500, body, { provider });
  if (!isJsonObject(body)) throw malformed(provider, "an answer that is not a JSON object");
  return body;
};

/** A text that may be absent. */
export const readText = (value: JsonValue | undefined, provider: string): string => {
  if (value === undefined || value === null) return "";
  if (typeof value !== "string") throw malformed(provider, "a text that is not a string");
  return value;
};

/** Seconds since 1970; 0 where the answer does not say. */
export const readCreated = (answer: JsonObject): number => {
  const { created_at } = answer;
  const milliseconds = typeof created_at === "string" ? Date.parse(created_at) : Number.NaN;
  return Number.isNaN(milliseconds) ? 0 : Math.floor(milliseconds / 1_000);
};

/** What tells this answer's calls from another's where they come without ids. */
export const readSeed = (answer: JsonObject): string => {
  const { created_at } = answer;
  return typeof created_at === "string" ? created_at : "";
};

/** The model that answered; empty where the answer does not say. */
export const readModel = (answer: JsonObject): string => {
  const { model } = answer;
  return typeof model === "string" ? model : "";
};

/** `done_reason`; a server from before that field leaves it out, and one that only loaded the model says `load`. */
export const readFinishReason = (answer: JsonObject, context: { readonly hasToolCalls: boolean }): FinishReason => {
  if (answer["done_reason"] === "length") return "length";
  return context.hasToolCalls ? "toolCalls" : "stop";
};

const count = (value: JsonValue | undefined): number | undefined =>
  typeof value === "number" && Number.isFinite(value) && value > 0 ? Math.floor(value) : undefined;

/**
 * The counts of an answer. A prompt that was read from the cache may leave `prompt_eval_count` out: then the usage is
 * not known, and an estimate is better than a prompt of no tokens.
 */
export const readUsage = (answer: JsonObject): Usage | undefined => {
  const inputTokens = count(answer["prompt_eval_count"]);
  return inputTokens === undefined ? undefined : { inputTokens, outputTokens: count(answer["eval_count"]) ?? 0 };
};

/** A tool call of an answer. */
export interface ReadCall {
  readonly id: string;
  readonly name: string;
  /** JSON text. */
  readonly arguments: string;
}

/** Reads tool calls and sees to it that their ids are there and distinct: older servers give none. */
export const openCalls = (provider: string) => {
  const ids = openToolCallIds();
  const readCall = (call: JsonValue, seed: string): ReadCall => {
    const asked = isJsonObject(call) ? call["function"] : undefined;
    if (!isJsonObject(call) || !isJsonObject(asked) || typeof asked["name"] !== "string" || asked["name"] === "")
      throw malformed(provider, "a tool call without a name");
    const { arguments: args } = asked;
    return {
      id: ids.next(call, seed),
      name: asked["name"],
      arguments: typeof args === "string" ? args : JSON.stringify(args ?? {}),
    };
  };
  return {
    get count() {
      return ids.count;
    },
    /** `seed` tells this answer from others: the same answer gets the same ids. */
    read(calls: JsonValue | undefined, seed: string): readonly ReadCall[] {
      if (calls === undefined || calls === null) return [];
      if (!Array.isArray(calls)) throw malformed(provider, "tool calls that are not an array");
      return calls.map((call) => readCall(call, seed));
    },
  };
};
