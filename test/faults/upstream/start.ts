import { readFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import { answerRequest } from "./answer-request.ts";
import { type Asked, dialects, type UpstreamDialect } from "./asked.ts";
import { Exchange } from "./exchange.ts";
import { formats } from "./formats/index.ts";
import { UpstreamJournal } from "./journal.ts";
import { openRequestReader, type RawRequest } from "./request-reader.ts";

/** The upstream of the lab. */
export interface FaultyUpstream {
  readonly journal: UpstreamJournal;
  readonly port: number;
  /** The same, behind a certificate that nobody trusts. */
  readonly tlsPort: number;
  /** Where a provider of this dialect finds it. */
  baseUrl(dialect: UpstreamDialect): string;
  /** Connections that are open now. */
  open(): number;
  stop(): Promise<void>;
}

const paths: Readonly<Record<UpstreamDialect, string>> = {
  openai: "/openai/v1",
  anthropic: "/anthropic",
  gemini: "/gemini/v1beta",
  ollama: "/ollama",
};

const understand = (request: RawRequest): { dialect: UpstreamDialect; asked: Asked } | undefined => {
  if (request.method !== "POST") return undefined;
  const body: unknown = JSON.parse(request.body);
  for (const dialect of dialects) {
    const asked = formats[dialect].read(request.path, body);
    if (asked !== undefined) return { dialect, asked };
  }
  return undefined;
};

const listenOn = (server: Server): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: "127.0.0.1", port: 0, backlog: 4_096 }, () => {
      const address = server.address();
      if (address === null || typeof address === "string") return reject(new Error("no TCP address"));
      resolve(address.port);
    });
  });

const isListing = /^GET .*\/(models|tags)\b/;

const serve = (socket: Socket, journal: UpstreamJournal): void => {
  const reader = openRequestReader();
  let exchange: Exchange | undefined;
  const gone = (): void => {
    exchange?.peerGone();
    socket.destroy();
  };
  const begin = (request: RawRequest): void => {
    const understood = understand(request);
    if (understood === undefined) {
      // Programs ask which models there are.
      if (!isListing.test(`${request.method} ${request.path}`)) journal.stray(`${request.method} ${request.path}`);
      socket.end("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
      return;
    }
    const { dialect, asked } = understood;
    const { model, isStreamed, beginning, directive } = asked;
    const earlier = journal.of(directive.call).filter((dispatch) => dispatch.model === model).length;
    const notes = journal.open({ call: directive.call, model, dialect, isStreamed, beginning });
    exchange = new Exchange(socket, notes);
    answerRequest(exchange, { asked, format: formats[dialect], earlier }).catch((error: unknown) => {
      journal.stray(`the upstream itself failed: ${String(error)}`);
      socket.destroy();
    });
  };
  socket.setNoDelay(true);
  socket.on("data", (bytes: Buffer) => {
    try {
      const request = exchange === undefined ? reader.push(bytes) : undefined;
      if (request !== undefined) begin(request);
    } catch (error) {
      journal.stray(`a request that cannot be read: ${String(error)}`);
      socket.destroy();
    }
  });
  socket.on("end", gone);
  socket.on("error", gone);
  socket.on("close", gone);
};

const fixture = (name: string): string => readFileSync(join(import.meta.dirname, "fixtures", name), "utf8");

/** Starts it on free ports of loopback. With a path, its journal is kept there as JSON lines too. */
export const startFaultyUpstream = async (journalPath?: string): Promise<FaultyUpstream> => {
  const journal = new UpstreamJournal(journalPath);
  const sockets = new Set<Socket>();
  const accept = (socket: Socket): void => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    serve(socket, journal);
  };
  const plain = createServer(accept);
  const tls = createTlsServer(
    { key: fixture("self-signed.key.pem"), cert: fixture("self-signed.pem") },
    accept as (socket: unknown) => void,
  );
  tls.on("tlsClientError", () => undefined);
  const port = await listenOn(plain);
  const tlsPort = await listenOn(tls as unknown as Server);
  return {
    journal,
    port,
    tlsPort,
    baseUrl: (dialect) => `http://127.0.0.1:${port}${paths[dialect]}`,
    open: () => sockets.size,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await Promise.all([plain, tls].map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
};
