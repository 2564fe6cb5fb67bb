import type { Wire } from "../../core/call.ts";
import type { ChatRequest } from "../../core/chat.ts";
import { isJsonObject, omitKeys } from "../../core/json.ts";
import type { Target } from "../../core/model.ts";
import { gatewayFields, hasGatewayField } from "../gateway-fields.ts";
import { traitsOf } from "./model-traits.ts";
import { suitsModel } from "./thinking.ts";

/**
 * True where the client's own body suits the target: it is of this dialect, is streamed as asked, and configures
 * thinking in a way that this model takes (otherwise the request is translated).
 */
export const isReusable = (wire: Wire | undefined, request: ChatRequest, target: Target): wire is Wire => {
  if (wire?.dialect !== "anthropic" || (wire.body["stream"] === true) !== request.stream) return false;
  const thinking = wire.body["thinking"];
  return !isJsonObject(thinking) || suitsModel(thinking, traitsOf(target));
};

/** The client's bytes with only the model's name replaced; written again where they hold the gateway's own fields. */
export const reuseWire = ({ body, text, model }: Wire, target: Target): string =>
  hasGatewayField(body)
    ? JSON.stringify({ ...omitKeys(body, gatewayFields), model: target.model })
    : `${text.slice(0, model.start)}${JSON.stringify(target.model)}${text.slice(model.end)}`;
