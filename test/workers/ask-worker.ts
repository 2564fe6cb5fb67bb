import { connect, type Socket } from "node:net";
import { type Answer, type Request, readAnswer } from "../e2e/ask.ts";
import type { RunningGateway } from "../support/start-gateway.ts";
import { acceptedBy, workersOf } from "./processes.ts";

const patienceMilliseconds = 5_000;
const mostTries = 200;

const open = (port: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.once("connect", () => resolve(socket));
    socket.on("error", reject);
  });

/** Undefined where the connection was closed: it was a dying worker's. */
const acceptorOf = async (gateway: RunningGateway, socket: Socket): Promise<number | undefined> => {
  const serverPort = Number(new URL(gateway.url).port);
  const until = performance.now() + patienceMilliseconds;
  while (performance.now() < until) {
    if (socket.closed) return undefined;
    const pid = acceptedBy(workersOf(gateway), { serverPort, clientPort: socket.localPort ?? 0 });
    if (pid !== undefined) return pid;
    await Bun.sleep(2);
  }
  throw new Error("no worker accepted the connection");
};

/** A request in HTTP's own words; the server closes the connection after its answer. */
export const requestText = (path: string, { method, key, headers, body }: Request = {}): string => {
  const text = body === undefined ? "" : JSON.stringify(body);
  const lines = {
    host: "127.0.0.1",
    connection: "close",
    ...(body === undefined
      ? {}
      : { "content-type": "application/json", "content-length": String(Buffer.byteLength(text)) }),
    ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    ...headers,
  };
  const head = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method ?? (body === undefined ? "GET" : "POST")} ${path} HTTP/1.1\r\n${head.join("")}\r\n${text}`;
};

const unchunk = (body: string): string => {
  let text = "";
  for (let rest = body; ; ) {
    const end = rest.indexOf("\r\n");
    const size = Number.parseInt(rest.slice(0, end), 16);
    if (!(size > 0)) return text;
    text += rest.slice(end + 2, end + 2 + size);
    rest = rest.slice(end + 2 + size + 2);
  }
};

const parse = (received: string): Response => {
  const end = received.indexOf("\r\n\r\n");
  if (end === -1) throw new Error(`no answer: '${received.slice(0, 200)}'`);
  const [status = "", ...lines] = received.slice(0, end).split("\r\n");
  const headers = new Headers(
    lines.map((line): [string, string] => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]),
  );
  const body = received.slice(end + 4);
  const whole = headers.get("transfer-encoding") === "chunked" ? unchunk(body) : body;
  return new Response(Buffer.from(whole, "latin1"), { status: Number(status.split(" ")[1]), headers });
};

/** A request that is on its way to a worker. */
export interface Sent {
  readonly socket: Socket;
  /** All that came so far, as it came. */
  received(): string;
  /** Resolves with the answer once the server has closed the connection. */
  answer(): Promise<Answer>;
}

const listenTo = (socket: Socket): Sent => {
  let received = "";
  socket.on("data", (bytes: Buffer) => {
    received += bytes.toString("latin1");
  });
  socket.on("error", () => undefined);
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  return {
    socket,
    received: () => received,
    async answer() {
      await closed;
      return readAnswer(parse(received));
    },
  };
};

/**
 * Sends a request to one certain worker. The system spreads connections, so that some tries may be needed; it hands one
 * over once its first byte is there, so that byte is sent to find out.
 */
export const sendToWorker = async (
  gateway: RunningGateway,
  worker: number,
  [path, request]: readonly [path: string, request?: Request],
): Promise<Sent> => {
  const text = requestText(path, request);
  for (let tries = 0; tries < mostTries; tries++) {
    const socket = await open(Number(new URL(gateway.url).port));
    socket.write(text.slice(0, 1));
    if ((await acceptorOf(gateway, socket)) === worker) {
      const sent = listenTo(socket);
      socket.write(text.slice(1));
      return sent;
    }
    socket.destroy();
  }
  throw new Error(`of ${mostTries} connections none went to worker ${worker}`);
};

/** Asks one certain worker. */
export const askWorker = async (
  gateway: RunningGateway,
  worker: number,
  request: readonly [path: string, request?: Request],
): Promise<Answer> => (await sendToWorker(gateway, worker, request)).answer();
