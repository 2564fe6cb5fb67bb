// Parsing the whole specification takes seconds, so the tests read a committed extract of it. Write it again with
// `bun test/conformance/extract.ts` after changing `roots` or the specification.
import { readFileSync, writeFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { parse } from "yaml";
import { isObject, mapSchemas, type Schema } from "./map-schemas.ts";

/** The component schemas the tests name; whatever they refer to is extracted with them. */
export const roots: readonly string[] = [
  "CreateChatCompletionRequest",
  "CreateChatCompletionResponse",
  "CreateChatCompletionStreamResponse",
  "CreateCompletionRequest",
  "CreateCompletionResponse",
  "CreateEmbeddingRequest",
  "CreateEmbeddingResponse",
  "ErrorResponse",
  "ListModelsResponse",
  "Model",
];

export const extractPath = new URL("openai/schemas.json", import.meta.url);
const specificationPath = new URL("openai/openapi.yaml.gz", import.meta.url);
const referencePrefix = "#/components/schemas/";
const documentation = new Set(["description", "example", "examples", "title"]);

const withoutDocumentation = (schema: Schema): Schema =>
  Object.fromEntries(
    Object.entries(schema).filter(([keyword]) => !documentation.has(keyword) && !keyword.startsWith("x-")),
  );

/** All component schemas of OpenAI's published specification, as written there. */
export const readSpecification = (): Schema => {
  const document: unknown = parse(gunzipSync(readFileSync(specificationPath)).toString("utf8"));
  const components = isObject(document) ? document["components"] : undefined;
  const schemas = isObject(components) ? components["schemas"] : undefined;
  if (!isObject(schemas)) throw new Error("The specification holds no components.schemas");
  return schemas;
};

/**
 * The named schemas and all they refer to, without documentation, sorted by name. Throws when the specification
 * lacks one of them.
 */
export const extractSchemas = (specification: Schema, names: readonly string[]): Schema => {
  const extracted = new Map<string, unknown>();
  const waiting = [...names];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (extracted.has(name)) continue;
    if (!(name in specification)) throw new Error(`The specification has no schema ${name}`);
    const schema = mapSchemas(specification[name], (inner) => {
      const reference = inner["$ref"];
      if (typeof reference === "string") waiting.push(reference.slice(referencePrefix.length));
      return withoutDocumentation(inner);
    });
    extracted.set(name, schema);
  }
  return Object.fromEntries([...extracted].sort(([left], [right]) => (left < right ? -1 : 1)));
};

if (import.meta.main) {
  writeFileSync(extractPath, `${JSON.stringify(extractSchemas(readSpecification(), roots), null, 1)}\n`);
}
