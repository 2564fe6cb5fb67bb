import type { z } from "zod";
import { GatewayError } from "../core/errors.ts";

const shown = (value: unknown): string => {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object") return "an object";
  if (typeof value === "string") return "a string";
  return typeof value === "number" || typeof value === "boolean" ? String(value) : typeof value;
};

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (inner, key) =>
      typeof inner === "object" && inner !== null ? (inner as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  );

/** Of a failed union, the alternative that came furthest tells the most. */
const deepest = (issue: z.core.$ZodIssue): z.core.$ZodIssue => {
  if (issue.code !== "invalid_union" || issue.errors.length === 0) return issue;
  const inner = issue.errors.flat().map((nested) => deepest({ ...nested, path: [...issue.path, ...nested.path] }));
  return inner.reduce((best, next) => (next.path.length > best.path.length ? next : best), issue as z.core.$ZodIssue);
};

type Path = readonly (string | number)[];

/** An `invalid_value` error for the field at a path. */
export const invalidValue = (path: Path, reason: string): GatewayError => {
  const param = path.join(".");
  return new GatewayError(
    "invalid_value",
    `Invalid value for '${param === "" ? "body" : param}': ${reason}.`,
    param === "" ? {} : { param },
  );
};

/**
 * Checks a value against a schema. Throws `missing_required_parameter` or `invalid_value` for the first thing that is
 * wrong, with its path as `param`; `base` is where the value stands in the body. The message never repeats a text of
 * the request.
 */
export const validate = <Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  base: Path = [],
): z.output<Schema> => {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const first = result.error.issues[0];
  if (first === undefined) throw invalidValue(base, "it is not valid");
  const issue = deepest(first);
  const path = [...base, ...issue.path.map((key) => (typeof key === "symbol" ? key.toString() : key))];
  const found = valueAt(value, issue.path);
  if (found === undefined && issue.path.length > 0) {
    const param = path.join(".");
    throw new GatewayError("missing_required_parameter", `Missing required parameter: '${param}'.`, { param });
  }
  throw invalidValue(path, `${issue.message} (got ${shown(found)})`);
};
