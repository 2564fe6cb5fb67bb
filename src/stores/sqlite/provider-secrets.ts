import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import { parseSecretReference } from "../../core/secret.ts";

/** What stands in a secret's place. */
const mask = "[secret]";

// Generous on purpose: a field shown masked is a nuisance, a key shown is a leak.
const secretName = /key|secret|token|password|passphrase|credential|authorization|cookie/i;
// Values of these are sent along as they are, and may hold anything.
const secretParents = new Set(["headers"]);

const isLiteral = (value: JsonValue): value is string =>
  typeof value === "string" && value !== "" && parseSecretReference(value) === undefined;

type Visit = (value: string, path: readonly (string | number)[]) => JsonValue;

const mapSecrets = (settings: JsonObject, visit: Visit): JsonObject => {
  const walk = (value: JsonValue, path: readonly (string | number)[], within: "open" | "secret"): JsonValue => {
    if (Array.isArray(value)) return value.map((item, index) => walk(item, [...path, index], within));
    if (isJsonObject(value))
      return Object.fromEntries(
        Object.entries(value).map(([name, inner]) => {
          const isSecret = within === "secret" || secretName.test(name) || secretParents.has(name);
          return [name, walk(inner, [...path, name], isSecret ? "secret" : "open")];
        }),
      );
    return within === "secret" && isLiteral(value) ? visit(value, path) : value;
  };
  return walk(settings, [], "open") as JsonObject;
};

/** Settings as people may see them: secrets written as text are masked, references to secrets stay. */
export const hideSecrets = (settings: JsonObject): JsonObject => mapSecrets(settings, () => mask);

/** Settings that were edited from what {@link hideSecrets} gave, with the secrets that were left alone put back. */
export const restoreSecrets = (edited: JsonObject, stored: JsonObject | undefined): JsonObject =>
  mapSecrets(edited, (value, path) => {
    if (value !== mask || stored === undefined) return value;
    return path.reduce<JsonValue | undefined>(stepInto, stored) ?? value;
  });

const stepInto = (value: JsonValue | undefined, step: string | number): JsonValue | undefined => {
  if (Array.isArray(value)) return (value as readonly JsonValue[])[Number(step)];
  return isJsonObject(value as JsonValue) ? (value as JsonObject)[String(step)] : undefined;
};
