import type { BodySource, ServerReply } from "../core/ports/http-server.ts";

const utf8 = new TextEncoder();

/** One pull is one piece, so that a slow reader slows the source. */
const streamOf = (source: BodySource): ReadableStream<Uint8Array> =>
  new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { text, last } = await source.next();
        try {
          controller.enqueue(utf8.encode(text));
          if (last) controller.close();
        } catch {
          // The client went while this piece was made; `cancel` has been called or will be.
        }
      },
      cancel: () => source.cancel(),
    },
    { highWaterMark: 0 },
  );

/** A reply in the platform's form. */
export const platformResponse = ({ status, headers, body }: ServerReply): Response =>
  new Response(
    typeof body === "string" || body instanceof Uint8Array ? (body as Uint8Array<ArrayBuffer>) : streamOf(body),
    {
      status,
      headers,
    },
  );
