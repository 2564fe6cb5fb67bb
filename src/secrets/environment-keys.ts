import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { GatewayError } from "../core/errors.ts";
import { parseSecretReference } from "../core/secret.ts";

const shortestText = 32;
const makeOne = "Make one with: openssl rand -base64 32";

type Environment = Readonly<Record<string, string | undefined>>;

const refuse = (name: string, reason: string, cause?: unknown): never => {
  throw new GatewayError("invalid_value", `${name} ${reason}`, { cause });
};

const readFile = (name: string, path: string): string => {
  try {
    return readFileSync(resolve(path), "utf8").replace(/[\r\n]+$/, "");
  } catch (cause) {
    const code = (cause as { readonly code?: string }).code ?? String(cause);
    return refuse(name, `names the file ${path}, which cannot be read (${code}).`, cause);
  }
};

/** The text that a variable holds or refers to; undefined where it is not set. */
const readText = (name: string, environment: Environment): string | undefined => {
  const value = environment[name];
  if (value === undefined) return undefined;
  const reference = parseSecretReference(value);
  if (reference === undefined) return value;
  if (reference.kind === "file") return readFile(name, reference.name);
  const referred = environment[reference.name];
  return referred ?? refuse(name, `refers to the variable ${reference.name}, which is not set.`);
};

const readSecret = (name: string, environment: Environment): Uint8Array | undefined => {
  const text = readText(name, environment);
  if (text === undefined) return undefined;
  if (text.trim() === "") return refuse(name, `is set and empty. ${makeOne}; or unset it.`);
  if (text.length < shortestText)
    return refuse(name, `has ${text.length} characters; at least ${shortestText} are needed. ${makeOne}`);
  return new TextEncoder().encode(text);
};

/** The secrets of master keys that the environment gives. */
export interface EnvironmentKeys {
  readonly newest: Uint8Array | undefined;
  /** The one that was in use before, of which secrets are moved to the newest. */
  readonly previous: Uint8Array | undefined;
}

/**
 * INTELLIROUTER_MASTER_KEY and INTELLIROUTER_MASTER_KEY_PREVIOUS: the text itself (at least 32 characters), `file:PATH`
 * or `env:NAME`. Throws `invalid_value`, also for one that is set and empty.
 */
export const readEnvironmentKeys = (environment: Environment): EnvironmentKeys => {
  const newest = readSecret("INTELLIROUTER_MASTER_KEY", environment);
  const previous = readSecret("INTELLIROUTER_MASTER_KEY_PREVIOUS", environment);
  return { newest, previous };
};
