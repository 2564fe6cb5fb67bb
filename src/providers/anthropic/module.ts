import type { Provider, ProviderModule, ProviderSettings, Translator } from "../../core/ports/provider.ts";
import { keyInHeader } from "../credentials.ts";
import type { PrefillOption } from "../prefill.ts";
import { postJson } from "../request.ts";
import { decodeCompletion } from "./decode-chat.ts";
import { encodeChatBody } from "./encode-chat.ts";
import { defaultBaseUrl, endpointHeaders, endpointUrl } from "./endpoint.ts";
import { decodeError } from "./errors.ts";
import { listModels } from "./models.ts";
import { chatObstacles } from "./obstacles.ts";
import { prefillMode } from "./prefill.ts";
import { isReusable, reuseWire } from "./reuse-wire.ts";
import { readSettings } from "./settings.ts";
import { openChatStream } from "./stream.ts";

const kind = "anthropic";

const chatTranslator = (settings: ProviderSettings, option: PrefillOption): Translator<"chat"> => ({
  framing: "sse",
  prefill: (request, target) => prefillMode(request, target, option),
  unsupported: chatObstacles,
  encode(request, target, wire) {
    const body = isReusable(wire, request, target) ? reuseWire(wire, target) : encodeChatBody(request, target);
    return postJson(endpointUrl(settings, "/messages"), body, endpointHeaders(settings));
  },
  decode: (body, request) => decodeCompletion(body, request, settings.name),
  openStream: (request) => openChatStream(request, settings.name),
  decodeError,
});

const create = (settings: ProviderSettings): Provider => ({
  kind,
  dialect: "anthropic",
  chat: chatTranslator(settings, readSettings(settings).prefill),
  models: listModels(settings),
  credentials: keyInHeader("x-api-key", settings.apiKeys),
});

/**
 * Anthropic's Messages API, and endpoints compatible with it by base URL. Option: `prefill`, how such an endpoint goes on
 * with a begun answer.
 */
export const anthropic: ProviderModule = {
  kind,
  title: "Anthropic",
  defaultBaseUrl,
  keyVariables: ["ANTHROPIC_API_KEY", "EXTERNAL_ANTHROPIC_KEY"],
  keyless: false,
  catalogueId: "anthropic",
  create,
};
