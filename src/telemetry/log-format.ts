import { maskSecrets } from "../core/mask-secrets.ts";
import type { LogLevel } from "./settings.ts";

export type LogFields = Readonly<Record<string, unknown>>;

/** One entry of the log, before it is written. */
export interface LogEntry {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

const longestText = 4_000;
const longestHiddenName = 32;
const deepestValue = 6;
const mostItems = 100;
const reservedFields = new Set(["time", "level", "message"]);

// Fields of these names are never written, whoever passes them: the log holds no secrets and no prompts.
const hiddenFields = new Set(
  "authorization proxyauthorization apikey xapikey password secret cookie setcookie token accesstoken prompt messages content body".split(
    " ",
  ),
);
// Field names are few and come again with every entry.
const knownNames = new Map<string, boolean>();
const isHidden = (name: string): boolean => {
  if (name.length > longestHiddenName) return false;
  let hidden = knownNames.get(name);
  if (hidden === undefined) {
    hidden = hiddenFields.has(name.toLowerCase().replace(/[_-]/g, ""));
    if (knownNames.size < 1_000) knownNames.set(name, hidden);
  }
  return hidden;
};

// What could start a new line, steer a terminal or reorder the text that a person reads.
const unprintable =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

const escaped = (text: string): string =>
  text.replace(unprintable, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);

const cleanText = (text: string): string => {
  const cut = text.length > longestText ? `${text.slice(0, longestText)}… (${text.length} characters)` : text;
  return maskSecrets(cut);
};

const cleanError = (error: Error, depth: number): unknown => {
  const code = (error as { readonly code?: unknown }).code;
  return {
    name: error.name,
    message: cleanText(error.message),
    ...(typeof code === "string" ? { code } : {}),
    ...(error.stack === undefined ? {} : { stack: cleanText(error.stack) }),
    ...(error.cause === undefined ? {} : { cause: clean(error.cause, depth + 1) }),
  };
};

const cleanObject = (value: object, depth: number): unknown => {
  if (depth > deepestValue) return "[too deep]";
  if (Array.isArray(value)) return value.slice(0, mostItems).map((item) => clean(item, depth + 1));
  if ("toJSON" in value && typeof value.toJSON === "function") return clean(value.toJSON(), depth + 1);
  const result: Record<string, unknown> = {};
  for (const [name, item] of Object.entries(value).slice(0, mostItems))
    result[name] = isHidden(name) ? "[hidden]" : clean(item, depth + 1);
  return result;
};

const clean = (value: unknown, depth: number): unknown => {
  switch (typeof value) {
    case "string":
      return cleanText(value);
    case "number":
      return Number.isFinite(value) ? value : String(value);
    case "boolean":
      return value;
    case "bigint":
      return String(value);
    case "object":
      if (value === null) return null;
      return value instanceof Error ? cleanError(value, depth) : cleanObject(value, depth);
    default:
      return undefined;
  }
};

const cleanField = (name: string, value: unknown): unknown => {
  if (isHidden(name)) return "[hidden]";
  try {
    return clean(value, 0);
  } catch {
    // A getter or toJSON of foreign code may throw; the entry is still worth having.
    return "[unreadable]";
  }
};

/** An entry as one line of JSON, without the line break. Fields cannot replace `time`, `level` or `message`. */
export const formatJson = ({ time, level, message, fields }: LogEntry): string => {
  const line: Record<string, unknown> = { time: new Date(time).toISOString(), level, message: cleanText(message) };
  for (const name of Object.keys(fields)) if (!reservedFields.has(name)) line[name] = cleanField(name, fields[name]);
  return escaped(JSON.stringify(line));
};

const isPlain = /^[^\s"'=\\{}]+$/;
const quoted = (text: string): string => (isPlain.test(text) ? text : JSON.stringify(text));

/** An entry as one line for people, without the line break: `07:19:11.123 warn message key=value`. */
export const formatText = ({ time, level, message, fields }: LogEntry): string => {
  let line = `${new Date(time).toISOString()} ${level.padEnd(5)} ${cleanText(message)}`;
  for (const name of Object.keys(fields)) {
    const value = cleanField(name, fields[name]);
    if (value === undefined || value === null) continue;
    line += ` ${quoted(name)}=${quoted(typeof value === "string" ? value : JSON.stringify(value))}`;
  }
  return escaped(line);
};
