import type { Wire } from "../../core/call.ts";
import { isJsonObject, type JsonObject, type JsonValue, omitKeys } from "../../core/json.ts";
import type { Target } from "../../core/model.ts";
import { gatewayFields, hasGatewayField } from "../gateway-fields.ts";
import { encodeStreamOptions } from "./encode-chat.ts";
import type { Quirks } from "./quirks.ts";

const literals = new WeakMap<Target, string>();

/** The name of the target's model as JSON has it. */
const modelLiteral = (target: Target): string => {
  let literal = literals.get(target);
  if (literal === undefined) {
    literal = JSON.stringify(target.model);
    literals.set(target, literal);
  }
  return literal;
};

/** The client's text with only the model's name replaced. */
const patchModel = ({ text, model }: Wire, target: Target): string =>
  text.slice(0, model.start) + modelLiteral(target) + text.slice(model.end);

const insertField = (text: string, field: string): string => {
  const end = text.lastIndexOf("}");
  return `${text.slice(0, end)},${field}${text.slice(end)}`;
};

const asksForUsage = (options: JsonValue | undefined): boolean =>
  isJsonObject(options) && options["include_usage"] === true;

/**
 * The client's body for a server of the same dialect. As far as possible its bytes stay as they are; a field of the
 * gateway's own, or stream options without usage, make it be written again from the parsed body.
 */
export const reuseWire = (wire: Wire, target: Target, quirks: Quirks): string => {
  const { body } = wire;
  const streams = body["stream"] === true;
  const options = body["stream_options"];
  if (hasGatewayField(body) || (streams && options !== undefined && !asksForUsage(options)))
    return JSON.stringify({
      ...omitKeys(body, gatewayFields),
      model: target.model,
      ...encodeStreamOptions(streams, options, quirks),
    });
  const text = patchModel(wire, target);
  return streams && options === undefined && quirks.streamOptions === "accepted"
    ? insertField(text, '"stream_options":{"include_usage":true}')
    : text;
};

const messageNeedsChange = (message: JsonValue, quirks: Quirks): boolean => {
  if (!isJsonObject(message)) return false;
  if (message["role"] === "developer") return quirks.developerRole === "unknown";
  if (message["role"] !== "assistant") return false;
  return (
    ("reasoning_content" in message && quirks.reasoning !== "reasoning_content") ||
    ("reasoning" in message && quirks.reasoning !== "reasoning") ||
    (typeof message["refusal"] === "string" && quirks.refusals === "unknown")
  );
};

const limitFields = ["max_tokens", "max_completion_tokens"] as const;

/** True where a body of this dialect must be translated all the same, since the server departs from the dialect. */
export const needsTranslation = (body: JsonObject, quirks: Quirks): boolean => {
  if (quirks.toolCallIds !== "any" || quirks.reasoning === "thinking-part") return true;
  if (quirks.streamOptions === "refused" && "stream_options" in body) return true;
  if (quirks.reasoningRequest === "object" && "reasoning_effort" in body) return true;
  for (const field of limitFields) if (field in body && !quirks.maxTokensFields.includes(field)) return true;
  for (const field in quirks.renames) if (field in body) return true;
  for (const field of quirks.omits) if (field in body) return true;
  const messages = body["messages"];
  if (!Array.isArray(messages)) return false;
  for (const message of messages as readonly JsonValue[]) if (messageNeedsChange(message, quirks)) return true;
  return false;
};

/** True where the wire is of this dialect, is the request that is asked for, and suits the server as it is. */
export const isReusable = (
  wire: Wire | undefined,
  request: { readonly stream: boolean },
  quirks: Quirks,
): wire is Wire =>
  wire !== undefined &&
  wire.dialect === "openai" &&
  (wire.body["stream"] === true) === request.stream &&
  !needsTranslation(wire.body, quirks);
