import type { CancelSignal } from "../core/cancel.ts";
import { GatewayError } from "../core/errors.ts";
import { openFrames } from "../core/frames.ts";
import type { Target } from "../core/model.ts";
import type { Frame, StreamDecoder } from "../core/ports/provider.ts";
import type { WireResponse } from "../core/ports/transport.ts";
import type { InvokeLimits } from "./invocation.ts";

const utf8 = new TextDecoder("utf-8");
const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const openingBrace = 123;

/** A whole body: its text, and its bytes where they are nothing but that text, a JSON object's. */
export interface WholeBody {
  readonly text: string;
  readonly bytes?: Uint8Array;
}

/** Reads a whole body, as bytes where it comes so, at once where it is there. Throws as {@link readText} does. */
export const readWhole = (
  response: Pick<WireResponse, "body" | "whole">,
  maxBytes: number,
): Uint8Array | Promise<Uint8Array | string> =>
  response.whole === undefined ? readText(response.body, maxBytes) : response.whole(maxBytes);

/** A body that was read whole. */
export const wholeBody = (read: Uint8Array | string): WholeBody => {
  if (typeof read === "string") return { text: read };
  const bytes = read;
  try {
    if (bytes[0] === openingBrace) return { text: strictUtf8.decode(bytes), bytes };
  } catch {
    // Broken characters are replaced, as any reader would.
  }
  return { text: utf8.decode(bytes) };
};

/** A body as text, read piece by piece. Throws `upstream_invalid_response` where it is longer than it may be. */
export const readText = async (body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> => {
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

/** The answer ended before it was whole. */
export const cutShort = (target: Target, cause: unknown): GatewayError =>
  new GatewayError("upstream_invalid_response", `Provider '${target.provider}' cut its answer short.`, {
    provider: target.provider,
    cause,
  });

const none: readonly never[] = [];

/** Mostly a read brings one frame, whose pieces are given as they are. */
const decodeAll = <Piece>(frames: readonly Frame[], decoder: StreamDecoder<Piece>): readonly Piece[] => {
  const [only] = frames;
  if (only === undefined) return none;
  if (frames.length === 1) return decoder.ended ? none : decoder.push(only);
  const pieces: Piece[] = [];
  for (const frame of frames) if (!decoder.ended) pieces.push(...decoder.push(frame));
  return pieces;
};

/** Frames of a body, decoded batch by batch. A plain iterator: a generator's `return` hangs on a silent upstream. */
export const decodeBatches = <Piece>(
  response: WireResponse,
  decoder: StreamDecoder<Piece>,
  {
    target,
    limits,
    signal,
    framing,
  }: { target: Target; limits: InvokeLimits; signal: CancelSignal; framing: "sse" | "ndjson" },
): AsyncIterable<readonly Piece[]> => ({
  [Symbol.asyncIterator]() {
    const bytes = response.body[Symbol.asyncIterator]();
    const splitter = openFrames(framing, { maxCharacters: limits.maxFrameCharacters });
    let isOver = false;
    let silentBytes = 0;
    const isCut = (cause: unknown): unknown => (signal.aborted ? signal.reason : cutShort(target, cause));
    const close = (): void => {
      isOver = true;
      // Not awaited: an upstream that stays silent must not hold us.
      void Promise.resolve(bytes.return?.()).catch(() => undefined);
    };
    return {
      async next(): Promise<IteratorResult<readonly Piece[]>> {
        while (!isOver) {
          let result: IteratorResult<Uint8Array>;
          try {
            result = await bytes.next();
          } catch (cause) {
            throw isCut(cause);
          }
          const { done, value } = result;
          const frames = done ? splitter.end() : splitter.push(value);
          const pieces = decodeAll(frames, decoder);
          const rest = done || decoder.ended ? decoder.end() : none;
          if (done) isOver = true;
          else if (decoder.ended) close();
          if (pieces.length + rest.length > 0) {
            silentBytes = 0;
            return { done: false, value: rest.length === 0 ? pieces : [...pieces, ...rest] };
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
