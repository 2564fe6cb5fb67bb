import { isJsonObject, type JsonObject, type JsonValue } from "../core/json.ts";
import { maskSecrets } from "../core/mask-secrets.ts";
import type { AuditedChange } from "../core/ports/audit.ts";

const mostFields = 200;
const longestText = 2_000;

/** A text as a row may hold it: no key in it, not too long, and of whole characters, so that UTF-8 can carry it. */
export const plainText = (text: string, most = longestText): string => {
  const masked = maskSecrets(text);
  return (masked.length > most ? `${masked.slice(0, most)}…` : masked).toWellFormed();
};

/** Every value that holds no other fields, by its path. */
const leavesOf = (fields: JsonObject | null): ReadonlyMap<string, JsonValue> => {
  const leaves = new Map<string, JsonValue>();
  const walk = (object: JsonObject, prefix: string): void => {
    for (const [name, value] of Object.entries(object)) {
      if (isJsonObject(value) && Object.keys(value).length > 0) walk(value, `${prefix}${name}.`);
      else if (value !== undefined) leaves.set(prefix + name, value);
    }
  };
  if (fields !== null) walk(fields, "");
  return leaves;
};

const show = (value: JsonValue | undefined): string | null => {
  if (value === undefined) return null;
  return plainText(typeof value === "string" ? value : JSON.stringify(value));
};

/** The fields that differ, as `[[field, before, after], …]` in JSON. That a secret changed is told; the secret is not. */
export const describeChanges = ({ before, after, show: hide }: AuditedChange): string => {
  const shown = (fields: JsonObject | null) => leavesOf(fields === null || hide === undefined ? fields : hide(fields));
  const [rawBefore, rawAfter, shownBefore, shownAfter] = [
    leavesOf(before),
    leavesOf(after),
    shown(before),
    shown(after),
  ];
  const changed = [...new Set([...rawBefore.keys(), ...rawAfter.keys()])].filter(
    (field) => JSON.stringify(rawBefore.get(field)) !== JSON.stringify(rawAfter.get(field)),
  );
  const rows = changed
    .slice(0, mostFields)
    .map((field) => [plainText(field, 200), show(shownBefore.get(field)), show(shownAfter.get(field))]);
  const left = changed.length - rows.length;
  return JSON.stringify(left > 0 ? [...rows, ["…", null, `${left} more fields`]] : rows);
};
