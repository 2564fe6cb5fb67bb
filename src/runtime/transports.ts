import type { Transport } from "../core/ports/transport.ts";
import { fetchTransport } from "./fetch-transport.ts";
import type { RuntimeSettings } from "./settings.ts";
import { createSocketTransport } from "./socket-transport.ts";

/** A way out, and the means to close what it keeps open. */
export interface OpenTransport extends Transport {
  close(): void;
}

export const openTransport = (kind: RuntimeSettings["transport"]): OpenTransport =>
  kind === "sockets"
    ? createSocketTransport()
    : { send: (request, signal, limits) => fetchTransport.send(request, signal, limits), close: () => undefined };
