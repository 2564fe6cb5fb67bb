import { GatewayError } from "../../core/errors.ts";
import { dial } from "./dial.ts";
import { MessageWriter } from "./message.ts";
import { Pool, type PoolLimits } from "./pool.ts";
import { type FindProxy, type HttpProxy, plainHostname } from "./proxy.ts";

/** The way to one URL. */
export interface Route {
  readonly pool: Pool;
  readonly writer: MessageWriter;
}

/** URLs whose way is remembered. */
const maxRoutes = 1_000;

const refuse = (what: string): never => {
  throw new GatewayError("invalid_configuration", `An upstream's URL ${what}.`);
};

/** The URL may hold a secret, so no message repeats more than its origin. */
const parseUrl = (text: string): URL => {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return refuse("is not valid");
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") return refuse("does not begin with http: or https:");
  if (url.username !== "" || url.password !== "")
    return refuse(`(${url.origin}) holds a user name or password: put it into a header`);
  return url;
};

const writerOf = (url: URL, proxy: HttpProxy | undefined): MessageWriter => {
  const { origin, host, pathname, search, protocol } = url;
  const path = `${pathname}${search}`;
  // A proxy reads the head only where there is no TLS to hide it.
  if (proxy === undefined || protocol === "https:")
    return new MessageWriter({ origin, host, path, proxyAuthorization: undefined });
  return new MessageWriter({ origin, host, path: `${origin}${path}`, proxyAuthorization: proxy.authorization });
};

/** Remembers the way to each URL, and the pool of each origin. */
export class Routes {
  readonly #limits: PoolLimits;
  readonly #findProxy: FindProxy;
  readonly #pools = new Map<string, Pool>();
  readonly #routes = new Map<string, Route>();

  constructor(limits: PoolLimits, findProxy: FindProxy) {
    this.#limits = limits;
    this.#findProxy = findProxy;
  }

  get pools(): ReadonlyMap<string, Pool> {
    return this.#pools;
  }

  /** Throws GatewayError `invalid_configuration` on a URL that cannot be called. */
  to(text: string): Route {
    const known = this.#routes.get(text);
    if (known !== undefined) return known;
    const url = parseUrl(text);
    const proxy = this.#findProxy(url);
    const route = { pool: this.#poolOf(url, proxy), writer: writerOf(url, proxy) };
    if (this.#routes.size >= maxRoutes) this.#routes.clear();
    this.#routes.set(text, route);
    return route;
  }

  #poolOf({ origin, protocol, hostname, port }: URL, proxy: HttpProxy | undefined): Pool {
    const known = this.#pools.get(origin);
    if (known !== undefined) return known;
    const isSecure = protocol === "https:";
    const target = {
      hostname: plainHostname(hostname),
      port: Number(port || (isSecure ? 443 : 80)),
      isSecure,
      proxy,
    };
    const pool = new Pool(origin, this.#limits, (home, done) => dial(target, home, done));
    this.#pools.set(origin, pool);
    return pool;
  }
}
