import type { Socket } from "node:net";

/** One request, read whole. */
export interface UpstreamRequest {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

/** Writes one answer, and tells when the peer goes before it is complete. */
export interface Answer {
  head(status: number, headers: Readonly<Record<string, string>>): void;
  write(text: string): void;
  /** Ends a chunked body. */
  end(): void;
  whole(status: number, body: string, headers?: Readonly<Record<string, string>>): void;
  /** Closes with RST. */
  reset(): void;
  /** Called at most once, and never after the answer was complete. */
  onGone: (() => void) | undefined;
}

const headEnd = Buffer.from("\r\n\r\n");

const reasonOf = (status: number): string => (status === 200 ? "OK" : "Refused");

const headText = (status: number, headers: Readonly<Record<string, string>>): string =>
  `HTTP/1.1 ${status} ${reasonOf(status)}\r\n${Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join("")}\r\n`;

interface Parsed {
  readonly request: UpstreamRequest;
  readonly length: number;
}

/** Only what a gateway sends: a head and a body of known length. Undefined while it is not there whole. */
const parseRequest = (bytes: Buffer): Parsed | undefined => {
  const end = bytes.indexOf(headEnd);
  if (end === -1) return undefined;
  const head = bytes.toString("latin1", 0, end);
  const bodyLength = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
  const start = end + headEnd.length;
  if (bytes.length < start + bodyLength) return undefined;
  const [method = "", path = ""] = head.split(" ", 2);
  return {
    request: { method, path, body: bytes.toString("utf8", start, start + bodyLength) },
    length: start + bodyLength,
  };
};

/**
 * HTTP/1.1 over a plain socket, one request after the other: a server framework would hide when the peer closes, and
 * could not reset. Returns whether an answer is under way.
 */
export const serveConnection = (
  socket: Socket,
  handle: (request: UpstreamRequest, answer: Answer) => void,
): (() => boolean) => {
  let received: Buffer = Buffer.alloc(0);
  let current: Answer | undefined;
  const isOpen = (): boolean => !socket.destroyed && socket.writable;
  const gone = (): void => {
    const left = current;
    current = undefined;
    left?.onGone?.();
    socket.destroy();
  };
  const complete = (): void => {
    current = undefined;
    next();
  };
  const openAnswer = (): Answer => {
    const write = (text: string): void => {
      if (isOpen()) socket.write(text);
    };
    return {
      onGone: undefined,
      head: (status, headers) => write(headText(status, { ...headers, "transfer-encoding": "chunked" })),
      write: (text) => write(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`),
      end() {
        write("0\r\n\r\n");
        complete();
      },
      whole(status, body, headers = {}) {
        const length = String(Buffer.byteLength(body));
        const head = headText(status, { "content-type": "application/json", "content-length": length, ...headers });
        write(head + body);
        complete();
      },
      reset() {
        current = undefined;
        socket.resetAndDestroy();
      },
    };
  };
  const next = (): void => {
    if (current !== undefined) return;
    const parsed = parseRequest(received);
    if (parsed === undefined) return;
    received = received.subarray(parsed.length);
    current = openAnswer();
    handle(parsed.request, current);
  };
  socket.setNoDelay(true);
  socket.on("data", (bytes: Buffer) => {
    received = received.length === 0 ? bytes : Buffer.concat([received, bytes]);
    next();
  });
  socket.on("end", gone);
  socket.on("close", gone);
  socket.on("error", gone);
  return () => current !== undefined;
};
