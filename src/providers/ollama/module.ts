import type { Provider, ProviderModule, ProviderSettings, Translator } from "../../core/ports/provider.ts";
import { bearer } from "../credentials.ts";
import { chatObstacles } from "./chat-obstacles.ts";
import { decodeChat } from "./decode-chat.ts";
import { decodeEmbeddings, embeddingsObstacles, encodeEmbeddings } from "./embeddings.ts";
import { encodeChat } from "./encode-chat.ts";
import type { Endpoint } from "./endpoint.ts";
import { decodeOllamaError } from "./errors.ts";
import { listModels } from "./models.ts";
import { prefillMode } from "./prefill.ts";
import { defaultBaseUrl, readSettings } from "./settings.ts";
import { openChatStream, openTextStream } from "./stream.ts";
import { decodeText, encodeText, textObstacles } from "./text-completion.ts";

const kind = "ollama";

const chatTranslator = (endpoint: Endpoint): Translator<"chat"> => ({
  framing: "ndjson",
  prefill: (request, target) => prefillMode(request, target, endpoint),
  unsupported: chatObstacles,
  encode: (request, target) => encodeChat(request, target, endpoint),
  decode: (body) => decodeChat(body, endpoint.provider),
  openStream: () => openChatStream(endpoint.provider),
  decodeError: decodeOllamaError,
});

const textTranslator = (endpoint: Endpoint): Translator<"textCompletion"> => ({
  framing: "ndjson",
  unsupported: textObstacles,
  encode: (request, target) => encodeText(request, target, endpoint),
  decode: (body) => decodeText(body, endpoint.provider),
  openStream: () => openTextStream(endpoint.provider),
  decodeError: decodeOllamaError,
});

const embeddingsTranslator = (endpoint: Endpoint): Translator<"embeddings"> => ({
  framing: "ndjson",
  unsupported: embeddingsObstacles,
  encode: (request, target) => encodeEmbeddings(request, target, endpoint),
  decode: (body, request) => decodeEmbeddings(body, request, endpoint.provider),
  decodeError: decodeOllamaError,
});

const create = (settings: ProviderSettings): Provider => {
  const endpoint = readSettings(settings);
  return {
    kind,
    dialect: "ollama",
    chat: chatTranslator(endpoint),
    textCompletion: textTranslator(endpoint),
    embeddings: embeddingsTranslator(endpoint),
    models: listModels(endpoint),
    credentials: bearer(settings.apiKeys),
  };
};

/**
 * Ollama by its own API ("API reference", docs.ollama.com/api). Options: `keepAlive` and `contextTokens`, which go
 * into every request that does not say otherwise, and `prefill`, how the models go on with a begun answer. A key is sent where there is one, as a proxy or the cloud wants it.
 */
export const ollama: ProviderModule = {
  kind,
  title: "Ollama",
  defaultBaseUrl,
  keyVariables: ["OLLAMA_API_KEY"],
  keyless: true,
  create,
};
