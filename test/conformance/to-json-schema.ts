import { isObject, mapSchemas, type Schema } from "./map-schemas.ts";

// `nullable` is OpenAPI 3.0; the document calls itself 3.1 but still uses it, beside `$ref` and `enum` too.
const translateNullable = (schema: Schema): Schema => {
  const { nullable, ...rest } = schema;
  return nullable === true ? { anyOf: [rest, { type: "null" }] } : rest;
};

// Providers add fields of their own and the gateway passes them on.
const permitAdditionalProperties = (schema: Schema): Schema => {
  const { additionalProperties, ...rest } = schema;
  return additionalProperties === false ? rest : schema;
};

// `$recursiveRef` is JSON Schema 2019-09 and unknown to 2020-12, where it would silently accept anything.
const translateRecursion = (schema: Schema, name: string): Schema => {
  const { $recursiveRef, $recursiveAnchor, ...rest } = schema;
  return $recursiveRef === "#" ? { ...rest, $ref: `#/components/schemas/${name}` } : rest;
};

/**
 * Turns component schemas in OpenAPI's dialect into JSON Schema 2020-12. `discriminator` needs nothing: it only
 * hints which member of a `oneOf` applies, and the members' own `type` or `role` already decides that.
 */
export const toJsonSchema = (schemas: Schema): Schema =>
  Object.fromEntries(
    Object.entries(schemas).map(([name, component]) => {
      const translated = mapSchemas(component, (schema) =>
        translateNullable(permitAdditionalProperties(translateRecursion(schema, name))),
      );
      if (!isObject(translated)) throw new Error(`The schema ${name} is not an object`);
      return [name, translated];
    }),
  );
