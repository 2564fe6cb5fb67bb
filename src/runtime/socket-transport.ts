import type { Transport } from "../core/ports/transport.ts";
import { dial } from "./http1/dial.ts";
import { Exchange } from "./http1/exchange.ts";
import { MessageWriter } from "./http1/message.ts";
import { Pool, type PoolLimits } from "./http1/pool.ts";

export interface SocketTransportOptions extends Partial<PoolLimits> {}

export interface SocketTransportStats {
  readonly origins: number;
  readonly open: number;
  readonly idle: number;
  readonly dialing: number;
  /** Calls that wait for a connection. */
  readonly waiting: number;
  /** Connections opened since the start. */
  readonly opened: number;
}

interface Route {
  readonly pool: Pool;
  readonly writer: MessageWriter;
}

const defaultLimits: PoolLimits = { maxConnections: 16_384, maxIdle: 1_024, idleMilliseconds: 50_000 };
const sweepMilliseconds = 2_000;
/** URLs whose way is remembered. */
const maxRoutes = 1_000;

/** Upstream calls over the project's own HTTP/1.1 client. */
export const createSocketTransport = (
  options: SocketTransportOptions = {},
): Transport & { close(): void; stats(): SocketTransportStats } => {
  const limits = { ...defaultLimits, ...options };
  const pools = new Map<string, Pool>();
  const routes = new Map<string, Route>();
  const poolOf = ({ origin, protocol, hostname, port }: URL): Pool => {
    const known = pools.get(origin);
    if (known !== undefined) return known;
    const isSecure = protocol === "https:";
    const target = {
      hostname: hostname.replace(/^\[|\]$/g, ""),
      port: Number(port || (isSecure ? 443 : 80)),
      isSecure,
    };
    const pool = new Pool(origin, limits, (home, done) => dial(target, home, done));
    pools.set(origin, pool);
    return pool;
  };
  const routeOf = (text: string): Route => {
    const known = routes.get(text);
    if (known !== undefined) return known;
    const url = new URL(text);
    const writer = new MessageWriter({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      host: url.host,
      extra: "",
    });
    const route = { pool: poolOf(url), writer };
    if (routes.size >= maxRoutes) routes.clear();
    routes.set(text, route);
    return route;
  };
  const sweeper = setInterval(() => {
    const now = performance.now();
    for (const pool of pools.values()) pool.sweep(now);
  }, sweepMilliseconds);
  sweeper.unref();
  return {
    send(request, signal, sendLimits) {
      if (signal.aborted) return Promise.reject(signal.reason);
      try {
        const { pool, writer } = routeOf(request.url);
        const message = writer.write(request);
        const connectMilliseconds = sendLimits?.connectMilliseconds;
        return new Exchange({ message, signal, dispatcher: pool, connectMilliseconds }).run();
      } catch (error) {
        return Promise.reject(error);
      }
    },
    close() {
      clearInterval(sweeper);
      for (const pool of pools.values()) pool.close();
    },
    stats() {
      const sum = { origins: pools.size, open: 0, idle: 0, dialing: 0, waiting: 0, opened: 0 };
      for (const pool of pools.values()) {
        const { open, idle, dialing, waiting } = pool.stats;
        sum.open += open;
        sum.idle += idle;
        sum.dialing += dialing;
        sum.waiting += waiting;
        sum.opened += pool.opened;
      }
      return sum;
    },
  };
};
