import { connect, type Socket } from "node:net";

/** One HTTP request over a socket of its own. */
export interface RawCall {
  readonly port: number;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
  /** When the client goes; it stays where absent. */
  readonly leave?: Leave;
  /** Stops reading for good once so many bytes of the answer have come. */
  readonly readsBytes?: number;
  /** Gives up after so long. */
  readonly limitMilliseconds?: number;
}

export interface Leave {
  /** How: with FIN or RST. */
  readonly how: "close" | "reset";
  /** When: so many milliseconds after the request was sent, or when so much of the answer has come. */
  readonly when: { readonly milliseconds: number } | { readonly bodyBytes: number } | { readonly events: number };
}

/** What the client has in hand. Times are milliseconds since 1970. */
export interface Received {
  /** `whole`: the answer's own length or last chunk came; `cut`: the connection ended before; `late`: given up. */
  readonly ending: "whole" | "cut" | "left" | "late";
  readonly status: number | null;
  readonly headers: Readonly<Record<string, string>>;
  /** The body's bytes, without the framing of chunks. */
  readonly body: Buffer;
  readonly sentAt: number;
  /** When each part of the body came. */
  readonly arrivals: readonly number[];
  readonly endedAt: number;
}

const now = (): number => performance.timeOrigin + performance.now();
const defaultLimitMilliseconds = 20_000;

/** Takes the framing off a body; `isWhole` once it is complete. */
const openBody = (headers: Readonly<Record<string, string>>) => {
  const parts: Buffer[] = [];
  const isChunked = headers["transfer-encoding"]?.toLowerCase() === "chunked";
  const length = headers["content-length"] === undefined ? undefined : Number(headers["content-length"]);
  let pending: Buffer = Buffer.alloc(0);
  let received = 0;
  let isWhole = length === 0;
  const take = (bytes: Buffer): void => {
    parts.push(bytes);
    received += bytes.length;
  };
  const takeChunks = (): void => {
    for (;;) {
      const end = pending.indexOf("\r\n");
      if (end === -1) return;
      const size = Number.parseInt(pending.toString("latin1", 0, end), 16);
      if (pending.length < end + 2 + size + 2) return;
      if (size === 0) {
        isWhole = true;
        return;
      }
      take(pending.subarray(end + 2, end + 2 + size));
      pending = pending.subarray(end + 2 + size + 2);
    }
  };
  return {
    push(bytes: Buffer) {
      if (!isChunked) {
        take(bytes);
        if (length !== undefined && received >= length) isWhole = true;
        return;
      }
      pending = Buffer.concat([pending, bytes]);
      takeChunks();
    },
    get isWhole() {
      return isWhole;
    },
    bytes: () => Buffer.concat(parts),
  };
};

const parseHead = (head: string): { status: number; headers: Record<string, string> } => {
  const [first = "", ...lines] = head.split("\r\n");
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(":");
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  return { status: Number(first.split(" ")[1]), headers };
};

const isTimeToLeave = ({ when }: Leave, body: Buffer): boolean => {
  if ("bodyBytes" in when) return body.length >= when.bodyBytes;
  return "events" in when && body.toString("utf8").split("\n\n").length > when.events;
};

const writeRequest = (socket: Socket, { path, headers, body }: RawCall): void => {
  const bytes = Buffer.from(body as string);
  const all = { host: "127.0.0.1", "content-type": "application/json", ...headers, connection: "close" };
  const lines = Object.entries({ "content-length": String(bytes.length), ...all }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  socket.write(`POST ${path} HTTP/1.1\r\n${lines.join("")}\r\n`);
  socket.write(bytes);
};

/** Sends it and reads what comes, until the answer is whole, the connection ends, or the client goes. Never throws. */
export const rawCall = (call: RawCall): Promise<Received> =>
  new Promise((resolve) => {
    const socket = connect({ port: call.port, host: "127.0.0.1" });
    const sentAt = now();
    const arrivals: number[] = [];
    let head: ReturnType<typeof parseHead> | undefined;
    let body: ReturnType<typeof openBody> | undefined;
    let pending: Buffer = Buffer.alloc(0);
    let isOver = false;
    const timers: ReturnType<typeof setTimeout>[] = [];
    const end = (ending: Received["ending"]): void => {
      if (isOver) return;
      isOver = true;
      for (const timer of timers) clearTimeout(timer);
      if (ending !== "left") socket.destroy();
      resolve({
        ending,
        status: head?.status ?? null,
        headers: head?.headers ?? {},
        body: body?.bytes() ?? Buffer.alloc(0),
        sentAt,
        arrivals,
        endedAt: now(),
      });
    };
    const leave = (how: Leave["how"]): void => {
      if (how === "reset") socket.resetAndDestroy();
      else socket.destroy();
      end("left");
    };
    const onData = (bytes: Buffer): void => {
      pending = pending.length === 0 ? bytes : Buffer.concat([pending, bytes]);
      if (head === undefined) {
        const split = pending.indexOf("\r\n\r\n");
        if (split === -1) return;
        head = parseHead(pending.toString("latin1", 0, split));
        body = openBody(head.headers);
        pending = pending.subarray(split + 4);
      }
      if (pending.length > 0) {
        arrivals.push(now());
        body?.push(pending);
        pending = Buffer.alloc(0);
      }
      if (call.readsBytes !== undefined && (body?.bytes().length ?? 0) >= call.readsBytes) socket.pause();
      if (body?.isWhole === true) {
        end("whole");
        return;
      }
      if (call.leave !== undefined && body !== undefined && isTimeToLeave(call.leave, body.bytes()))
        leave(call.leave.how);
    };
    socket.setNoDelay(true);
    socket.on("data", onData);
    socket.on("error", () => end("cut"));
    socket.on("close", () => end("cut"));
    timers.push(setTimeout(() => end("late"), call.limitMilliseconds ?? defaultLimitMilliseconds));
    if (call.leave !== undefined && "milliseconds" in call.leave.when) {
      const { how, when } = call.leave;
      timers.push(setTimeout(() => leave(how), when.milliseconds));
    }
    writeRequest(socket, call);
  });
