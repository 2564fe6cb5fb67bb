import type { Path } from "./path.ts";
import type { Finding, Source } from "./problem.ts";
import { type Alternatives, choicesOf, kindsOf } from "./schema-view.ts";
import { copyTree } from "./tree.ts";

/** One value that a flag or an environment variable sets. */
export interface Assignment {
  readonly path: Path;
  readonly value: unknown;
  readonly source: Source;
}

const containers = ["object", "record", "array", "tuple"];
const opaque = ["any", "unknown", "custom"];

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const sameLetters = (choice: unknown, text: string): boolean =>
  typeof choice === "string" && choice.toLowerCase() === text.toLowerCase();

const readContainer = (text: string, kinds: ReadonlySet<string>): unknown => {
  if (/^\s*[[{]/.test(text)) return parsed(text);
  if (!kinds.has("array")) return undefined;
  return text.split(",").flatMap((item) => (item.trim() === "" ? [] : [item.trim()]));
};

/**
 * Text as the value that the schema wants at its place: numbers, true and false, null and JSON where the schema takes
 * them, `a,b` for a list, the text itself for text. What does not fit stays text, for the schema to refuse.
 */
const readText = (text: string, alternatives: Alternatives): unknown => {
  const kinds = kindsOf(alternatives);
  const choice = choicesOf(alternatives).find((candidate) => sameLetters(candidate, text.trim()));
  if (choice !== undefined) return choice;
  const scalar = parsed(text.trim().toLowerCase());
  const takesNumber = kinds.has("number") || choicesOf(alternatives).some((candidate) => typeof candidate === "number");
  if (typeof scalar === "number" && takesNumber) return scalar;
  if (typeof scalar === "boolean" && (kinds.has("boolean") || choicesOf(alternatives).includes(scalar))) return scalar;
  if (scalar === null && kinds.has("null")) return null;
  if (opaque.some((kind) => kinds.has(kind))) return parsed(text) ?? text;
  const hasContainer = containers.some((kind) => kinds.has(kind));
  if (hasContainer && (!kinds.has("string") || /^\s*[[{]/.test(text))) return readContainer(text, kinds) ?? text;
  return text;
};

/** {@link readText} for values that may already be what they should be, freed of what could reach a prototype. */
export const readValue = (value: unknown, alternatives: Alternatives, findings: Finding[]): unknown =>
  copyTree(typeof value === "string" ? readText(value, alternatives) : value, findings);
