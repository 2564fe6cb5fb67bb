import type { Provider, ProviderModule, ProviderSettings, Translator } from "../../core/ports/provider.ts";
import { keyInHeader } from "../credentials.ts";
import { postJson } from "../request.ts";
import { decodeCompletion } from "./decode-chat.ts";
import { encodeChatBody } from "./encode-chat.ts";
import { defaultBaseUrl, endpointHeaders, endpointUrl } from "./endpoint.ts";
import { decodeError } from "./errors.ts";
import { listModels } from "./models.ts";
import { chatObstacles } from "./obstacles.ts";
import { isReusable, reuseWire } from "./reuse-wire.ts";
import { openChatStream } from "./stream.ts";

const kind = "anthropic";

const chatTranslator = (settings: ProviderSettings): Translator<"chat"> => ({
  framing: "sse",
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
  chat: chatTranslator(settings),
  models: listModels(settings),
  credentials: keyInHeader("x-api-key", settings.apiKeys),
});

/** Anthropic's Messages API, and endpoints compatible with it by base URL. */
export const anthropic: ProviderModule = {
  kind,
  title: "Anthropic",
  defaultBaseUrl,
  keyVariables: ["ANTHROPIC_API_KEY", "EXTERNAL_ANTHROPIC_KEY"],
  keyless: false,
  catalogueId: "anthropic",
  create,
};
