import { z } from "zod";
import type { JsonObject, JsonValue } from "../../core/json.ts";

/** Zod writes a pattern of some hundred characters beside the format that says the same. */
const dropPattern = ({ jsonSchema }: { readonly jsonSchema: z.core.JSONSchema.BaseSchema }): void => {
  if (jsonSchema.format === "date-time") delete jsonSchema.pattern;
};

const options = { target: "draft-2020-12", io: "input", unrepresentable: "any", override: dropPattern } as const;

const withoutHead = (schema: object): JsonObject => {
  const { $schema: _, $id: __, ...rest } = schema as Record<string, JsonValue>;
  return rest;
};

/** A Zod schema as an OpenAPI 3.1 schema, which is plain JSON Schema. */
export const toSchemaObject = (schema: z.ZodType): JsonObject => withoutHead(z.toJSONSchema(schema, options));

/** Where a named schema stands in the document. */
export const schemaUri = (id: string): string => `#/components/schemas/${id}`;

/** All schemas of a registry by name; where one holds another, it refers to it. */
export const toComponents = (registry: z.core.$ZodRegistry<{ id: string }>): Record<string, JsonObject> => {
  const { schemas } = z.toJSONSchema(registry, { ...options, uri: schemaUri });
  return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, withoutHead(schema)]));
};
