import type { CancelSignal } from "../../core/cancel.ts";
import { isJsonObject, type JsonObject, type JsonValue, parseJson } from "../../core/json.ts";
import type { Transport, WireRequest, WireResponse } from "../../core/ports/transport.ts";
import { complete } from "./completions.ts";
import { embed } from "./embedding.ts";
import { type MockOptions, type Pace, type Steering, steeringOf } from "./options.ts";
import { steered, wait } from "./pacing.ts";
import { errorBody, jsonReply } from "./reply.ts";
import { integerAt } from "./request.ts";
import { countTokens } from "./tokens.ts";

/** Where the mock is "reached"; nothing is ever sent there. */
export const mockBaseUrl = "http://mock.invalid/v1";

const chatModels: readonly string[] = ["mock-echo", "mock-llama", "mock-tools", "mock-json"];
const embeddingModel = "mock-embed";

const listModels = ({ quiz }: MockOptions): WireResponse =>
  jsonReply({
    object: "list",
    data: [
      ...[...chatModels, ...Object.keys(quiz?.models ?? {})].map((id) => ({
        id,
        object: "model",
        created: 0,
        owned_by: "mock",
        context_length: 128_000,
        supported_parameters: ["tools", "structured_outputs", "temperature"],
        pricing: { input: 0, output: 0 },
      })),
      {
        id: embeddingModel,
        object: "model",
        created: 0,
        owned_by: "mock",
        type: "embedding",
        context_length: 8_192,
        pricing: { input: 0, output: 0 },
      },
    ],
  });

const inputsOf = (input: JsonValue | undefined): readonly (string | readonly number[])[] => {
  if (typeof input === "string") return [input];
  if (!Array.isArray(input)) return [];
  if (input.every((item) => typeof item === "number")) return [input as readonly number[]];
  return input.map((item) => (Array.isArray(item) ? (item as readonly number[]) : String(item)));
};

const floatsAsBase64 = (vector: readonly number[]): string =>
  Buffer.from(new Float32Array(vector).buffer).toString("base64");

const embedInputs = (body: JsonObject): WireResponse => {
  const inputs = inputsOf(body["input"]);
  const dimensions = integerAt(body, "dimensions");
  if (inputs.length === 0) return jsonReply(errorBody("There is no input.", null, "input"), 400);
  if (dimensions !== undefined && (dimensions < 1 || dimensions > 4_096))
    return jsonReply(errorBody("The number of dimensions must be from 1 to 4096.", null, "dimensions"), 400);
  const tokens = inputs.reduce(
    (sum, input) => sum + (typeof input === "string" ? countTokens(input) : input.length),
    0,
  );
  const data = inputs.map((input, index) => {
    const vector = embed(input, dimensions);
    return {
      object: "embedding",
      index,
      embedding: body["encoding_format"] === "base64" ? floatsAsBase64(vector) : vector,
    };
  });
  return jsonReply({
    object: "list",
    data,
    model: embeddingModel,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  });
};

const isServed = (path: string, model: JsonValue | undefined, { quiz }: MockOptions): boolean => {
  if (path === "/embeddings") return model === embeddingModel;
  return typeof model === "string" && (chatModels.includes(model) || Object.hasOwn(quiz?.models ?? {}, model));
};

interface Post {
  readonly path: string;
  readonly body: JsonObject;
  readonly steering: Steering;
  readonly pace: Pace;
  readonly quiz: MockOptions["quiz"];
  readonly signal: CancelSignal;
}

const answer = async ({ path, body, steering, pace, quiz, signal }: Post): Promise<WireResponse> => {
  const { fail } = steering;
  if (fail !== undefined && (fail.afterChunks === undefined || body["stream"] !== true)) {
    await wait(pace.firstTokenMilliseconds, signal);
    return jsonReply(errorBody("The mock was asked to fail.", fail.code ?? null), fail.status);
  }
  if (path === "/embeddings") {
    await wait(pace.firstTokenMilliseconds, signal);
    return embedInputs(body);
  }
  const operation = path === "/completions" ? "text" : "chat";
  return complete({ body, operation, pace, steering, quiz, signal });
};

const paths: ReadonlySet<string> = new Set(["/chat/completions", "/completions", "/embeddings"]);

const post = async (request: WireRequest, options: MockOptions, signal: CancelSignal): Promise<WireResponse> => {
  const path = request.url.slice(mockBaseUrl.length);
  const body = parseJson(request.body ?? "");
  if (!paths.has(path)) return jsonReply(errorBody(`The mock does not serve ${path}.`, "not_found"), 404);
  if (!isJsonObject(body)) return jsonReply(errorBody("The body is not a JSON object.", null), 400);
  const steering = steeringOf(body["mock"]);
  if (steering === undefined) return jsonReply(errorBody("The field is not in the mock's form.", null, "mock"), 400);
  if (!isServed(path, body["model"], options))
    return jsonReply(errorBody("The mock has no such model here.", "model_not_found", "model"), 404);
  return answer({ path, body, steering, pace: steered(options, steering), quiz: options.quiz, signal });
};

/** A server of OpenAI's wire format within the program: no socket, no key, the same answer to the same request. */
export const mockTransport = (options: MockOptions): Transport => ({
  async send(request, signal) {
    if (signal.aborted) throw signal.reason;
    return request.method === "GET" ? listModels(options) : post(request, options, signal);
  },
});
