import type { Wire } from "../../core/call.ts";
import type { Embeddings, EmbeddingsRequest } from "../../core/embeddings.ts";
import { isJsonObject, type JsonValue, omitKeys } from "../../core/json.ts";
import type { Target } from "../../core/model.ts";
import type { Translator } from "../../core/ports/provider.ts";
import { gatewayFields } from "../gateway-fields.ts";
import { defined, postJson } from "../request.ts";
import { malformed } from "../upstream-error.ts";
import { replyObject } from "./decode-chat.ts";
import { passedOn, renamed, userFor } from "./encode-chat.ts";
import { decodeError } from "./errors.ts";
import { embeddingsObstacles } from "./obstacles.ts";
import type { Dialogue, Quirks } from "./quirks.ts";
import { usageOf } from "./usage.ts";

const single = <Input>(inputs: readonly Input[]): Input | readonly Input[] =>
  inputs.length === 1 && inputs[0] !== undefined ? inputs[0] : inputs;

const encodeBody = (request: EmbeddingsRequest, target: Target, quirks: Quirks): Record<string, unknown> => {
  const known = defined({
    model: target.model,
    input: single<string | readonly number[]>(request.input),
    dimensions: request.dimensions,
    encoding_format: "float",
    user: userFor(request.user),
  });
  return renamed({ ...known, ...passedOn(request.extra), ...known }, quirks);
};

const isReusable = (wire: Wire | undefined, quirks: Quirks): wire is Wire =>
  wire !== undefined &&
  wire.dialect === "openai" &&
  ![...Object.keys(quirks.renames), ...quirks.omits].some((field) => field in wire.body);

/** Little-endian 32-bit floats in base64, as OpenAI writes `encoding_format: "base64"`. */
const decodeBase64 = (text: string): readonly number[] | undefined => {
  const bytes = Buffer.from(text, "base64");
  if (bytes.length === 0 || bytes.length % 4 !== 0) return undefined;
  return Array.from({ length: bytes.length / 4 }, (_, position) => bytes.readFloatLE(position * 4));
};

const decodeVector = (value: JsonValue | undefined, provider: string): readonly number[] => {
  const vector = typeof value === "string" ? decodeBase64(value) : value;
  if (!Array.isArray(vector) || vector.length === 0 || !vector.every((number) => typeof number === "number"))
    throw malformed(provider, "an embedding that is not a list of numbers");
  return vector as readonly number[];
};

const decodeVectors = (
  data: JsonValue | undefined,
  count: number,
  provider: string,
): readonly (readonly number[])[] => {
  if (!Array.isArray(data) || data.length !== count)
    throw malformed(provider, "an answer without exactly one embedding per input");
  const vectors: (readonly number[])[] = [];
  data.forEach((row: JsonValue, position) => {
    if (!isJsonObject(row)) throw malformed(provider, "an embedding that is not an object");
    const { index } = row;
    const place = typeof index === "number" ? index : position;
    if (!Number.isInteger(place) || place < 0 || place >= count || vectors[place] !== undefined)
      throw malformed(provider, "embeddings whose indices do not match the inputs");
    vectors[place] = decodeVector(row["embedding"], provider);
  });
  return vectors;
};

const decodeReply = (body: unknown, request: EmbeddingsRequest, { provider, quirks }: Dialogue): Embeddings => {
  const reply = replyObject(body, provider);
  const usage = usageOf(reply, quirks);
  return {
    model: typeof reply["model"] === "string" ? reply["model"] : "",
    vectors: decodeVectors(reply["data"], request.input.length, provider),
    ...(usage === undefined ? {} : { usage }),
  };
};

/** Embeddings ("Create embeddings", OpenAI API reference). Upstream they are asked for as floats. */
export const openaiEmbeddings = (dialogue: Dialogue): Translator<"embeddings"> => ({
  unsupported: (request, target) => embeddingsObstacles(request, target, dialogue.quirks),
  encode(request, target, wire) {
    const body = isReusable(wire, dialogue.quirks)
      ? { ...omitKeys(wire.body, gatewayFields), model: target.model, encoding_format: "float" }
      : encodeBody(request, target, dialogue.quirks);
    return postJson(`${dialogue.baseUrl}/embeddings`, body, dialogue.headers);
  },
  decode: (body, request) => decodeReply(body, request, dialogue),
  framing: "sse",
  decodeError,
});
