import type { ServerConnection } from "../core/ports/http-server.ts";
import { type Listening, listenError, type ServerOptions, urlOf } from "./listening.ts";
import { platformResponse } from "./platform-response.ts";

/** As short as an idle timeout can be; connections are looked at every few seconds. */
const cutSeconds = 1;

const connectionOf = (
  request: Request,
  { server, idleSeconds }: { readonly server: Bun.Server<undefined>; readonly idleSeconds: number },
): ServerConnection => {
  let isCut = false;
  return {
    get remoteAddress() {
      return server.requestIP(request)?.address ?? "";
    },
    keepOpen: () => server.timeout(request, 0),
    // What is set for one request stays with its connection.
    limitIdle: () => {
      if (!isCut) server.timeout(request, idleSeconds);
    },
    cut() {
      isCut = true;
      server.timeout(request, cutSeconds);
    },
  };
};

/** Listens for HTTP/1.1 with the runtime's own server. Throws ListenError where the address cannot be had. */
export const listenPlatform = (options: ServerOptions): Listening => {
  const { host, port, idleSeconds, reusePort = false, handle } = options;
  const start = () =>
    Bun.serve({
      hostname: host,
      port,
      reusePort,
      // The edge refuses what is too large, with a readable error; a body that nobody reads is thrown away as it comes.
      maxRequestBodySize: Number.MAX_SAFE_INTEGER,
      idleTimeout: idleSeconds,
      development: false,
      async fetch(request, server) {
        const reply = handle(request, connectionOf(request, { server, idleSeconds }));
        return platformResponse(reply instanceof Promise ? await reply : reply);
      },
    });
  let server: ReturnType<typeof start>;
  try {
    server = start();
  } catch (error) {
    throw listenError(error, options);
  }
  const bound = server.port ?? port;
  return { host, port: bound, url: urlOf(host, bound), drain: () => server.stop(), close: () => server.stop(true) };
};
