import { connect, type Socket } from "node:net";
import { openStreamReader, type StreamReader } from "../support/stream-reader.ts";

/** A client on a plain socket: it can stop reading, reset, and see every byte. */
export interface RawClient {
  readonly socket: Socket;
  /** All that came so far, head and chunk sizes included. */
  received(): string;
  /** Resolves once the text has come; throws where the connection closes before, or nothing comes for long. */
  until(text: string): Promise<void>;
  /** Resolves when the connection is closed, with what came. */
  readonly closed: Promise<string>;
  /** Closes with RST. */
  reset(): void;
}

const patienceMilliseconds = 15_000;

/** Connects and sends `request` as it is. */
export const openRawClient = (port: number, request: string): RawClient => {
  const socket = connect({ host: "127.0.0.1", port });
  let received = "";
  let isClosed = false;
  let wake: () => void = () => undefined;
  const { promise: closed, resolve } = Promise.withResolvers<string>();
  socket.on("data", (bytes: Buffer) => {
    received += bytes.toString("latin1");
    wake();
  });
  socket.on("error", () => undefined);
  socket.on("close", () => {
    isClosed = true;
    wake();
    resolve(received);
  });
  socket.write(request);
  return {
    socket,
    received: () => received,
    async until(text) {
      const late = performance.now() + patienceMilliseconds;
      while (!received.includes(text)) {
        if (isClosed) throw new Error(`closed before '${text}' came; received:\n${received.slice(-500)}`);
        if (performance.now() > late) throw new Error(`'${text}' did not come; received:\n${received.slice(-500)}`);
        await Promise.race([new Promise<void>((next) => (wake = next)), Bun.sleep(200)]);
      }
    },
    closed,
    reset: () => socket.resetAndDestroy(),
  };
};

/** A request for a chat in HTTP's own words. */
export const chatRequest = (model: string, options: { readonly stream: boolean; readonly path?: string }): string => {
  const body = JSON.stringify({
    model,
    stream: options.stream,
    max_tokens: 100,
    messages: [{ role: "user", content: "Say something." }],
  });
  const path = options.path ?? "/v1/chat/completions";
  return `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
};

/** The events within what came: chunk sizes taken out, strictly. Throws on a frame that is not one. */
export const readEvents = (received: string, dialect: "chat" | "messages"): StreamReader => {
  const reader = openStreamReader(dialect);
  let rest = received.slice(received.indexOf("\r\n\r\n") + 4);
  while (rest !== "") {
    const end = rest.indexOf("\r\n");
    const size = Number.parseInt(rest.slice(0, end), 16);
    if (!Number.isFinite(size)) throw new Error(`not a chunk: ${rest.slice(0, 40)}`);
    if (size === 0) break;
    reader.push(Buffer.from(rest.slice(end + 2, end + 2 + size), "latin1"));
    rest = rest.slice(end + 2 + size + 2);
  }
  return reader;
};

export const portOf = (url: string): number => Number(new URL(url).port);
