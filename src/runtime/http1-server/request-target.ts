import { malformed } from "./request-fault.ts";

const maybeHost = /^[0-9A-Za-z.:[\]_-]+$/;
/** Nearly all requests name the same host. */
let knownHost = "";

/** Throws RequestFault where it is no host, with or without a port, or empty. */
export const checkHost = (host: string): void => {
  if (host === "" || host === knownHost) return;
  if (!maybeHost.test(host) || !URL.canParse(`http://${host}/`)) throw malformed("its Host is not valid");
  knownHost = host;
};

/**
 * The path and query of a request's target (RFC 9112 3.2). The absolute form must name the same host as the Host field:
 * who decides by one must not be led astray by the other. Throws RequestFault.
 */
export const pathOfTarget = (method: string, target: string, host: string): string => {
  if (target.startsWith("/")) return target;
  if (target === "*" && method === "OPTIONS") return "/*";
  const scheme = target.slice(0, 7).toLowerCase();
  if (scheme !== "http://") throw malformed("its target is neither a path nor the URL of one on this server");
  const slash = target.indexOf("/", 7);
  const question = target.indexOf("?", 7);
  const end = Math.min(slash === -1 ? target.length : slash, question === -1 ? target.length : question);
  if (target.slice(7, end).toLowerCase() !== host.toLowerCase() || host === "")
    throw malformed("its target names another host than its Host");
  const path = target.slice(end);
  return path.startsWith("/") ? path : `/${path}`;
};
