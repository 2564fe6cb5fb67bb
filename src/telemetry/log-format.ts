import { formatTime } from "./log-time.ts";
import { cleanText, escapeText, quoteText } from "./quote-text.ts";
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

/** Entries that all have the same fields, so that how they are written can be known beforehand. */
export interface EntryShape<Value> {
  /** Plain words of ours, which need no escape. */
  readonly message: string;
  readonly fields: (value: Value) => LogFields;
  /** The fields as {@link formatJson} has them behind the message: `,"name":value` for each, cleaned and escaped. */
  readonly json: (value: Value) => string;
}

const longestHiddenName = 32;
const deepestValue = 6;
const mostItems = 100;
const mostNames = 1_000;
const reservedFields = new Set(["time", "level", "message"]);

// Fields of these names are never written, whoever passes them: the log holds no secrets and no prompts.
const hiddenFields = new Set(
  "authorization proxyauthorization apikey xapikey password secret cookie setcookie token accesstoken prompt messages content body".split(
    " ",
  ),
);
interface KnownName {
  /** How its field begins in JSON: `,"name":`. */
  readonly beginning: string;
  readonly sight: "shown" | "hidden" | "reserved";
}

// Field names are few and come again with every entry.
const knownNames = new Map<string, KnownName>();
const knownName = (name: string): KnownName => {
  const known = knownNames.get(name);
  if (known !== undefined) return known;
  const isSecret = name.length <= longestHiddenName && hiddenFields.has(name.toLowerCase().replace(/[_-]/g, ""));
  const made: KnownName = {
    beginning: `,${escapeText(JSON.stringify(name))}:`,
    sight: reservedFields.has(name) ? "reserved" : isSecret ? "hidden" : "shown",
  };
  if (knownNames.size < mostNames) knownNames.set(name, made);
  return made;
};
const isHidden = (name: string): boolean => knownName(name).sight === "hidden";

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

/** A field's value as JSON; undefined where it has none. */
const jsonOf = (name: string, value: unknown): string | undefined => {
  if (typeof value === "string") return quoteText(value);
  if (value === null || typeof value === "boolean" || Number.isFinite(value)) return String(value);
  const text: string | undefined = JSON.stringify(cleanField(name, value));
  return text === undefined ? undefined : escapeText(text);
};

/** An entry as one line of JSON, without the line break. Fields cannot replace `time`, `level` or `message`. */
export const formatJson = ({ time, level, message, fields }: LogEntry): string => {
  let line = `{"time":"${formatTime(time)}","level":"${level}","message":${quoteText(message)}`;
  for (const name of Object.keys(fields)) {
    const { beginning, sight } = knownName(name);
    if (sight === "reserved") continue;
    const value = sight === "hidden" ? '"[hidden]"' : jsonOf(name, fields[name]);
    if (value !== undefined) line += beginning + value;
  }
  return `${line}}`;
};

const isPlain = /^[^\s"'=\\{}]+$/;
const quoted = (text: string): string => (isPlain.test(text) ? text : JSON.stringify(text));

/** An entry as one line for people, without the line break: `07:19:11.123 warn message key=value`. */
export const formatText = ({ time, level, message, fields }: LogEntry): string => {
  let line = `${formatTime(time)} ${level.padEnd(5)} ${cleanText(message)}`;
  for (const name of Object.keys(fields)) {
    const value = cleanField(name, fields[name]);
    if (value === undefined || value === null) continue;
    line += ` ${quoted(name)}=${quoted(typeof value === "string" ? value : JSON.stringify(value))}`;
  }
  return escapeText(line);
};
