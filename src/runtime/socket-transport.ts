import type { Transport } from "../core/ports/transport.ts";
import { Exchange } from "./http1/exchange.ts";
import type { PoolLimits } from "./http1/pool.ts";
import { readProxies } from "./http1/proxy.ts";
import { Routes } from "./http1/route.ts";

export interface SocketTransportOptions extends Partial<PoolLimits> {
  /** Where the proxies are read from; the process's own environment unless given. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

export interface SocketTransportStats {
  readonly origins: number;
  /** Connections that stand, in use or not. */
  readonly open: number;
  readonly idle: number;
  readonly dialing: number;
  /** Calls that wait for a connection. */
  readonly waiting: number;
  /** Connections opened since the start. */
  readonly opened: number;
}

/** The transport with what only the one who opened it needs. */
export interface SocketTransport extends Transport {
  stats(): SocketTransportStats;
  /** Closes what lies idle; what is in use ends in its own time and is closed then. */
  close(): void;
}

const defaultLimits: PoolLimits = { maxConnections: 16_384, maxIdle: 4_096, idleMilliseconds: 50_000 };
const sweepMilliseconds = 2_000;

/**
 * Upstream calls over the project's own HTTP/1.1 client: connections kept per origin, TLS verified, no redirect followed,
 * proxies as the environment names them. A request is sent once; see `docs/decisions/transport.md` for what is sent
 * again. Throws GatewayError `invalid_configuration` on a proxy that cannot be used.
 */
export const createSocketTransport = (options: SocketTransportOptions = {}): SocketTransport => {
  const { environment = process.env, ...limits } = options;
  const routes = new Routes({ ...defaultLimits, ...limits }, readProxies(environment));
  const sweeper = setInterval(() => {
    const now = performance.now();
    for (const pool of routes.pools.values()) pool.sweep(now);
  }, sweepMilliseconds);
  sweeper.unref();
  return {
    send(request, signal, sendLimits) {
      if (signal.aborted) {
        sendLimits?.attempt?.neverSent();
        return Promise.reject(signal.reason);
      }
      try {
        const { pool, writer } = routes.to(request.url);
        const message = writer.write(request);
        const connectMilliseconds = sendLimits?.connectMilliseconds;
        const attempt = sendLimits?.attempt;
        return new Exchange({ message, signal, dispatcher: pool, connectMilliseconds, attempt }).run();
      } catch (error) {
        return Promise.reject(error);
      }
    },
    stats() {
      const sum = { origins: routes.pools.size, open: 0, idle: 0, dialing: 0, waiting: 0, opened: 0 };
      for (const { stats } of routes.pools.values()) {
        sum.open += stats.open;
        sum.idle += stats.idle;
        sum.dialing += stats.dialing;
        sum.waiting += stats.waiting;
        sum.opened += stats.opened;
      }
      return sum;
    },
    close() {
      clearInterval(sweeper);
      for (const pool of routes.pools.values()) pool.close();
    },
  };
};
