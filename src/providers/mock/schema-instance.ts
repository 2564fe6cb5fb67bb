import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";

/** Deeper than this, whatever is optional is left out, so that schemas that hold themselves come to an end. */
const maxDepth = 6;
/** Deeper than this, or after so many values, nothing valid can be made. */
const hardDepth = 40;
const maxValues = 5_000;
const maxCharacters = 10_000;

const formats: Readonly<Record<string, string>> = {
  date: "2026-01-01",
  "date-time": "2026-01-01T00:00:00Z",
  time: "00:00:00Z",
  email: "user@example.com",
  uri: "https://example.com/",
  uuid: "00000000-0000-4000-8000-000000000000",
  ipv4: "192.0.2.1",
  hostname: "example.com",
};

const numberAt = (schema: JsonObject, key: string): number | undefined => {
  const value = schema[key];
  return typeof value === "number" ? value : undefined;
};

const stringFor = (schema: JsonObject): string => {
  const { format } = schema;
  const text = typeof format === "string" && Object.hasOwn(formats, format) ? (formats[format] ?? "") : "example";
  return text
    .padEnd(Math.min(maxCharacters, numberAt(schema, "minLength") ?? 0), "x")
    .slice(0, numberAt(schema, "maxLength") ?? undefined);
};

const numberFor = (schema: JsonObject, kind: "integer" | "number"): number => {
  const above = numberAt(schema, "exclusiveMinimum");
  const below = numberAt(schema, "exclusiveMaximum");
  const least = numberAt(schema, "minimum") ?? above;
  const most = numberAt(schema, "maximum") ?? below;
  const multiple = numberAt(schema, "multipleOf");
  if (kind === "number" && multiple === undefined && least !== undefined && most !== undefined)
    return (least + most) / 2;
  const step = multiple ?? 1;
  if (least !== undefined) {
    const value = Math.ceil(least / step) * step;
    return value === above ? value + step : value;
  }
  if (most === undefined || step < most) return step;
  const value = Math.floor(most / step) * step;
  return value === below ? value - step : value;
};

/** Makes one value that a JSON Schema accepts, in a simple way; patterns are not looked at. */
class Maker {
  readonly #root: JsonObject;
  #made = 0;

  constructor(root: JsonObject) {
    this.#root = root;
  }

  make(schema: JsonValue | undefined, depth: number): JsonValue {
    if (!isJsonObject(schema) || depth > hardDepth || ++this.#made > maxValues) return null;
    const { $ref } = schema;
    if (typeof $ref === "string") return this.make(this.#resolve($ref), depth + 1);
    if ("const" in schema) return schema["const"] ?? null;
    if (Array.isArray(schema["enum"])) return schema["enum"][0] ?? null;
    for (const key of ["anyOf", "oneOf"]) {
      const options = schema[key];
      if (Array.isArray(options)) return this.make(choose(options, depth), depth + 1);
    }
    if (Array.isArray(schema["allOf"])) return this.make(this.#merge(schema, schema["allOf"]), depth + 1);
    return this.#byType(schema, depth);
  }

  #byType(schema: JsonObject, depth: number): JsonValue {
    const type = Array.isArray(schema["type"]) ? schema["type"][0] : schema["type"];
    switch (type) {
      case "string":
        return stringFor(schema);
      case "integer":
      case "number":
        return numberFor(schema, type);
      case "boolean":
        return true;
      case "null":
        return null;
      case "array":
        return this.#array(schema, depth);
      case "object":
        return this.#object(schema, depth);
      default:
        return isJsonObject(schema["properties"]) ? this.#object(schema, depth) : {};
    }
  }

  #object(schema: JsonObject, depth: number): JsonObject {
    const properties = isJsonObject(schema["properties"]) ? schema["properties"] : {};
    const required = Array.isArray(schema["required"]) ? schema["required"] : [];
    const optional = depth < maxDepth && required.length === 0 ? Object.keys(properties) : [];
    const keys = [...required, ...optional].filter((key): key is string => typeof key === "string");
    return Object.fromEntries(keys.map((key) => [key, this.make(properties[key], depth + 1)]));
  }

  #array(schema: JsonObject, depth: number): readonly JsonValue[] {
    if (Array.isArray(schema["prefixItems"])) return schema["prefixItems"].map((item) => this.make(item, depth + 1));
    const least = numberAt(schema, "minItems") ?? 0;
    const wanted = depth < maxDepth ? Math.max(least, 1) : least;
    const length = Math.min(wanted, numberAt(schema, "maxItems") ?? wanted, 100);
    return Array.from({ length }, () => this.make(schema["items"] ?? {}, depth + 1));
  }

  #merge(schema: JsonObject, all: readonly JsonValue[]): JsonObject {
    const { allOf: _, ...own } = schema;
    let merged: JsonObject = own;
    for (const part of all) {
      const resolved = isJsonObject(part) && typeof part["$ref"] === "string" ? this.#resolve(part["$ref"]) : part;
      if (!isJsonObject(resolved)) continue;
      const properties = { ...objectAt(merged, "properties"), ...objectAt(resolved, "properties") };
      const required = [...listAt(merged, "required"), ...listAt(resolved, "required")];
      merged = { ...merged, ...resolved, properties, required };
    }
    return merged;
  }

  #resolve(reference: string): JsonValue | undefined {
    if (!reference.startsWith("#")) return undefined;
    const steps = reference.slice(1).split("/").slice(1);
    return steps.reduce<JsonValue | undefined>((place, step) => {
      const key = unescaped(step);
      return isJsonObject(place) ? place[key] : undefined;
    }, this.#root);
  }
}

/** A step of a JSON pointer in a URL's fragment (RFC 6901, 6); as it stands where it is not well formed. */
const unescaped = (step: string): string => {
  try {
    return decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~");
  } catch {
    return step;
  }
};

const objectAt = (schema: JsonObject, key: string): JsonObject => {
  const value = schema[key];
  return isJsonObject(value) ? value : {};
};
const listAt = (schema: JsonObject, key: string): readonly JsonValue[] => {
  const value = schema[key];
  return Array.isArray(value) ? value : [];
};

/** The first option; deep down the one that ends soonest. */
const choose = (options: readonly JsonValue[], depth: number): JsonValue | undefined => {
  const plain = (option: JsonValue) => isJsonObject(option) && !("$ref" in option) && option["type"] !== "object";
  return depth < maxDepth ? options[0] : (options.find(plain) ?? options[0]);
};

/** One value that the schema accepts: the same schema, the same value. */
export const instanceOf = (schema: JsonObject): JsonValue => new Maker(schema).make(schema, 0);
