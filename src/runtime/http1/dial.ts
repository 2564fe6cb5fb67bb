import type { Socket } from "bun";
import { Connection, type Home } from "./connection.ts";
import { type SocketOwner, socketHandler } from "./socket-handler.ts";

/** Where a connection goes. */
export interface DialTarget {
  readonly hostname: string;
  readonly port: number;
  readonly isSecure: boolean;
}

type Done = (result: Connection | Error) => void;

/** Owns a socket until its connection stands. */
class Dialing implements SocketOwner {
  readonly #target: DialTarget;
  readonly #home: Home;
  #done: Done | undefined;

  constructor(target: DialTarget, home: Home, done: Done) {
    this.#target = target;
    this.#home = home;
    this.#done = done;
  }

  opened(socket: Socket<SocketOwner>): void {
    if (!this.#target.isSecure) this.#stand(socket);
  }

  secured(socket: Socket<SocketOwner>, error: Error | null): void {
    if (error === null && socket.authorized) this.#stand(socket);
    else {
      // The runtime leaves a connection open whose certificate is wrong: nothing may be written to it.
      this.refused(error ?? new Error("the certificate is not to be trusted"));
      socket.terminate();
    }
  }

  refused(error: Error): void {
    this.#finish(error);
  }

  received(): void {
    // A server speaks when it is asked.
  }

  drained(): void {
    // Nothing has been written.
  }

  ended(error: Error | undefined): void {
    this.#finish(error ?? Object.assign(new Error("The upstream closed the connection."), { code: "ECONNRESET" }));
  }

  #stand(socket: Socket<SocketOwner>): void {
    socket.setNoDelay(true);
    const connection = new Connection(socket, this.#home);
    socket.data = connection;
    this.#finish(connection);
  }

  #finish(result: Connection | Error): void {
    const done = this.#done;
    this.#done = undefined;
    done?.(result);
  }
}

/** Opens a connection: TCP, and TLS with the certificate checked where asked for. */
export const dial = (target: DialTarget, home: Home, done: Done): void => {
  const { hostname, port, isSecure } = target;
  const data: SocketOwner = new Dialing(target, home, done);
  const tls = isSecure ? { tls: { serverName: hostname, rejectUnauthorized: true } } : {};
  // What went wrong comes to the handler.
  Bun.connect({ hostname, port, socket: socketHandler, data, ...tls }).catch(() => undefined);
};
