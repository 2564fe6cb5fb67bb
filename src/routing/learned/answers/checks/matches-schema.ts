import { isJsonObject, type JsonObject, type JsonValue, parseJson } from "../../../../core/json.ts";
import { isOfType, judgeByType, listOf, objectOf, UnknownSchema } from "./schema-keywords.ts";

// No validator of the usual libraries: they compile a caller's schema to program text, or never end on one that refers to
// itself. What is needed here is the subset that providers take for structured outputs, within bounds, and a third answer.

/** `unknown` where the schema uses what is not known here, or is too large to judge. */
export type SchemaVerdict = "valid" | "invalid" | "unknown";

const mostSteps = 20_000;
const deepest = 60;

/** Keywords that say nothing of a value. */
const annotations: ReadonlySet<string> = new Set(
  "$schema $id $defs definitions $comment title description default examples deprecated readOnly writeOnly".split(" "),
);

const isSame = (a: JsonValue, b: JsonValue): boolean => {
  if (isJsonObject(a) && isJsonObject(b)) {
    const keys = Object.keys(a);
    return (
      keys.length === Object.keys(b).length &&
      keys.every((key) => Object.hasOwn(b, key) && isSame(a[key] as JsonValue, b[key] as JsonValue))
    );
  }
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((one, index) => isSame(one as JsonValue, b[index] as JsonValue));
  return a === b;
};

/** The part of a schema that a reference within it names. */
const resolve = (root: JsonValue, reference: JsonValue): JsonValue => {
  if (typeof reference !== "string" || !reference.startsWith("#")) throw new UnknownSchema();
  let found = root;
  for (const part of reference.slice(1).split("/").slice(1)) {
    const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
    if (!isJsonObject(found) || !Object.hasOwn(found, key)) throw new UnknownSchema();
    found = found[key] as JsonValue;
  }
  return found;
};

type Matches = (value: JsonValue, schema: JsonValue, depth: number) => boolean;

const openMatcher = (root: JsonValue): Matches => {
  let steps = 0;
  const judge = (keyword: string, schema: JsonObject, value: JsonValue, depth: number): boolean => {
    const given = schema[keyword] as JsonValue;
    const below = (part: JsonValue, by: JsonValue): boolean => matches(part, by, depth + 1);
    if (annotations.has(keyword)) return true;
    switch (keyword) {
      case "type":
        return isOfType(value, given);
      case "enum":
        return listOf(given).some((one) => isSame(one, value));
      case "const":
        return isSame(given, value);
      case "$ref":
        return below(value, resolve(root, given));
      // All parts are looked at: one that cannot be judged makes the whole unknown, whatever the others say.
      case "allOf":
        return listOf(given)
          .map((one) => below(value, one))
          .every(Boolean);
      case "anyOf":
        return listOf(given)
          .map((one) => below(value, one))
          .some(Boolean);
      case "oneOf":
        return listOf(given).filter((one) => below(value, one)).length === 1;
      case "not":
        return !below(value, given);
      default:
        return judgeByType(keyword, { value, given, schema, below });
    }
  };
  const matches: Matches = (value, schema, depth) => {
    steps += 1;
    if (steps > mostSteps || depth > deepest) throw new UnknownSchema();
    if (typeof schema === "boolean") return schema;
    const keywords = objectOf(schema);
    const verdicts = Object.keys(keywords).map((keyword) => judge(keyword, keywords, value, depth));
    return verdicts.every(Boolean);
  };
  return matches;
};

/**
 * Whether a text is JSON that a JSON Schema takes: types, enumerations, bounds, objects, arrays, references within the
 * schema, and combinations. `unknown` where the schema holds another keyword, a pattern or format for a text, or refers
 * to itself without end.
 */
export const matchesSchema = (text: string, schema: JsonValue): SchemaVerdict => {
  const value = parseJson(text);
  if (value === undefined) return "invalid";
  try {
    return openMatcher(schema)(value, schema, 0) ? "valid" : "invalid";
  } catch (thrown) {
    if (thrown instanceof UnknownSchema) return "unknown";
    throw thrown;
  }
};
