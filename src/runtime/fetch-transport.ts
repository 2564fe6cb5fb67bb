import { platformSignal } from "../core/cancel.ts";
import { GatewayError } from "../core/errors.ts";
import type { Transport } from "../core/ports/transport.ts";

const emptyBody = (async function* (): AsyncGenerator<Uint8Array> {})();

/** A reader as an iterable whose `return` cancels: a generator's would hang on a silent upstream. */
const iterate = (stream: ReadableStream<Uint8Array>): AsyncIterable<Uint8Array> => ({
  [Symbol.asyncIterator]() {
    const reader = stream.getReader();
    return {
      next: async () => {
        const { done, value } = await reader.read();
        return done ? { done: true, value: undefined } : { done: false, value };
      },
      return: async () => {
        await reader.cancel();
        return { done: true, value: undefined };
      },
    };
  },
});

const reasonOf = (error: unknown): string => {
  const { code, message } = error as { code?: string; message?: string };
  return code ?? message ?? String(error);
};

/** Upstream calls by the runtime's own `fetch`: pooled connections, TLS verified, no redirect followed. */
export const fetchTransport: Transport = {
  async send(request, signal) {
    let response: Response;
    try {
      response = await fetch(request.url, {
        method: request.method,
        headers: { "accept-encoding": "identity", ...request.headers },
        ...(request.body === undefined ? {} : { body: request.body }),
        redirect: "manual",
        // What is asked for uncompressed and comes compressed could be small here and huge when inflated.
        decompress: false,
        signal: platformSignal(signal),
      });
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      const reason = reasonOf(error);
      const { origin } = new URL(request.url);
      const code = reason === "ECONNREFUSED" ? "upstream_refused" : "upstream_unreachable";
      throw new GatewayError(code, `No answer from ${origin} (${reason}).`, { cause: error });
    }
    const encoding = response.headers.get("content-encoding");
    if (encoding !== null && encoding.toLowerCase() !== "identity") {
      void response.body?.cancel().catch(() => undefined);
      throw new GatewayError(
        "upstream_invalid_response",
        "The upstream sent a compressed body, which was not asked for.",
      );
    }
    return {
      status: response.status,
      headers: response.headers,
      body: response.body ? iterate(response.body) : emptyBody,
    };
  },
};
