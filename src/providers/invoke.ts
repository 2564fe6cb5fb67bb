import type { Attempt } from "../core/attempt.ts";
import type { Call, Reply } from "../core/call.ts";
import { type ErrorCode, GatewayError } from "../core/errors.ts";
import { openFrames } from "../core/frames.ts";
import { parseJson } from "../core/json.ts";
import type { Target } from "../core/model.ts";
import type { OperationName, PieceOf } from "../core/operations.ts";
import type { Provider, StreamDecoder, Translator } from "../core/ports/provider.ts";
import type { Transport, WireRequest, WireResponse } from "../core/ports/transport.ts";
import { exhaustedFor } from "./quota.ts";

/** Bounds on what an upstream may send. */
export interface InvokeLimits {
  /** Of a whole answer; vectors take many times the room of text. */
  readonly maxReplyBytes: number;
  readonly maxVectorBytes: number;
  readonly maxErrorBytes: number;
  readonly maxFrameCharacters: number;
  /** What a stream may send without saying anything: comments, pings, unknown events. */
  readonly maxSilentBytes: number;
}

export const defaultInvokeLimits: InvokeLimits = {
  maxReplyBytes: 16 * 1024 * 1024,
  maxVectorBytes: 64 * 1024 * 1024,
  maxErrorBytes: 64 * 1024,
  maxFrameCharacters: 8 * 1024 * 1024,
  maxSilentBytes: 8 * 1024 * 1024,
};

export interface Invocation<Operation extends OperationName> {
  readonly provider: Provider;
  readonly transport: Transport;
  readonly call: Call<Operation>;
  readonly target: Target;
  readonly attempt: Attempt;
  /** Aborting it closes the connection. */
  readonly signal: AbortSignal;
  readonly limits: InvokeLimits;
  /** Told when the upstream's headers have come. */
  readonly onHeaders: () => void;
  /** Told that the provider takes no further call for so many milliseconds. */
  readonly onExhausted: (milliseconds: number) => void;
}

/** The provider's translator for an operation; undefined where the provider has none. */
export const translatorFor = <Operation extends OperationName>(
  provider: Provider,
  operation: Operation,
): Translator<Operation> | undefined => provider[operation] as Translator<Operation> | undefined;

const readText = async (body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> => {
  const decoder = new TextDecoder("utf-8");
  let text = "";
  let size = 0;
  for await (const bytes of body) {
    size += bytes.length;
    if (size > maxBytes)
      throw new GatewayError("upstream_invalid_response", `The upstream sent more than ${maxBytes} bytes.`);
    text += decoder.decode(bytes, { stream: true });
  }
  return text + decoder.decode();
};

/** Seconds, or a date (RFC 9110, 10.2.3); several providers send milliseconds beside it. */
export const retryAfterMilliseconds = (
  headers: WireResponse["headers"],
  nowMilliseconds: number,
): number | undefined => {
  const precise = Number(headers.get("retry-after-ms") ?? Number.NaN);
  if (Number.isFinite(precise)) return Math.max(0, precise);
  const value = headers.get("retry-after");
  if (value === null) return undefined;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1_000);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMilliseconds);
};

/** Milliseconds since 1970, from the call's own clock. */
const wallTime = <Operation extends OperationName>({ scope }: Call<Operation>): number =>
  scope.head.startedAt + scope.elapsed();

/** The status says the most: the text that comes with it is not waited for long. */
const reasonMilliseconds = 1_000;

const readReason = async (body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> => {
  const iterator = body[Symbol.asyncIterator]();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, reasonMilliseconds, "");
  });
  const whole = readText({ [Symbol.asyncIterator]: () => iterator }, maxBytes).catch(() => "");
  const text = await Promise.race([whole, late]);
  clearTimeout(timer);
  // Not awaited: an upstream that stays silent must not hold us.
  void Promise.resolve(iterator.return?.()).catch(() => undefined);
  return text;
};

/** A provider's text may repeat the key that it was sent, whatever its form. */
const withoutCredential = (text: string, { headers }: WireRequest): string => {
  let clean = text;
  for (const name of ["authorization", "x-api-key", "x-goog-api-key", "api-key"]) {
    const secret = headers[name]?.replace(/^Bearer /, "");
    if (secret !== undefined && secret.length >= 8) clean = clean.replaceAll(secret, "[secret]");
  }
  return clean;
};

const refusal = async <Operation extends OperationName>(
  { response, request }: { readonly response: WireResponse; readonly request: WireRequest },
  translator: Translator<Operation>,
  { target, limits, call, provider }: Invocation<Operation>,
): Promise<GatewayError> => {
  const text = withoutCredential(await readReason(response.body, limits.maxErrorBytes), request);
  const error = translator.decodeError(response.status, parseJson(text) ?? text, target);
  const hasAnother = error.code === "upstream_authentication" && (provider.credentials.refused?.(request) ?? false);
  const wait = hasAnother ? 0 : retryAfterMilliseconds(response.headers, wallTime(call));
  if (wait === undefined) return error;
  return new GatewayError(error.code, error.message, {
    retryAfterMilliseconds: wait,
    ...(error.param === undefined ? {} : { param: error.param }),
    provider: target.provider,
    upstreamStatus: response.status,
  });
};

