import { GatewayError } from "../core/errors.ts";
import { joinBytes } from "../core/join-bytes.ts";
import { isJsonObject, type JsonObject } from "../core/json.ts";
import type { ServerRequest } from "../core/ports/http-server.ts";
import { scanJson } from "./json-scan.ts";

export interface BodyLimits {
  readonly maxBodyBytes: number;
  readonly maxDepth: number;
}

/** A request's body, parsed once. */
export interface JsonBody {
  readonly text: string;
  readonly bytes: number;
  readonly body: JsonObject;
  readonly model: { readonly start: number; readonly end: number } | undefined;
}

const tooLarge = (limit: number): GatewayError =>
  new GatewayError(
    "payload_too_large",
    `The request body is larger than ${limit} bytes. Send less, or raise server.maxBodyBytes.`,
  );

const readPieces = async (request: ServerRequest, limit: number): Promise<Uint8Array> => {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of request.body ?? []) {
    size += piece.length;
    if (size > limit) throw tooLarge(limit);
    pieces.push(piece);
  }
  return joinBytes(pieces, size);
};

const readBytes = (request: ServerRequest, limit: number): Uint8Array | Promise<Uint8Array> => {
  const declared = request.headers.get("content-length");
  if (declared === null) return readPieces(request, limit);
  if (Number(declared) > limit) throw tooLarge(limit);
  return request.bytes();
};

/** A body that cannot be read to its end was left by its client. */
const leftEarly = (cause: unknown): GatewayError =>
  cause instanceof GatewayError
    ? cause
    : new GatewayError("client_closed_request", "The client closed the connection before its request was complete.", {
        cause,
      });

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Where in the text the parser stopped, as it says itself; never the text around it, which may be private. */
const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new GatewayError("invalid_json", "The request body is not valid JSON. Check quotes, commas and brackets.", {
      cause,
    });
  }
};

const parseBody = (bytes: Uint8Array, { maxDepth }: BodyLimits): JsonBody => {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch (cause) {
    throw new GatewayError("invalid_encoding", "The request body is not valid UTF-8. Encode it as UTF-8.", { cause });
  }
  const { model } = scanJson(text, maxDepth);
  const body = parse(text);
  if (!isJsonObject(body)) throw new GatewayError("invalid_json", "The request body must be a JSON object.");
  return { text, bytes: bytes.length, body, model };
};

/**
 * Reads a body as a JSON object, at once where it has come already. Throws or rejects with `unsupported_media_type`, `payload_too_large`, `client_closed_request`,
 * `invalid_encoding`, `invalid_json`, `json_too_deep`, `duplicate_key` or `invalid_value`.
 */
export const readJsonBody = (request: ServerRequest, limits: BodyLimits): JsonBody | Promise<JsonBody> => {
  const type = request.headers.get("content-type");
  if (type !== "application/json" && (type === null || !/^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(type)))
    throw new GatewayError(
      "unsupported_media_type",
      `The content type ${type === null ? "is missing" : `'${type.slice(0, 80)}' is not accepted`}. Send 'content-type: application/json'.`,
    );
  const encoding = request.headers.get("content-encoding");
  if (encoding !== null && encoding !== "identity")
    throw new GatewayError(
      "unsupported_media_type",
      "Compressed request bodies are not accepted. Send the JSON as it is.",
    );
  const reading = readBytes(request, limits.maxBodyBytes);
  if (!(reading instanceof Promise)) return parseBody(reading, limits);
  return reading.then(
    (bytes) => parseBody(bytes, limits),
    (cause: unknown) => {
      throw leftEarly(cause);
    },
  );
};
