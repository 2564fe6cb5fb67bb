import type { Provider, ProviderModule, ProviderSettings, Translator } from "../../core/ports/provider.ts";
import { keyInHeader } from "../credentials.ts";
import { chatObstacles } from "./chat-obstacles.ts";
import { decodeChat } from "./decode-chat.ts";
import { decodeEmbeddings, embeddingsObstacles, encodeEmbeddings } from "./embeddings.ts";
import { encodeChat } from "./encode-chat.ts";
import type { Endpoint } from "./endpoint.ts";
import { decodeGeminiError } from "./errors.ts";
import { listModels } from "./models.ts";
import { openChatStream } from "./stream.ts";

const kind = "gemini";
const defaultBaseUrl = "https://generativelanguage.googleapis.com/v1beta";

const chatTranslator = (endpoint: Endpoint): Translator<"chat"> => ({
  framing: "sse",
  unsupported: chatObstacles,
  encode: (request, target) => encodeChat(request, target, endpoint),
  decode: (body) => decodeChat(body, endpoint.provider),
  openStream: (request) => openChatStream(endpoint.provider, request.n ?? 1),
  decodeError: decodeGeminiError,
});

const embeddingsTranslator = (endpoint: Endpoint): Translator<"embeddings"> => ({
  framing: "sse",
  unsupported: embeddingsObstacles,
  encode: (request, target) => encodeEmbeddings(request, target, endpoint),
  decode: (body, request) => decodeEmbeddings(body, request, endpoint.provider),
  decodeError: decodeGeminiError,
});

const create = ({ name, baseUrl = defaultBaseUrl, headers, apiKeys }: ProviderSettings): Provider => {
  const endpoint: Endpoint = { provider: name, baseUrl, headers };
  return {
    kind,
    dialect: "gemini",
    chat: chatTranslator(endpoint),
    embeddings: embeddingsTranslator(endpoint),
    models: listModels(endpoint),
    credentials: keyInHeader("x-goog-api-key", apiKeys),
  };
};

/** Google's Generative Language API, version v1beta ("Gemini API reference", ai.google.dev/api). */
export const gemini: ProviderModule = {
  kind,
  title: "Google Gemini",
  defaultBaseUrl,
  keyVariables: ["GEMINI_API_KEY", "GOOGLE_API_KEY", "EXTERNAL_GEMINI_KEY"],
  keyless: false,
  catalogueId: "google",
  create,
};
