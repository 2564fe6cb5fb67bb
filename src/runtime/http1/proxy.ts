import { isIP } from "node:net";
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

/** What one entry of NO_PROXY leaves out: `*` all, a host also what is below it, with a port only that one. */
const parseEntry = (entry: string): ((url: URL) => boolean) => {
  if (entry === "*") return () => true;
  // An address of IPv6 has colons of its own; with a port it stands in brackets.
  const [, host = entry, port] = isIP(entry) === 6 ? [] : (/^(.*?)(?::(\d+))?$/.exec(entry) ?? []);
  const name = plainHostname(host).replace(/^\*?\./, "");
  return (url) => {
    const hostname = plainHostname(url.hostname);
    return (hostname === name || hostname.endsWith(`.${name}`)) && (port === undefined || port === portOf(url));
  };
};

const refuse = (variable: string): never => {
  throw new GatewayError(
    "invalid_configuration",
    `The environment variable ${variable} is not the URL of an HTTP proxy. Give one like http://proxy.example:3128.`,
  );
};

const basic = ({ username, password }: URL): string | undefined => {
  if (username === "" && password === "") return undefined;
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(credentials).toString("base64")}`;
};

const parseProxy = (variable: string, text: string): HttpProxy => {
  try {
    const url = new URL(text.includes("://") ? text : `http://${text}`);
    const { origin, hostname, protocol } = url;
    if (protocol !== "http:") return refuse(variable);
    return { origin, hostname: plainHostname(hostname), port: Number(portOf(url)), authorization: basic(url) };
  } catch {
    // The cause would hold the URL, and so the password.
    return refuse(variable);
  }
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
  const exclusions = excluded.filter((entry) => entry !== "").map(parseEntry);
  return (url) => {
    const proxy = url.protocol === "https:" ? secure : plain;
    if (proxy === undefined || isLoopback(url.hostname)) return undefined;
    return exclusions.some((isExcluded) => isExcluded(url)) ? undefined : proxy;
  };
};
