import type { JsonValue } from "../../core/json.ts";
import type { WireResponse } from "../../core/ports/transport.ts";

const encoder = new TextEncoder();

const headersOf = (fields: Readonly<Record<string, string>>) => ({
  get: (name: string) => fields[name.toLowerCase()] ?? null,
});

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield encoder.encode(text);
}

export const jsonReply = (body: JsonValue, status = 200): WireResponse => ({
  status,
  headers: headersOf({ "content-type": "application/json" }),
  body: once(JSON.stringify(body)),
});

/** An error in OpenAI's envelope. */
export const errorBody = (message: string, code: string | null, param: string | null = null): JsonValue => ({
  error: { message, type: "invalid_request_error", param, code },
});

export const sseReply = (frames: AsyncIterable<string>): WireResponse => ({
  status: 200,
  headers: headersOf({ "content-type": "text/event-stream" }),
  body: (async function* () {
    for await (const frame of frames) yield encoder.encode(`data: ${frame}\n\n`);
  })(),
});
