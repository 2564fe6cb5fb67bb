import type { HandleRequest, ServerConnection } from "../core/ports/http-server.ts";
import { platformResponse } from "./platform-response.ts";

export interface ServerOptions {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Seconds until a client that sends nothing is dropped; at most 255. */
  readonly idleSeconds: number;
  /** Lets other processes of this user listen on the same address too; new connections are spread over them. Linux. */
  readonly reusePort?: boolean;
  readonly handle: HandleRequest;
}

export interface Listening {
  readonly host: string;
  readonly port: number;
  readonly url: string;
  /** Takes no new connections, and resolves when the open requests are answered. */
  drain(): Promise<void>;
  /** Closes all connections. */
  close(): Promise<void>;
}

/** The address cannot be listened on; the message says why. */
export class ListenError extends Error {
  override readonly name = "ListenError";
}

const explain = (error: unknown, { host, port }: ServerOptions): ListenError => {
  const code = (error as { code?: string }).code;
  const reasons: Record<string, string> = {
    EADDRINUSE: `Port ${port} on ${host} is in use. Stop the other program or choose another port with --port.`,
    EACCES: `Port ${port} on ${host} needs more rights. Choose a port above 1023 with --port.`,
    EADDRNOTAVAIL: `The address ${host} is not one of this machine's. Choose another with --host.`,
  };
  const reason = code === undefined ? undefined : reasons[code];
  return new ListenError(reason ?? `Cannot listen on ${host}:${port}: ${String(error)}`, { cause: error });
};

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

/** Listens for HTTP/1.1. Throws ListenError where the address cannot be had. */
export const listen = (options: ServerOptions): Listening => {
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
    throw explain(error, options);
  }
  const shownHost = host.includes(":") ? `[${host}]` : host;
  return {
    host,
    port: server.port ?? port,
    url: `http://${shownHost}:${server.port ?? port}`,
    drain: () => server.stop(),
    close: () => server.stop(true),
  };
};
