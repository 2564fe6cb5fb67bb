import type { Socket } from "bun";
import { Outbox } from "./system/outbox.ts";

// bun bench/relay.ts UPSTREAM_PORT [TRUSTED_CERTIFICATES]
// The least that can stand between a client and an upstream on this runtime: for each connection one to the upstream,
// and bytes that are passed on as they come. A reference that needs nothing installed. It tells its port.

interface End {
  other: Socket<End> | undefined;
  readonly outbox: Outbox;
}

const [upstreamPort, trust] = process.argv.slice(2);

const pass = (socket: Socket<End>, bytes: Uint8Array): void => {
  const { other } = socket.data;
  if (other !== undefined) other.data.outbox.write(other, bytes);
};
const upstreamHandlers = {
  data: pass,
  drain: (socket: Socket<End>) => socket.data.outbox.flush(socket),
  close: (socket: Socket<End>) => void socket.data.other?.end(),
  error: () => undefined,
};

const server = Bun.listen<End>({
  hostname: "127.0.0.1",
  port: 0,
  socket: {
    ...upstreamHandlers,
    open(socket) {
      socket.setNoDelay(true);
      socket.data = { other: undefined, outbox: new Outbox() };
      // What the client sends before the other side stands must wait.
      socket.pause();
      Bun.connect<End>({
        hostname: "127.0.0.1",
        port: Number(upstreamPort),
        socket: upstreamHandlers,
        data: { other: socket, outbox: new Outbox() },
        ...(trust === undefined ? {} : { tls: { ca: Bun.file(trust), serverName: "localhost" } }),
      }).then(
        (upstream) => {
          upstream.setNoDelay(true);
          socket.data.other = upstream;
          socket.resume();
        },
        () => socket.terminate(),
      );
    },
  },
});
process.on("disconnect", () => process.exit(0));
process.send?.(server.port);
