import { isJsonObject, type JsonObject, type JsonValue, parseJson } from "../../../../core/json.ts";

// No validator of the usual libraries: they compile a caller's schema to program text, or never end on one that refers to
// itself. What is needed here is the subset that providers take for structured outputs, within bounds, and a third answer.

/** `unknown` where the schema uses what is not known here, or is too large to judge. */
export type SchemaVerdict = "valid" | "invalid" | "unknown";

const mostSteps = 20_000;
const deepest = 60;

/** Says nothing of a value, or nothing that may be decided without running a caller's expression. */
const annotations: ReadonlySet<string> = new Set(
  "$schema $id $defs definitions $comment title description default examples deprecated readOnly writeOnly".split(" "),
);

const types: Readonly<Record<string, (value: JsonValue) => boolean>> = {
  null: (value) => value === null,
  boolean: (value) => typeof value === "boolean",
  string: (value) => typeof value === "string",
  number: (value) => typeof value === "number",
  integer: (value) => Number.isInteger(value),
  array: (value) => Array.isArray(value),
  object: isJsonObject,
};

class Unknown extends Error {}

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

const numberOf = (value: JsonValue): number => {
  if (typeof value !== "number") throw new Unknown();
  return value;
};
const listOf = (value: JsonValue): readonly JsonValue[] => {
  if (!Array.isArray(value)) throw new Unknown();
  return value;
};
const objectOf = (value: JsonValue): JsonObject => {
  if (!isJsonObject(value)) throw new Unknown();
  return value;
};

class SchemaReader {
  #steps = 0;

  constructor(readonly root: JsonObject) {}

  matches(value: JsonValue, schema: JsonValue, depth: number): boolean {
    this.#steps += 1;
    if (this.#steps > mostSteps || depth > deepest) throw new Unknown();
    if (typeof schema === "boolean") return schema;
    const keywords = objectOf(schema);
    // Every keyword is looked at, so that one that is not known makes the verdict unknown, whatever the others say.
    const verdicts = Object.keys(keywords).map((keyword) => this.#keyword(keyword, keywords, value, depth));
    return verdicts.every(Boolean);
  }

  #keyword(keyword: string, schema: JsonObject, value: JsonValue, depth: number): boolean {
    const given = schema[keyword] as JsonValue;
    if (annotations.has(keyword)) return true;
    const below = (one: JsonValue, by: JsonValue): boolean => this.matches(one, by, depth + 1);
    switch (keyword) {
      case "type":
        return (Array.isArray(given) ? given : [given]).some((name) => {
          const check = Object.hasOwn(types, String(name)) ? types[String(name)] : undefined;
          if (check === undefined) throw new Unknown();
          return check(value);
        });
      case "enum":
        return listOf(given).some((one) => isSame(one, value));
      case "const":
        return isSame(given, value);
      case "$ref":
        return below(value, this.#resolve(given));
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
        if (typeof value === "number") return this.#ofNumber(keyword, given, value);
        if (typeof value === "string") return this.#ofString(keyword, given, value);
        if (Array.isArray(value)) return this.#ofArray(keyword, given, value, below);
        if (isJsonObject(value)) return this.#ofObject(keyword, schema, value, below);
        return this.#ofOthers(keyword);
    }
  }

  #resolve(reference: JsonValue): JsonValue {
    if (typeof reference !== "string" || !reference.startsWith("#")) throw new Unknown();
    let found: JsonValue = this.root;
    for (const part of reference.slice(1).split("/").slice(1)) {
      const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
      if (!isJsonObject(found) || !Object.hasOwn(found, key)) throw new Unknown();
      found = found[key] as JsonValue;
    }
    return found;
  }

  /** A keyword for values of another type says nothing of this one. */
  #ofOthers(keyword: string): true {
    if (!known.has(keyword)) throw new Unknown();
    return true;
  }

  #ofNumber(keyword: string, given: JsonValue, value: number): boolean {
    switch (keyword) {
      case "minimum":
        return value >= numberOf(given);
      case "maximum":
        return value <= numberOf(given);
      case "exclusiveMinimum":
        return value > numberOf(given);
      case "exclusiveMaximum":
        return value < numberOf(given);
      case "multipleOf": {
        const quotient = value / numberOf(given);
        return Math.abs(quotient - Math.round(quotient)) <= 1e-9 * Math.max(1, Math.abs(quotient));
      }
      default:
        return this.#ofOthers(keyword);
    }
  }

  #ofString(keyword: string, given: JsonValue, value: string): boolean {
    switch (keyword) {
      case "minLength":
        return [...value].length >= numberOf(given);
      case "maxLength":
        return [...value].length <= numberOf(given);
      // A caller's expression could run for ever, and formats are matters of taste.
      case "pattern":
      case "format":
        throw new Unknown();
      default:
        return this.#ofOthers(keyword);
    }
  }

  #ofArray(
    keyword: string,
    given: JsonValue,
    value: readonly JsonValue[],
    below: (one: JsonValue, by: JsonValue) => boolean,
  ): boolean {
    switch (keyword) {
      case "items":
        if (Array.isArray(given)) throw new Unknown();
        return value.every((one) => below(one, given));
      case "minItems":
        return value.length >= numberOf(given);
      case "maxItems":
        return value.length <= numberOf(given);
      default:
        return this.#ofOthers(keyword);
    }
  }

  #ofObject(
    keyword: string,
    schema: JsonObject,
    value: JsonObject,
    below: (one: JsonValue, by: JsonValue) => boolean,
  ): boolean {
    const given = schema[keyword] as JsonValue;
    switch (keyword) {
      case "properties":
        return Object.entries(objectOf(given)).every(
          ([name, by]) => !Object.hasOwn(value, name) || below(value[name] as JsonValue, by),
        );
      case "required":
        return listOf(given).every((name) => Object.hasOwn(value, String(name)));
      case "additionalProperties": {
        const named = schema["properties"] === undefined ? {} : objectOf(schema["properties"]);
        return Object.keys(value).every((name) => Object.hasOwn(named, name) || below(value[name] as JsonValue, given));
      }
      case "minProperties":
        return Object.keys(value).length >= numberOf(given);
      case "maxProperties":
        return Object.keys(value).length <= numberOf(given);
      default:
        return this.#ofOthers(keyword);
    }
  }
}

const known: ReadonlySet<string> = new Set(
  (
    "minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength pattern format items minItems " +
    "maxItems properties required additionalProperties minProperties maxProperties"
  ).split(" "),
);

/**
 * Whether a text is JSON that a JSON Schema takes: types, enumerations, bounds, objects, arrays, references within the
 * schema, and combinations. `unknown` where the schema holds another keyword, a pattern or format for a text, or refers
 * to itself without end.
 */
export const matchesSchema = (text: string, schema: JsonValue): SchemaVerdict => {
  const value = parseJson(text);
  if (value === undefined) return "invalid";
  try {
    return new SchemaReader(isJsonObject(schema) ? schema : {}).matches(value, schema, 0) ? "valid" : "invalid";
  } catch (thrown) {
    if (thrown instanceof Unknown) return "unknown";
    throw thrown;
  }
};
