import type { Socket } from "bun";
import { GatewayError } from "../../core/errors.ts";
import { PartialHead } from "../http1-message/partial-head.ts";
import { Connection, type Home } from "./connection.ts";
import { HeadReader, maxHeadBytes } from "./parse-head.ts";
import type { HttpProxy } from "./proxy.ts";
import { closedError, type SocketOwner, socketHandler } from "./socket-handler.ts";

/** Where a connection goes. */
export interface DialTarget {
  readonly hostname: string;
  readonly port: number;
  readonly isSecure: boolean;
  /** Through which proxy, if any: with CONNECT where the target is secure. */
  readonly proxy: HttpProxy | undefined;
}

/** Called once, with the connection or the reason why there is none. */
export type Dialed = (result: Connection | Error) => void;

/** Seconds until a proxy has answered and the TLS handshake is over, once TCP stands. Nobody may wait for it any more. */
const settleSeconds = 60;
/** Milliseconds without a packet until the system asks whether the peer is still there. */
const keepAliveMilliseconds = 30_000;

const reader = new HeadReader();

const connectRequest = ({ hostname, port, proxy }: DialTarget): string => {
  const authority = `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
  const credentials = proxy?.authorization === undefined ? "" : `proxy-authorization: ${proxy.authorization}\r\n`;
  return `CONNECT ${authority} HTTP/1.1\r\nhost: ${authority}\r\n${credentials}\r\n`;
};

/** Owns what is left of a socket that TLS was put upon: its bytes are TLS's. */
const beneathTls: SocketOwner = { received: () => undefined, drained: () => undefined, ended: () => undefined };

/** Owns a socket until its connection stands. */
class Dialing implements SocketOwner {
  readonly #target: DialTarget;
  readonly #home: Home;
  #done: Dialed | undefined;
  #socket: Socket<SocketOwner> | undefined;
  /** The proxy's answer, as far as it has come; undefined while none is awaited. */
  #answer: PartialHead | undefined;

  constructor(target: DialTarget, home: Home, done: Dialed) {
    this.#target = target;
    this.#home = home;
    this.#done = done;
  }

  opened(socket: Socket<SocketOwner>): void {
    // With TLS put upon it, the tunnel opens a second time.
    if (this.#socket !== undefined) return;
    this.#socket = socket;
    const { isSecure, proxy } = this.#target;
    socket.setKeepAlive(true, keepAliveMilliseconds);
    if (!isSecure) {
      this.#stand(socket);
      return;
    }
    socket.timeout(settleSeconds);
    if (proxy === undefined) return;
    this.#answer = new PartialHead(new Uint8Array(0), maxHeadBytes);
    socket.write(connectRequest(this.#target));
  }

  received(bytes: Uint8Array): void {
    if (this.#answer === undefined) return;
    try {
      const all = this.#answer.add(bytes);
      const head = all === undefined ? undefined : reader.read(all, 0);
      if (all === undefined || head === undefined) return;
      this.#answer = undefined;
      if (head.status < 200 || head.status > 299) throw new Error(`it answered ${head.status}`);
      if (head.end < all.length) throw new Error("it sent bytes of its own into the tunnel");
      this.#secure();
    } catch (thrown) {
      const error = thrown as Error;
      this.#finish(error instanceof GatewayError ? new Error("it does not answer in HTTP", { cause: error }) : error);
      this.#socket?.terminate();
    }
  }

  secured(socket: Socket<SocketOwner>, error: Error | null): void {
    if (error === null && socket.authorized) this.#stand(socket);
    else {
      this.#finish(error ?? new Error("the certificate is not to be trusted"), "upstream");
      // With another setting the runtime would leave the connection open; nothing may be written to it.
      socket.terminate();
    }
  }

  refused(error: Error): void {
    this.#finish(error);
  }

  drained(): void {
    // What is written here is small enough to go at once.
  }

  ended(error: Error | undefined): void {
    this.#finish(error ?? closedError());
  }

  #secure(): void {
    const tls = { serverName: this.#target.hostname, rejectUnauthorized: true };
    const raw = this.#socket?.upgradeTLS<SocketOwner>({ tls, data: this, socket: socketHandler })[0];
    if (raw !== undefined) raw.data = beneathTls;
  }

  #stand(socket: Socket<SocketOwner>): void {
    socket.timeout(0);
    const connection = new Connection(socket, this.#home);
    socket.data = connection;
    this.#finish(connection);
  }

  #finish(result: Connection | Error, blamed: "upstream" | "first hop" = "first hop"): void {
    const done = this.#done;
    this.#done = undefined;
    const { proxy } = this.#target;
    if (proxy === undefined || blamed === "upstream" || !(result instanceof Error)) done?.(result);
    else {
      const reason = (result as { code?: string }).code ?? result.message;
      done?.(new Error(`the proxy ${proxy.origin}: ${reason}`, { cause: result }));
    }
  }
}

/**
 * Opens a connection: TCP, the tunnel of a proxy and TLS where asked for. The certificate is checked against the
 * authorities that the runtime trusts (NODE_EXTRA_CA_CERTS among them), and its names against the host's. The runtime
 * resolves names, remembers them for half a minute, and tries all addresses of a name at once. What is being opened
 * cannot be called off before TCP stands.
 */
export const dial = (target: DialTarget, home: Home, done: Dialed): void => {
  const { hostname, port } = target.proxy ?? target;
  const data: SocketOwner = new Dialing(target, home, done);
  const isSecureAtOnce = target.isSecure && target.proxy === undefined;
  const tls = isSecureAtOnce ? { tls: { serverName: hostname, rejectUnauthorized: true } } : {};
  // What goes wrong comes to the handler.
  Bun.connect({ hostname, port, socket: socketHandler, data, ...tls }).catch(() => undefined);
};
