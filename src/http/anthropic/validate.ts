import type { z } from "zod";
import { GatewayError } from "../../core/errors.ts";

type Path = readonly (string | number)[];

const at = (value: unknown, path: readonly PropertyKey[]): unknown => {
  let current = value;
  for (const key of path) {
    if (typeof current !== "object" || current === null) return undefined;
    current = Reflect.get(current, key);
  }
  return current;
};

/** An `invalid_value` error for the field at the path. */
export const invalidValue = (path: Path, reason: string): GatewayError => {
  const param = path.join(".");
  return new GatewayError("invalid_value", `${param === "" ? "The body" : param}: ${reason}.`, { param });
};

/**
 * The value as the schema reads it. Throws GatewayError `missing_required_parameter` where the first fault is an absent
 * field, else `invalid_value`; `param` is the path in the client's body. The messages name types, never contents.
 */
export const validate = <Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  path: Path = [],
): z.output<Schema> => {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const inner = issue?.path ?? [];
  const full = [...path, ...inner.map((key) => (typeof key === "symbol" ? key.toString() : key))];
  if (at(value, inner) === undefined) {
    const param = full.join(".");
    throw new GatewayError("missing_required_parameter", `${param}: this field is required.`, { param });
  }
  throw invalidValue(full, issue?.message ?? "Invalid input");
};
