import { GatewayError } from "../core/errors.ts";
import type { RequestHeaders, ServerRequest } from "../core/ports/http-server.ts";
import { isLoopbackAuthority, isLoopbackHost, isLoopbackOrigin } from "./loopback.ts";

const makeKey = "Make a key with 'intellirouter keys create NAME', or set INTELLIROUTER_ADMIN_KEY";

/** Whether the gateway may listen, and if not, why. */
export type StartPermission = { readonly allowed: true } | { readonly allowed: false; readonly reason: string };

/** Without a key, everybody who reaches the gateway may administer it: it then listens on loopback only. */
export const mayStart = ({ host, hasKeys }: { readonly host: string; readonly hasKeys: boolean }): StartPermission => {
  if (hasKeys || isLoopbackHost(host)) return { allowed: true };
  const reason = `Listening on ${host} lets other machines in, and no key exists to keep them out. ${makeKey}; or listen on 127.0.0.1.`;
  return { allowed: false, reason };
};

const forwardingHeaders = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip"];

/** The host that was found to be loopback last: clients of this machine send the same one each time. */
let knownHost: string | undefined;
const isLoopbackHostHeader = (host: string | null): boolean => {
  if (host === null) return false;
  if (host === knownHost) return true;
  if (!isLoopbackAuthority(host)) return false;
  knownHost = host;
  return true;
};

const isForwarded = (headers: Pick<RequestHeaders, "has">): boolean => {
  for (const name of forwardingHeaders) if (headers.has(name)) return true;
  return false;
};

/**
 * Checks a request to a gateway without keys. It trusts whoever reaches its loopback address, so it must not be
 * reached through somebody's browser (DNS rebinding, forged cross-site requests) or through a proxy.
 * Throws `forbidden_origin`.
 */
export const checkOpenRequest = (request: Pick<ServerRequest, "headers" | "url">): void => {
  const { headers } = request;
  const refuse = (what: string): never => {
    throw new GatewayError(
      "forbidden_origin",
      `${what} This gateway has no keys and serves this machine only. ${makeKey}.`,
    );
  };
  if (!isLoopbackHostHeader(headers.get("host")))
    refuse("The Host header does not name this machine's loopback address.");
  const origin = headers.get("origin");
  if (origin !== null && !isLoopbackOrigin(origin)) refuse("The request comes from a web page of another origin.");
  if (isForwarded(headers)) refuse("The request came through a proxy.");
  if (headers.get("sec-fetch-site") === "cross-site" && isAdminPath(request.url))
    refuse("The request comes from a web page of another site.");
};

const isAdminPath = (url: string): boolean => /^\/admin(?:\/|$)/i.test(new URL(url).pathname);
