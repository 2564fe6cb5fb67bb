import { z } from "zod";
import { CliError } from "./cli-error.ts";
import type { ApiClient } from "./connect.ts";
import type { ExitName } from "./exit-codes.ts";
import { onOneLine } from "./output/sanitise.ts";

const errorSchema = z.object({
  error: z.object({ code: z.string().nullish(), message: z.string().min(1) }),
});

const exitFor = (status: number): ExitName => (status === 401 || status === 403 ? "notPermitted" : "failure");

/** Says what to do about it, where the gateway could not know which command was typed. */
const adviceFor = (status: number): string =>
  status === 401 ? " A key is given with INTELLIROUTER_API_KEY or --api-key." : "";

/** The failure that a gateway answered with. Reads the body. */
export const toApiError = async (response: Response): Promise<CliError> => {
  const text = await response.text();
  const { status } = response;
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  const parsed = errorSchema.safeParse(body);
  if (!parsed.success) {
    const message = `The gateway answered with status ${status} and no explanation. Is the address that of a gateway?`;
    return new CliError(exitFor(status), `http_${status}`, message);
  }
  const { code, message } = parsed.data.error;
  return new CliError(exitFor(status), code ?? `http_${status}`, onOneLine(message) + adviceFor(status));
};

export interface ApiRequest<Schema extends z.ZodType> {
  readonly path: string;
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Absent and undefined ones are left out. */
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: unknown;
  /** Refused with `precondition_failed` where the object has another revision by now. */
  readonly ifRevision?: number | null | undefined;
  readonly schema: Schema;
}

const queryText = (query: Readonly<Record<string, string | number | undefined>> = {}): string => {
  const entries = Object.entries(query).flatMap(([key, value]): [string, string][] =>
    value === undefined ? [] : [[key, String(value)]],
  );
  return entries.length === 0 ? "" : `?${new URLSearchParams(entries)}`;
};

/** Asks the gateway and reads its answer by the schema. Throws CliError for every failure. */
export const request = async <Schema extends z.ZodType>(
  client: ApiClient,
  { path, method = "GET", query, body, ifRevision, schema }: ApiRequest<Schema>,
): Promise<z.output<Schema>> => {
  const headers = {
    ...(body === undefined ? {} : { "content-type": "application/json" }),
    ...(typeof ifRevision === "number" ? { "if-match": `"${ifRevision}"` } : {}),
  };
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await client.fetch(path + queryText(query), { method, headers, ...sent });
  if (!response.ok) throw await toApiError(response);
  const text = await response.text();
  let answer: unknown;
  try {
    answer = text === "" ? null : JSON.parse(text);
  } catch (cause) {
    throw new CliError("failure", "invalid_response", `What answers at ${client.describe} is not a gateway.`, cause);
  }
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  const place = parsed.error.issues[0]?.path.join(".") ?? "";
  const message = `The gateway's answer to ${method} ${path} was not understood (${place || "body"}). Are both of the same version?`;
  throw new CliError("failure", "invalid_response", message);
};

/** A list, bare or as `{ data: [...] }`. */
export const listOf = <Item extends z.ZodType>(item: Item) =>
  z.preprocess(
    (body) => (typeof body === "object" && body !== null && "data" in body ? body.data : body),
    z.array(item),
  );

/** One path segment. */
export const segment = (name: string): string => encodeURIComponent(name);
