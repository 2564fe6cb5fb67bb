import type { ServerReply } from "../core/ports/http-server.ts";
import { listen } from "../runtime/server.ts";

export interface ClaimedPort {
  readonly port: number;
  readonly url: string;
  /** To be called when the workers listen. */
  release(): Promise<void>;
}

const unavailable = (): ServerReply => ({
  status: 503,
  headers: { "retry-after": "1", connection: "close" },
  body: "",
});

/**
 * Makes sure that nobody else listens on an address that several processes are to share, and chooses the port where it
 * is 0. Processes that share one look like one another to the system, so that two programs would share it unnoticed.
 * Throws ListenError.
 */
export const claimPort = async (address: { readonly host: string; readonly port: number }): Promise<ClaimedPort> => {
  const idleSeconds = 10;
  if (address.port === 0) {
    // Held until the workers have it, or the system might give it to somebody else. Nobody knows of it before.
    const guard = listen({ ...address, idleSeconds, reusePort: true, handle: unavailable });
    return { port: guard.port, url: guard.url, release: () => guard.close() };
  }
  const guard = listen({ ...address, idleSeconds, handle: unavailable });
  await guard.close();
  return { port: address.port, url: guard.url, release: async () => undefined };
};
