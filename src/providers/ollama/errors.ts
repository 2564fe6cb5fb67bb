import type { ErrorCode, GatewayError } from "../../core/errors.ts";
import { isJsonObject } from "../../core/json.ts";
import type { Target } from "../../core/model.ts";
import { upstreamError } from "../upstream-error.ts";

/** The message of `{error: "…"}`, also where a server puts an object there; undefined where there is no error. */
export const errorIn = (body: unknown): string | undefined => {
  if (!isJsonObject(body)) return undefined;
  const { error } = body;
  if (typeof error === "string") return error;
  if (!isJsonObject(error)) return undefined;
  return typeof error["message"] === "string" ? error["message"] : "";
};

/** Ollama's errors have no codes: what they mean stands in their words ("Errors", docs.ollama.com, and the server). */
const messageCodes: readonly (readonly [RegExp, ErrorCode])[] = [
  [/context (length|size|window)|exceeds the available context|too large to process/i, "context_length_exceeded"],
  [/does not support /i, "unsupported_parameter"],
  [/^model .* not found|try pulling it first/i, "model_not_found"],
  [/server busy|maximum pending requests|more system memory|out of memory/i, "upstream_overloaded"],
  [/usage limit|quota/i, "insufficient_quota"],
];

/** A refusal of Ollama's as a GatewayError. */
export const decodeOllamaError = (status: number, body: unknown, target: Pick<Target, "provider">): GatewayError => {
  const message = errorIn(body) ?? (typeof body === "string" ? body : "");
  const isCredential = status === 401 || status === 403;
  const code = isCredential ? undefined : messageCodes.find(([pattern]) => pattern.test(message))?.[1];
  return upstreamError({ status, target, message, code });
};
