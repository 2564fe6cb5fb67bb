import { createServer } from "node:net";
import { promisify } from "node:util";

/** A provider that streams for as long as anybody takes it, and counts what the system took from it. */
export interface EndlessUpstream {
  readonly baseUrl: string;
  sentBytes(): number;
  /** Streams under way. */
  openStreams(): number;
  stop(): Promise<void>;
}

const head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";

const piece = (): Buffer => {
  const delta = { content: "x".repeat(4_000) };
  const event = `data: ${JSON.stringify({
    id: "endless",
    object: "chat.completion.chunk",
    created: 1,
    model: "endless",
    choices: [{ index: 0, delta, finish_reason: null }],
  })}\n\n`;
  return Buffer.from(`${event.length.toString(16)}\r\n${event}\r\n`);
};

/** Starts it on a free loopback port. */
export const startEndlessUpstream = async (): Promise<EndlessUpstream> => {
  const bytes = piece();
  let sent = 0;
  let connections = 0;
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    const pump = (): void => {
      while (!socket.destroyed) {
        sent += bytes.length;
        if (!socket.write(bytes)) {
          socket.once("drain", pump);
          return;
        }
      }
    };
    socket.once("data", (request: Buffer) => {
      if (!request.toString("latin1").startsWith("POST")) {
        socket.end("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        return;
      }
      connections += 1;
      socket.on("close", () => {
        connections -= 1;
      });
      socket.write(head);
      pump();
    });
  });
  await new Promise<void>((resolve) => server.listen({ host: "127.0.0.1", port: 0 }, resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no TCP address");
  return {
    baseUrl: `http://127.0.0.1:${address.port}/v1`,
    sentBytes: () => sent,
    openStreams: () => connections,
    stop: () => promisify(server.close.bind(server))(),
  };
};
