import { readFileSync } from "node:fs";
import { Ajv2020, type ErrorObject } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { correctSchemas } from "./corrections.ts";
import { extractPath } from "./extract.ts";
import { isObject } from "./map-schemas.ts";
import { toJsonSchema } from "./to-json-schema.ts";

// Seconds in the year 5138; a time in milliseconds is above it.
const unixTimeLimit = 1e11;

const createValidator = (): Ajv2020 => {
  const extract: unknown = JSON.parse(readFileSync(extractPath, "utf8"));
  if (!isObject(extract)) throw new Error("openai/schemas.json is not an object; run extract.ts");
  const validator = new Ajv2020({ strict: false, allErrors: true });
  addFormats(validator);
  validator.addFormat("unixtime", {
    type: "number",
    validate: (seconds: number) => seconds >= 0 && seconds < unixTimeLimit,
  });
  // One document, so that `#/components/schemas/X` resolves and only what is asked for gets compiled.
  validator.addSchema({ $id: "openai", components: { schemas: correctSchemas(toJsonSchema(extract)) } });
  return validator;
};

let validator: Ajv2020 | undefined;

const describe = (error: ErrorObject): string => {
  const allowed: unknown = error.params["allowedValues"];
  return Array.isArray(allowed) ? `must be one of ${JSON.stringify(allowed)}` : (error.message ?? error.keyword);
};

/** One line for each place; what the members of an `anyOf` or `oneOf` ask for there is joined by "or". */
const describeErrors = (errors: readonly ErrorObject[]): string[] =>
  [...Map.groupBy(errors, (error) => error.instancePath)].flatMap(([path, found]) => {
    const single = found.filter((error) => error.keyword !== "anyOf" && error.keyword !== "oneOf");
    const messages = [...new Set((single.length === 0 ? found : single).map(describe))];
    const place = path === "" ? "(root)" : path;
    return single.length < found.length
      ? [`${place}: ${messages.join(" or ")}`]
      : messages.map((message) => `${place}: ${message}`);
  });

/**
 * Checks a value against a component schema of OpenAI's specification, such as `CreateChatCompletionResponse`.
 * Returns one readable problem for each fault, with its JSON pointer; none means the value conforms. Fields the
 * specification doesn't know are permitted. Throws for a schema that `extract.ts` doesn't extract.
 */
export const validateReply = (schemaName: string, value: unknown): string[] => {
  validator ??= createValidator();
  const validate = validator.getSchema(`openai#/components/schemas/${schemaName}`);
  if (validate === undefined) throw new Error(`No schema ${schemaName}: add it to the roots in extract.ts and run it`);
  return validate(value) ? [] : describeErrors(validate.errors ?? []);
};

/** Like `validateReply`, but throws an error that lists the problems. */
export const assertConforms = (schemaName: string, value: unknown): void => {
  const problems = validateReply(schemaName, value);
  if (problems.length > 0) throw new Error(`Not a valid ${schemaName}:\n  ${problems.join("\n  ")}`);
};
