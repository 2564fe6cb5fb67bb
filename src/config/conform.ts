import type { z } from "zod";
import { nearest } from "../core/nearest.ts";
import { isSecretSchema, parseSecretReference, type SecretReference } from "../core/secret.ts";
import type { Path } from "./path.ts";
import type { Finding } from "./problem.ts";
import { type Alternatives, alternativesOf, childrenOf, keysOf, kindsOf } from "./schema-view.ts";
import { isTree, type Tree } from "./tree.ts";

/** A reference to a secret, and the field that wants it. */
export interface WantedSecret {
  readonly path: Path;
  readonly reference: SecretReference;
}

/** The tree as its schema may judge it. */
export interface Conformed {
  readonly tree: unknown;
  readonly findings: readonly Finding[];
  readonly secrets: readonly WantedSecret[];
  /** Paths that unknown keys were probably meant to be: no second complaint that these are missing. */
  readonly intended: readonly Path[];
}

/** A section whose content is commented out reads as null; that means the same as leaving it out. */
const isEmptySection = (value: unknown, alternatives: Alternatives): boolean => {
  if (value !== null) return false;
  const kinds = kindsOf(alternatives);
  return !kinds.has("null") && (kinds.has("object") || kinds.has("record"));
};

/**
 * Compares a tree with its schema's shape: takes out unknown keys and empty sections, each unknown key with the name
 * that was probably meant, and lists the fields that refer to secrets.
 */
export const conform = (root: unknown, schema: z.core.$ZodType): Conformed => {
  const findings: Finding[] = [];
  const secrets: WantedSecret[] = [];
  const intended: Path[] = [];

  const unknownKey = (path: Path, key: string, known: readonly string[]) => {
    if (key === "<<") {
      findings.push({ path: [...path, key], message: "merge keys (<<) are not supported; write the keys out" });
      return;
    }
    const [suggestion] = nearest(key, known);
    if (suggestion !== undefined) intended.push([...path, suggestion]);
    const hint = suggestion === undefined && known.length <= 12 ? ` (known: ${known.join(", ")})` : "";
    findings.push({
      path: [...path, key],
      message: `unknown key${hint}`,
      ...(suggestion === undefined ? {} : { suggestion }),
    });
  };

  const visitObject = (value: Tree, alternatives: Alternatives, path: Path): Tree => {
    const known = keysOf(alternatives);
    const result: Tree = {};
    for (const key of Object.keys(value)) {
      if (known !== undefined && !known.includes(key)) {
        unknownKey(path, key, known);
        continue;
      }
      const below = childrenOf(alternatives, key, value[key]);
      if (!isEmptySection(value[key], below)) result[key] = visit(value[key], below, [...path, key]);
    }
    return result;
  };

  const visit = (value: unknown, alternatives: Alternatives, path: Path): unknown => {
    if (isTree(value)) return visitObject(value, alternatives, path);
    if (Array.isArray(value))
      return value.map((item: unknown, index) => visit(item, childrenOf(alternatives, index, item), [...path, index]));
    if (typeof value === "string" && alternatives.some(isSecretSchema)) {
      const reference = parseSecretReference(value);
      if (reference !== undefined) secrets.push({ path, reference });
    }
    return value;
  };

  return { tree: visit(root, alternativesOf(schema, root), []), findings, secrets, intended };
};
