import { connect } from "node:net";

/** What came back on a socket, as it came. */
export interface RawReply {
  /** The status line's number; undefined where nothing that looks like HTTP came. */
  readonly status: number | undefined;
  readonly text: string;
  /** Whether the server closed the connection by itself. */
  readonly closed: boolean;
}

const patienceMilliseconds = 3_000;

/** Writes bytes to the gateway over a socket of its own and reads until it closes, or until it has been quiet. */
export const sendRaw = (url: string, bytes: string | Uint8Array): Promise<RawReply> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port) });
    let text = "";
    const end = (how: { closed: boolean }): void => {
      clearTimeout(timer);
      socket.destroy();
      const status = /^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1];
      resolve({ status: status === undefined ? undefined : Number(status), text, closed: how.closed });
    };
    const timer = setTimeout(() => end({ closed: false }), patienceMilliseconds);
    socket.on("connect", () => socket.write(bytes));
    socket.on("data", (data) => {
      text += data.toString("latin1");
    });
    socket.on("close", () => end({ closed: true }));
    // A reset is a close too: what was written after the refusal is not read any more.
    socket.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "ECONNRESET" && error.code !== "EPIPE") reject(error);
    });
  });
