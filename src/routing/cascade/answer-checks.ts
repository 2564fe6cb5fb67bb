import { z } from "zod";
import type { ResponseFormat } from "../../core/chat.ts";
import { isJsonObject, type JsonValue, parseJson } from "../../core/json.ts";

/** What an answer comes to, so that two of them can be compared. */
export type ExtractedAnswer = string;

export const extractAnswer = (text: string): ExtractedAnswer | undefined => {
  const parsed = parseJson(text);
  if (typeof parsed === "object" && parsed !== null) return JSON.stringify(sorted(parsed));
  const named = [...text.matchAll(/\banswer(?:\s+is|\s*:)\s*\**\s*([^\n]{1,200})/gi)].at(-1)?.[1];
  const short = text.trim().length <= 80 ? text : undefined;
  const plain = (named ?? short)
    ?.toLowerCase()
    .replace(/[*$"'`]|[.!?\s]+$/g, "")
    .replace(/(?<=\d),(?=\d{3})/g, "")
    .trim();
  if (plain === undefined || plain === "") return undefined;
  const number = Number(plain);
  return Number.isFinite(number) ? String(number) : plain;
};

export const agree = (one: ExtractedAnswer, other: ExtractedAnswer): boolean => one === other;

export const isRefusal = (text: string): boolean =>
  /^\s*(?:i'?m sorry,? but|i (?:can(?:no|')t|am unable to|won't) (?:help|assist|provide|answer|comply))/i.test(text);

export const formatFlaw = (text: string, format: ResponseFormat): string | undefined => {
  if (format.kind === "text") return undefined;
  const value = parseJson(text);
  if (value === undefined) return "it is not JSON";
  if (format.kind === "json") return isJsonObject(value) ? undefined : "it is not a JSON object";
  return z.fromJSONSchema(format.schema as never).safeParse(value).success ? undefined : "it does not fit the schema";
};

const sorted = (value: JsonValue): JsonValue => {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .toSorted()
      .map((key) => [key, sorted(value[key] as JsonValue)]),
  );
};
