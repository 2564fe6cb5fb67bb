import type { ChatRequest } from "../../core/chat.ts";
import { isJsonObject, type JsonObject, omitKeys } from "../../core/json.ts";
import { type FieldRules, oneOf } from "../foreign-fields.ts";
import { gatewayFields } from "../gateway-fields.ts";

/** Fields of other dialects that are written under a name of Anthropic's. */
export const carriedFields: FieldRules = {
  cache_control: isJsonObject,
  service_tier: oneOf("auto", "default", "priority"),
};

/** The request's fields that came in Anthropic's dialect and have no name in the internal form. */
export const nativeFields = ({ extra }: Pick<ChatRequest, "extra">): JsonObject =>
  extra?.dialect === "anthropic" ? omitKeys(extra.fields, gatewayFields) : {};
