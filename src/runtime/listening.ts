import type { HandleRequest } from "../core/ports/http-server.ts";

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

/** Why an address cannot be had, and what to do. */
export const listenError = (error: unknown, { host, port }: Pick<ServerOptions, "host" | "port">): ListenError => {
  const code = (error as { code?: string }).code;
  const reasons: Record<string, string> = {
    EADDRINUSE: `Port ${port} on ${host} is in use. Stop the other program or choose another port with --port.`,
    EACCES: `Port ${port} on ${host} needs more rights. Choose a port above 1023 with --port.`,
    EADDRNOTAVAIL: `The address ${host} is not one of this machine's. Choose another with --host.`,
  };
  const reason = code === undefined ? undefined : reasons[code];
  return new ListenError(reason ?? `Cannot listen on ${host}:${port}: ${String(error)}`, { cause: error });
};

export const urlOf = (host: string, port: number): string =>
  `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