const cut = (target: Target, cause: unknown): GatewayError =>
  new GatewayError("upstream_invalid_response", `Provider '${target.provider}' cut its answer short.`, {
    provider: target.provider,
    cause,
  });

/** Frames of a body, decoded batch by batch. A plain iterator: a generator's `return` hangs on a silent upstream. */
const decodeBatches = <Piece>(
  response: WireResponse,
  decoder: StreamDecoder<Piece>,
  {
    target,
    limits,
    signal,
    framing,
  }: { target: Target; limits: InvokeLimits; signal: AbortSignal; framing: "sse" | "ndjson" },
): AsyncIterable<readonly Piece[]> => ({
  [Symbol.asyncIterator]() {
    const bytes = response.body[Symbol.asyncIterator]();
    const splitter = openFrames(framing, { maxCharacters: limits.maxFrameCharacters });
    let isOver = false;
    let silentBytes = 0;
    const read = async (): Promise<IteratorResult<Uint8Array>> => {
      try {
        return await bytes.next();
      } catch (cause) {
        if (signal.aborted) throw signal.reason;
        throw cut(target, cause);
      }
    };
    const close = (): void => {
      isOver = true;
      // Not awaited: an upstream that stays silent must not hold us.
      void Promise.resolve(bytes.return?.()).catch(() => undefined);
    };
    return {
      async next(): Promise<IteratorResult<readonly Piece[]>> {
        while (!isOver) {
          const { done, value } = await read();
          const pieces: Piece[] = [];
          for (const frame of done ? splitter.end() : splitter.push(value))
            if (!decoder.ended) pieces.push(...decoder.push(frame));
          if (done || decoder.ended) {
            pieces.push(...decoder.end());
            if (done) isOver = true;
            else close();
          }
          if (pieces.length > 0) {
            silentBytes = 0;
            return { done: false, value: pieces };
          }
          silentBytes += value?.length ?? 0;
          if (silentBytes > limits.maxSilentBytes) {
            close();
            throw new GatewayError(
              "upstream_invalid_response",
              `Provider '${target.provider}' sent ${silentBytes} bytes without content.`,
              { provider: target.provider },
            );
          }
        }
        return { done: true, value: undefined };
      },
      async return(): Promise<IteratorResult<readonly Piece[]>> {
        close();
        return { done: true, value: undefined };
      },
    };
  },
});

const unreached: ReadonlySet<ErrorCode> = new Set(["upstream_unreachable", "upstream_refused"]);

/** Clients know providers by their name; where they stand is for the log. */
const reach = async <Operation extends OperationName>(
  { provider, transport, target, signal }: Invocation<Operation>,
  request: WireRequest,
): Promise<WireResponse> => {
  try {
    return await (provider.transport ?? transport).send(request, signal);
  } catch (cause) {
    if (!(cause instanceof GatewayError) || !unreached.has(cause.code)) throw cause;
    const { code } = (cause.cause ?? {}) as { readonly code?: unknown };
    const reason = typeof code === "string" ? ` (${code})` : "";
    throw new GatewayError(cause.code, `Provider '${target.provider}' cannot be reached${reason}.`, {
      provider: target.provider,
      cause,
    });
  }
};

const isStreamed = (request: object): boolean => "stream" in request && request.stream === true;

/**
 * The one upstream call: encode, authorize, send, decode. Throws GatewayError; where the signal was aborted, its
 * reason. A stream is returned as soon as its headers are there.
 */
export const invoke = async <Operation extends OperationName>(
  invocation: Invocation<Operation>,
): Promise<Reply<Operation>> => {
  const { provider, call, target, attempt, signal, limits } = invocation;
  const translator = translatorFor(provider, call.operation);
  if (translator === undefined)
    throw new GatewayError("unsupported_parameter", `Provider '${target.provider}' does not serve ${call.operation}.`);
  const isUntouched = call.wire.parsed === call.request && call.wire.model.end > 0;
  const request = translator.encode(call.request, target, isUntouched ? call.wire : undefined);
  const authorized = await provider.credentials.authorize(request);
  const response = await reach(invocation, authorized);
  attempt.headers(response.status);
  invocation.onHeaders();
  if (response.status < 200 || response.status > 299)
    throw await refusal({ response, request: authorized }, translator, invocation);
  const exhausted = exhaustedFor(response.headers, wallTime(call));
  if (exhausted !== undefined) invocation.onExhausted(exhausted);
  if (isStreamed(call.request) && translator.openStream !== undefined) {
    const decoder = translator.openStream(call.request);
    const batches = decodeBatches<PieceOf<Operation>>(response, decoder, {
      target,
      limits,
      signal,
      framing: translator.framing,
    });
    return { kind: "stream", batches };
  }
  let text: string;
  try {
    const limit = call.operation === "embeddings" ? limits.maxVectorBytes : limits.maxReplyBytes;
    text = await readText(response.body, limit);
  } catch (cause) {
    if (signal.aborted) throw signal.reason;
    throw cause instanceof GatewayError ? cause : cut(target, cause);
  }
  const body = parseJson(text);
  if (body === undefined)
    throw new GatewayError(
      "upstream_invalid_response",
      `Provider '${target.provider}' sent a reply that is not JSON.`,
      {
        provider: target.provider,
      },
    );
  return { kind: "whole", value: translator.decode(body, call.request) };
};
