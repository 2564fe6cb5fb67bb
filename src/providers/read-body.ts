import { GatewayError } from "../core/errors.ts";
import type { Target } from "../core/model.ts";
import type { WireResponse } from "../core/ports/transport.ts";

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
