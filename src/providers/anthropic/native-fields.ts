import type { ChatRequest } from "../../core/chat.ts";
import { type JsonObject, omitKeys } from "../../core/json.ts";

/** Fields of the gateway's own, which never go upstream. */
export const gatewayFields: ReadonlySet<string> = new Set(["route", "persona_id", "session_id", "tags", "routing"]);

/** True where the body holds a field of the gateway's own. */
export const hasGatewayField = (body: JsonObject): boolean => {
  for (const field of gatewayFields) if (field in body) return true;
  return false;
};

/** The request's fields that came in Anthropic's dialect and have no name in the internal form. */
export const nativeFields = ({ extra }: Pick<ChatRequest, "extra">): JsonObject =>
  extra?.dialect === "anthropic" ? omitKeys(extra.fields, gatewayFields) : {};
