import { createServer, type Socket } from "node:net";

/** One thing that a peer wrote: mostly a whole request. */
export interface Received {
  readonly socket: Socket;
  readonly text: string;
  /** Which one it is on its connection, from 0. */
  readonly index: number;
}

export interface RawServer {
  readonly url: string;
  readonly origin: string;
  readonly port: number;
  /** Connections that were made. */
  connections(): number;
  /** Connections that stand. */
  open(): number;
  /** What was written, by all. */
  readonly received: readonly string[];
  close(): void;
}

/** A server that does with each piece that comes what the script says. On a free port of loopback. */
export const startRawServer = async (script: (received: Received) => void): Promise<RawServer> => {
  const sockets = new Set<Socket>();
  const received: string[] = [];
  let connections = 0;
  const server = createServer((socket) => {
    let index = 0;
    connections += 1;
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
    socket.on("data", (bytes) => {
      const text = bytes.toString("latin1");
      received.push(text);
      script({ socket, text, index: index++ });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}/x`,
    origin: `http://127.0.0.1:${port}`,
    port,
    connections: () => connections,
    open: () => sockets.size,
    received,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
};
