import type { Socket, SocketHandler } from "bun";

/** What happens to a socket goes to its owner: first the dialing that opens it, then the connection. */
export interface SocketOwner {
  /** TCP stands. */
  opened?(socket: Socket<SocketOwner>): void;
  /** The TLS handshake is over; `error` says why the certificate is not to be trusted. */
  secured?(socket: Socket<SocketOwner>, error: Error | null): void;
  /** TCP did not come about. */
  refused?(error: Error): void;
  /** Bytes came; they are the owner's to keep. */
  received(bytes: Uint8Array): void;
  /** The socket takes bytes again. */
  drained(): void;
  /** The peer closed: cleanly where there is no error. May come twice. */
  ended(error: Error | undefined): void;
}

/** Why a response is missing where the peer closed cleanly: as if it had not. */
export const closedError = (): Error =>
  Object.assign(new Error("The upstream closed the connection."), { code: "ECONNRESET" });

const timedOut = (): Error =>
  Object.assign(new Error("The connection was silent for too long."), { code: "ETIMEDOUT" });

/** One for all sockets: what belongs to one of them stands in its `data`. */
export const socketHandler: SocketHandler<SocketOwner> = {
  // A Buffer costs more to make, and to take a part of.
  binaryType: "uint8array",
  open: (socket) => socket.data.opened?.(socket),
  handshake: (socket, _isAuthorized, error) => socket.data.secured?.(socket, error),
  connectError: (socket, error) => socket.data.refused?.(error),
  data: (socket, bytes) => socket.data.received(bytes),
  drain: (socket) => socket.data.drained(),
  close: (socket, error) => socket.data.ended(error ?? undefined),
  error(socket, error) {
    socket.data.ended(error);
    socket.terminate();
  },
  timeout(socket) {
    socket.data.ended(timedOut());
    socket.terminate();
  },
};
