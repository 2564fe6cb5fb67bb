import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import type { SecretBox, SecretPlace } from "../../core/ports/secret-box.ts";
import { parseSecretReference } from "../../core/secret.ts";

/** What stands in a secret's place. */
const mask = "[secret]";

// Generous on purpose: a field shown masked is a nuisance, a key shown is a leak.
const secretName = /key|secret|token|password|passphrase|credential|authorization|cookie/i;
// Values of these are sent along as they are, and may hold anything.
const secretParents = new Set(["headers"]);

const isLiteral = (value: JsonValue): value is string =>
  typeof value === "string" && value !== "" && parseSecretReference(value) === undefined;

type Path = readonly (string | number)[];
/** What is to stand in a secret's place; undefined: nothing. */
type Visit = (value: string, path: Path) => JsonValue | undefined;

/** The settings with each secret that is written as text, encrypted or not, replaced. */
export const mapSecrets = (settings: JsonObject, visit: Visit): JsonObject => {
  const walk = (value: JsonValue, path: Path, within: "open" | "secret"): JsonValue | undefined => {
    if (Array.isArray(value)) return value.flatMap((item, index) => walk(item, [...path, index], within) ?? []);
    if (isJsonObject(value))
      return Object.fromEntries(
        Object.entries(value).flatMap(([name, inner]) => {
          const isSecret = within === "secret" || secretName.test(name) || secretParents.has(name);
          const mapped = walk(inner, [...path, name], isSecret ? "secret" : "open");
          return mapped === undefined ? [] : [[name, mapped] as const];
        }),
      );
    return within === "secret" && isLiteral(value) ? visit(value, path) : value;
  };
  return walk(settings, [], "open") as JsonObject;
};

/** Settings as people may see them: secrets written as text are masked, references to secrets stay. */
export const hideSecrets = (settings: JsonObject): JsonObject => mapSecrets(settings, () => mask);

/** The place of a provider's secret. */
export const placeIn =
  (name: string) =>
  (path: Path): SecretPlace => ({ kind: "provider", name, path });

export interface Sealing {
  /** The provider's name. */
  readonly name: string;
  /** What stands in the database now. */
  readonly stored: JsonObject | undefined;
  readonly box: SecretBox;
}

const isSame = (text: string, stored: string, { name, box }: Sealing, path: Path): boolean => {
  try {
    return box.open(stored, placeIn(name)(path)) === text;
  } catch {
    return false;
  }
};

/**
 * Settings that were edited from what {@link hideSecrets} gave, as they are kept: secrets encrypted, and those that were
 * left alone as they stood.
 */
export const sealSettings = (edited: JsonObject, sealing: Sealing): JsonObject =>
  mapSecrets(edited, (value, path) => {
    const { name, stored, box } = sealing;
    const before = stored === undefined ? undefined : path.reduce<JsonValue | undefined>(stepInto, stored);
    if (value === mask && before !== undefined) return before;
    if (typeof before === "string" && isSame(value, before, sealing, path)) return before;
    return box.close(value, placeIn(name)(path));
  });

/** Settings that are kept, as the program needs them. Throws GatewayError `storage_unavailable`. */
export const openSettings = (settings: JsonObject, { name, box }: Pick<Sealing, "name" | "box">): JsonObject =>
  mapSecrets(settings, (value, path) => box.open(value, placeIn(name)(path)));

const stepInto = (value: JsonValue | undefined, step: string | number): JsonValue | undefined => {
  if (Array.isArray(value)) return (value as readonly JsonValue[])[Number(step)];
  return isJsonObject(value as JsonValue) ? (value as JsonObject)[String(step)] : undefined;
};
