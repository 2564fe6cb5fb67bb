import type { Provider, ProviderModule, ProviderSettings, Translator } from "../../core/ports/provider.ts";
import { bearer } from "../credentials.ts";
import { postJson } from "../request.ts";
import { decodeCompletion } from "./decode-chat.ts";
import { decodeEmbeddings, embeddingsObstacles, encodeEmbeddingsBody } from "./embeddings.ts";
import { encodeChatBody } from "./encode-chat.ts";
import { defaultBaseUrl, endpointUrl } from "./endpoint.ts";
import { decodeError } from "./errors.ts";
import { listModels } from "./models.ts";
import { chatObstacles } from "./obstacles.ts";
import { openChatStream } from "./stream.ts";

const kind = "cohere";

const chatTranslator = (settings: ProviderSettings): Translator<"chat"> => ({
  framing: "sse",
  unsupported: chatObstacles,
  encode: (request, target) =>
    postJson(endpointUrl(settings, "/v2/chat"), encodeChatBody(request, target), settings.headers),
  decode: (body) => decodeCompletion(body, settings.name),
  openStream: () => openChatStream(settings.name),
  decodeError,
});

const embeddingsTranslator = (settings: ProviderSettings): Translator<"embeddings"> => ({
  framing: "sse",
  unsupported: embeddingsObstacles,
  encode: (request, target) =>
    postJson(endpointUrl(settings, "/v2/embed"), encodeEmbeddingsBody(request, target), settings.headers),
  decode: (body, request) => decodeEmbeddings(body, request, settings.name),
  decodeError,
});

const create = (settings: ProviderSettings): Provider => ({
  kind,
  dialect: "cohere",
  chat: chatTranslator(settings),
  embeddings: embeddingsTranslator(settings),
  models: listModels(settings),
  credentials: bearer(settings.apiKeys),
});

/** Cohere's API, version 2. */
export const cohere: ProviderModule = {
  kind,
  title: "Cohere",
  defaultBaseUrl,
  keyVariables: ["COHERE_API_KEY", "CO_API_KEY", "EXTERNAL_COHERE_KEY"],
  keyless: false,
  catalogueId: "cohere",
  create,
};
