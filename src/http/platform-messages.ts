import type { ServerReply, ServerRequest } from "../core/ports/http-server.ts";

const bodyOf = (body: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> => {
  const pieces = body[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await pieces.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: async () => void (await pieces.return?.()),
  });
};

/** A request in the platform's form, for routers that know no other. */
export const toPlatformRequest = (request: ServerRequest): Request => {
  if (request instanceof Request) return request;
  const { method, url, headers, body } = request;
  return new Request(url.startsWith("/") ? `http://localhost${url}` : url, {
    method,
    headers: [...headers],
    body: body === null || method === "GET" || method === "HEAD" ? null : bodyOf(body),
  });
};

/** A router's response, which is never streamed, in the server's form. */
export const fromPlatformResponse = async (response: Response): Promise<ServerReply> => ({
  status: response.status,
  headers: Object.fromEntries(response.headers),
  body: await response.bytes(),
});
