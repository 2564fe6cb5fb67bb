import type { z } from "zod";
import { GatewayError } from "../../core/errors.ts";
import { nearest } from "../../core/nearest.ts";
import { readJsonBody } from "../read-body.ts";
import { validate } from "../validate.ts";

const limits = { maxBodyBytes: 1_048_576, maxDepth: 32 };

const knownFields = (schema: z.ZodType, path: readonly PropertyKey[]): string[] => {
  let current: unknown = schema;
  for (const key of path)
    current = (unwrap(current) as { shape?: Record<PropertyKey, unknown> } | undefined)?.shape?.[key];
  return Object.keys((unwrap(current) as { shape?: object } | undefined)?.shape ?? {});
};

/** Optional and nullable schemas hide the object within. */
const unwrap = (schema: unknown): unknown => {
  let current = schema as { def?: { innerType?: unknown } } | undefined;
  while (current?.def?.innerType !== undefined) current = current.def.innerType as typeof current;
  return current;
};

const refuseUnknown = (schema: z.ZodType, value: unknown): void => {
  const issue = schema.safeParse(value).error?.issues.find(({ code }) => code === "unrecognized_keys");
  if (issue?.code !== "unrecognized_keys") return;
  const name = issue.keys[0] ?? "";
  const param = [...issue.path, name].map(String).join(".").slice(0, 200);
  const [near] = nearest(name, knownFields(schema, issue.path));
  const hint = near === undefined ? "Remove it." : `Did you mean '${near}'?`;
  throw new GatewayError("unsupported_parameter", `Unknown field '${param}'. ${hint}`, { param });
};

/** Checks a value; unknown fields are refused with near names. Throws what `validate` throws, and `unsupported_parameter`. */
export const parseStrictly = <Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> => {
  refuseUnknown(schema, value);
  return validate(schema, value);
};

const hasBody = ({ body, headers }: Request): boolean => body !== null && headers.get("content-length") !== "0";

/** The JSON body, checked; unknown fields are refused. Throws what `readJsonBody` throws, and `unsupported_parameter`. */
export const parseBody = async (
  request: Request,
  { schema, whenAbsent }: { readonly schema: z.ZodType; readonly whenAbsent: "empty" | "refuse" },
): Promise<unknown> => {
  if (whenAbsent === "empty" && !hasBody(request)) return parseStrictly(schema, {});
  return parseStrictly(schema, (await readJsonBody(request, limits)).body);
};

/** The query's parameters, checked; unknown and repeated ones are refused. */
export const parseQuery = (url: string, schema: z.ZodType | undefined): unknown => {
  const values: Record<string, string> = Object.create(null);
  for (const [name, value] of new URL(url).searchParams) {
    const param = name.slice(0, 200);
    if (name in values)
      throw new GatewayError("invalid_value", `The query holds '${param}' twice. Send it once.`, { param });
    if (schema === undefined)
      throw new GatewayError(
        "unsupported_parameter",
        `This address takes no query; '${param}' is unknown. Remove it.`,
        { param },
      );
    values[name] = value;
  }
  return schema === undefined ? undefined : parseStrictly(schema, { ...values });
};

export const withoutCondition = (): GatewayError =>
  new GatewayError(
    "precondition_required",
    "Send the object's ETag as If-Match, so that nobody's change is lost. Read the object to get it.",
    { param: "If-Match" },
  );

/**
 * The revision in `If-Match`; undefined where none was sent. Throws `invalid_value` on anything but one ETag of ours, and
 * `precondition_required` where there must be one.
 */
export const parseIfMatch = (headers: Headers, demanded: true | "required"): number | undefined => {
  const header = headers.get("if-match");
  if (header === null && demanded === "required") throw withoutCondition();
  if (header === null) return undefined;
  const match = /^"(\d{1,15})"$/.exec(header.trim());
  if (match !== null) return Number(match[1]);
  throw new GatewayError("invalid_value", 'The If-Match header must hold one ETag as this API sends it, such as "3".', {
    param: "If-Match",
  });
};
