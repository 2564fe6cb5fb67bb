import { isJsonObject, type JsonObject, type JsonValue } from "../../../../core/json.ts";

/** Thrown where a schema cannot be judged here. */
export class UnknownSchema extends Error {}

export const numberOf = (value: JsonValue): number => {
  if (typeof value !== "number") throw new UnknownSchema();
  return value;
};
export const listOf = (value: JsonValue): readonly JsonValue[] => {
  if (!Array.isArray(value)) throw new UnknownSchema();
  return value;
};
export const objectOf = (value: JsonValue): JsonObject => {
  if (!isJsonObject(value)) throw new UnknownSchema();
  return value;
};

const types: ReadonlyMap<JsonValue, (value: JsonValue) => boolean> = new Map([
  ["null", (value) => value === null],
  ["boolean", (value) => typeof value === "boolean"],
  ["string", (value) => typeof value === "string"],
  ["number", (value) => typeof value === "number"],
  ["integer", (value) => Number.isInteger(value)],
  ["array", (value) => Array.isArray(value)],
  ["object", isJsonObject],
] satisfies [JsonValue, (value: JsonValue) => boolean][]);

/** Whether a value is of the type that `type` names, or of one of them. */
export const isOfType = (value: JsonValue, given: JsonValue): boolean =>
  (Array.isArray(given) ? given : [given]).some((name) => {
    const check = types.get(name);
    if (check === undefined) throw new UnknownSchema();
    return check(value);
  });

/** What a keyword is judged with. */
interface Judged<Value> {
  readonly value: Value;
  /** The keyword's own value, and the schema that it stands in. */
  readonly given: JsonValue;
  readonly schema: JsonObject;
  /** Whether a part of the value matches a part of the schema. */
  readonly below: (part: JsonValue, by: JsonValue) => boolean;
}

type Keywords<Value> = Readonly<Record<string, (judged: Judged<Value>) => boolean>>;

const ofNumbers: Keywords<number> = {
  minimum: ({ value, given }) => value >= numberOf(given),
  maximum: ({ value, given }) => value <= numberOf(given),
  exclusiveMinimum: ({ value, given }) => value > numberOf(given),
  exclusiveMaximum: ({ value, given }) => value < numberOf(given),
  multipleOf: ({ value, given }) => {
    const quotient = value / numberOf(given);
    return Math.abs(quotient - Math.round(quotient)) <= 1e-9 * Math.max(1, Math.abs(quotient));
  },
};

// A caller's expression could run for ever, and formats are matters of taste.
const undecided = (): never => {
  throw new UnknownSchema();
};

const ofStrings: Keywords<string> = {
  minLength: ({ value, given }) => [...value].length >= numberOf(given),
  maxLength: ({ value, given }) => [...value].length <= numberOf(given),
  pattern: undecided,
  format: undecided,
};

const ofArrays: Keywords<readonly JsonValue[]> = {
  items: ({ value, given, below }) => (Array.isArray(given) ? undecided() : value.every((one) => below(one, given))),
  minItems: ({ value, given }) => value.length >= numberOf(given),
  maxItems: ({ value, given }) => value.length <= numberOf(given),
};

const ofObjects: Keywords<JsonObject> = {
  properties: ({ value, given, below }) =>
    Object.entries(objectOf(given)).every(
      ([name, by]) => !Object.hasOwn(value, name) || below(value[name] as JsonValue, by),
    ),
  required: ({ value, given }) => listOf(given).every((name) => Object.hasOwn(value, String(name))),
  additionalProperties: ({ value, given, schema, below }) => {
    const named = schema["properties"] === undefined ? {} : objectOf(schema["properties"]);
    return Object.keys(value).every((name) => Object.hasOwn(named, name) || below(value[name] as JsonValue, given));
  },
  minProperties: ({ value, given }) => Object.keys(value).length >= numberOf(given),
  maxProperties: ({ value, given }) => Object.keys(value).length <= numberOf(given),
};

const known: ReadonlySet<string> = new Set([ofNumbers, ofStrings, ofArrays, ofObjects].flatMap(Object.keys));

const judge = <Value>(keywords: Keywords<Value>, keyword: string, judged: Judged<Value>): boolean =>
  Object.hasOwn(keywords, keyword) ? keywords[keyword]?.(judged) === true : true;

/** Judges a keyword that is for values of one type; of values of other types it says nothing. Throws {@link UnknownSchema}. */
export const judgeByType = (keyword: string, judged: Judged<JsonValue>): boolean => {
  if (!known.has(keyword)) throw new UnknownSchema();
  const { value } = judged;
  if (typeof value === "number") return judge(ofNumbers, keyword, { ...judged, value });
  if (typeof value === "string") return judge(ofStrings, keyword, { ...judged, value });
  if (Array.isArray(value)) return judge(ofArrays, keyword, { ...judged, value });
  return isJsonObject(value) ? judge(ofObjects, keyword, { ...judged, value }) : true;
};
