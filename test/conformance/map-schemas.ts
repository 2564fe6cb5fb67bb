/** One JSON Schema object: keywords and their values. */
export type Schema = { readonly [keyword: string]: unknown };

const holdsData = new Set(["const", "default", "enum", "example", "examples", "required"]);
const holdsNamedSchemas = new Set(["$defs", "patternProperties", "properties"]);

export const isObject = (value: unknown): value is Schema =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Rebuilds a schema with `change` applied to every schema inside it, innermost first. Property names are
 * never taken for keywords, nor enumerated or default values for schemas.
 */
export const mapSchemas = (schema: unknown, change: (schema: Schema) => Schema): unknown => {
  if (Array.isArray(schema)) return schema.map((member) => mapSchemas(member, change));
  if (!isObject(schema)) return schema;
  const keywords = Object.entries(schema).map(([keyword, value]) => {
    if (holdsData.has(keyword)) return [keyword, value];
    if (!holdsNamedSchemas.has(keyword) || !isObject(value)) return [keyword, mapSchemas(value, change)];
    const named = Object.entries(value).map(([name, member]) => [name, mapSchemas(member, change)]);
    return [keyword, Object.fromEntries(named)];
  });
  return change(Object.fromEntries(keywords));
};
