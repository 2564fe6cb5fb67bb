import type { JsonObject } from "../core/json.ts";

/** Fields of the gateway's own in a client's body; they never go upstream. */
export const gatewayFields: ReadonlySet<string> = new Set(["route", "persona_id", "session_id", "tags", "routing"]);

/** True where the body holds a field of the gateway's own. */
export const hasGatewayField = (body: JsonObject): boolean => {
  for (const field in body) if (gatewayFields.has(field)) return true;
  return false;
};
