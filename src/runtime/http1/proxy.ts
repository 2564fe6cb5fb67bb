import { GatewayError } from "../../core/errors.ts";

/** A proxy that calls go through. */
export interface HttpProxy {
  /** For messages: without credentials. */
  readonly origin: string;
  readonly hostname: string;
  readonly port: number;
  /** The value of `Proxy-Authorization` (RFC 7617); undefined where the proxy asks for none. */
  readonly authorization: string | undefined;
}

/** The proxy for a URL; undefined where the call goes straight. */
export type FindProxy = (url: URL) => HttpProxy | undefined;

type Environment = Readonly<Record<string, string | undefined>>;

/** `[::1]` as `::1`, the way it is connected to. */
export const plainHostname = (hostname: string): string => hostname.replace(/^\[|\]$/g, "");

const isLoopback = (hostname: string): boolean =>
  hostname === "localhost" || hostname.endsWith(".localhost") || /^127\.\d+\.\d+\.\d+$|^\[::1\]$/.test(hostname);

const portOf = (url: URL): string => url.port || (url.protocol === "https:" ? "443" : "80");

/** One entry of NO_PROXY: `*`, or a host with all hosts below it, with or without a port. */
const isExcluded = (url: URL, entry: string): boolean => {
  if (entry === "*") return true;
  const [, host = entry, port] = /^(.+?)(?::(\d+))?$/.exec(entry.replace(/^\*?\./, "")) ?? [];
  if (port !== undefined && port !== portOf(url) && !/^[\da-f:]+$/.test(entry)) return false;
  const hostname = plainHostname(url.hostname);
  const name = /^[\da-f:]+$/.test(entry) && entry.includes(":") ? entry : plainHostname(host);
  return hostname === name || hostname.endsWith(`.${name}`);
};

const refuse = (variable: string, cause?: unknown): never => {
  throw new GatewayError(
    "invalid_configuration",
    `The environment variable ${variable} is not the URL of an HTTP proxy. Give one like http://proxy.example:3128.`,
    { cause },
  );
};

const decode = (text: string): string => decodeURIComponent(text);

const parseProxy = (variable: string, text: string): HttpProxy => {
  let url: URL;
  try {
    url = new URL(text.includes("://") ? text : `http://${text}`);
  } catch (cause) {
    return refuse(variable, cause);
  }
  if (url.protocol !== "http:") return refuse(variable);
  const { username, password } = url;
  const credentials = Buffer.from(`${decode(username)}:${decode(password)}`).toString("base64");
  return {
    origin: url.origin,
    hostname: plainHostname(url.hostname),
    port: Number(portOf(url)),
    authorization: username === "" && password === "" ? undefined : `Basic ${credentials}`,
  };
};

/**
 * Reads HTTPS_PROXY, HTTP_PROXY and NO_PROXY once; the names in small letters win. Loopback is never asked of a proxy,
 * whose loopback is another. Throws GatewayError `invalid_configuration`, which never repeats a variable's value.
 */
export const readProxies = (environment: Environment): FindProxy => {
  const read = (name: string): HttpProxy | undefined => {
    for (const variable of [name.toLowerCase(), name]) {
      const text = environment[variable]?.trim();
      if (text) return parseProxy(variable, text);
    }
    return undefined;
  };
  const secure = read("HTTPS_PROXY");
  const plain = read("HTTP_PROXY");
  const excluded = (environment["no_proxy"] || environment["NO_PROXY"] || "").toLowerCase().split(/[\s,]+/);
  const entries = excluded.filter((entry) => entry !== "");
  return (url) => {
    const proxy = url.protocol === "https:" ? secure : plain;
    if (proxy === undefined || isLoopback(url.hostname)) return undefined;
    return entries.some((entry) => isExcluded(url, entry)) ? undefined : proxy;
  };
};
