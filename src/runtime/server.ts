import { listenSockets } from "./http1-server/listen-sockets.ts";
import type { Listening, ServerOptions } from "./listening.ts";
import { listenPlatform } from "./platform-server.ts";

export { ListenError, type Listening, type ServerOptions } from "./listening.ts";

/** Who speaks HTTP to clients: the project's own server on sockets, or the runtime's, which costs more. */
export type ServerKind = "sockets" | "platform";

/** Listens for HTTP/1.1, on sockets unless it is told otherwise. Throws ListenError where the address cannot be had. */
export const listen = (options: ServerOptions & { readonly kind?: ServerKind }): Listening =>
  options.kind === "platform" ? listenPlatform(options) : listenSockets(options);
