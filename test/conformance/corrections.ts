import { isObject, type Schema } from "./map-schemas.ts";

type Correction = {
  /** Where in the schemas: the component's name, then the path inside it. */
  readonly at: string;
  /** What is valid there besides what the specification says. */
  readonly alsoPermits: Schema;
  readonly reason: string;
};

/** Where the specification contradicts itself. Keep this short: each entry weakens the check. */
export const corrections: readonly Correction[] = [
  {
    at: "CreateChatCompletionResponse/properties/system_fingerprint",
    alsoPermits: { type: "null" },
    reason: "The specification's own example with log probabilities has `system_fingerprint: null`.",
  },
  {
    at: "CreateChatCompletionStreamResponse/properties/system_fingerprint",
    alsoPermits: { type: "null" },
    reason: "The same field as in the whole reply, which is null for models without a fingerprint.",
  },
  {
    at: "CreateCompletionResponse/properties/choices/items/properties/finish_reason",
    alsoPermits: { type: "null" },
    reason: "Streamed completions share this schema, and the specification's streaming example has null.",
  },
  {
    at: "Embedding/properties/embedding",
    alsoPermits: { type: "string" },
    reason: "`encoding_format: base64` of CreateEmbeddingRequest returns the vector as a string.",
  },
];

const replaceAt = (schema: Schema, path: readonly string[], replace: (found: Schema) => Schema): Schema => {
  const [key, ...rest] = path;
  if (key === undefined) return replace(schema);
  const child = schema[key];
  if (!isObject(child)) throw new Error(`A correction points at ${key}, which the specification no longer has`);
  return { ...schema, [key]: replaceAt(child, rest, replace) };
};

/** Applies `corrections` to the extracted schemas; throws when one of them points at nothing. */
export const correctSchemas = (schemas: Schema): Schema =>
  corrections.reduce(
    (corrected, { at, alsoPermits }) =>
      replaceAt(corrected, at.split("/"), (found) => ({ anyOf: [found, alsoPermits] })),
    schemas,
  );
