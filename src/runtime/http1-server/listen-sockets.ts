import type { Socket } from "bun";
import { type Listening, listenError, type ServerOptions, urlOf } from "../listening.ts";
import { Connection } from "./connection.ts";
import { ServerState } from "./server-state.ts";

type Owner = ServerState | Connection;

/** One for all sockets. A socket begins with its server as its data, and gets its connection then. */
const handler = {
  binaryType: "uint8array",
  open(socket: Socket<Owner>): void {
    socket.data = new Connection(socket as Socket<Connection>, socket.data as ServerState);
  },
  data: (socket: Socket<Owner>, bytes: Uint8Array): void => (socket.data as Connection).received(bytes),
  drain: (socket: Socket<Owner>): void => (socket.data as Connection).drained(),
  close: (socket: Socket<Owner>): void => (socket.data as Connection).ended(),
  error(socket: Socket<Owner>, error: Error): void {
    if (socket.data instanceof Connection) socket.data.close();
    throw error;
  },
} as const;

/** Listens for HTTP/1.1 on sockets of our own. Throws ListenError where the address cannot be had. */
export const listenSockets = (options: ServerOptions): Listening => {
  const { host, port, reusePort = false } = options;
  const state = new ServerState(options);
  // The types do not know `reusePort` here.
  const settings = { hostname: host, port, reusePort, data: state as Owner, socket: handler };
  const start = () => Bun.listen<Owner>(settings);
  let listener: ReturnType<typeof start>;
  try {
    listener = start();
  } catch (error) {
    throw listenError(error, options);
  }
  return {
    host,
    port: listener.port,
    url: urlOf(host, listener.port),
    drain() {
      listener.stop();
      return state.drain();
    },
    async close() {
      listener.stop();
      state.close();
    },
  };
};
