import { type Address, type AddressRange, holds, parseAddress } from "../core/address-range.ts";
import type { ServerConnection, ServerRequest } from "../core/ports/http-server.ts";

/** What is known of where a request comes from. */
export type Peer = Pick<ServerConnection, "remoteAddress">;

/**
 * The address that a request comes from: the socket's own. What a proxy says of it counts only where the socket, and
 * every proxy on the way, is one of the trusted; undefined where it cannot be told.
 */
export const clientAddress = (
  { headers }: Pick<ServerRequest, "headers">,
  { remoteAddress }: Peer,
  trusted: readonly AddressRange[],
): Address | undefined => {
  let address = parseAddress(remoteAddress);
  const isTrusted = (one: Address): boolean => trusted.some((range) => holds(range, one));
  if (address === undefined || trusted.length === 0 || !isTrusted(address)) return address;
  // Each proxy adds the address that it saw at the end, so that the last ones are the least forgeable.
  for (const text of (headers.get("x-forwarded-for") ?? "").split(",").reverse()) {
    if (text.trim() === "") continue;
    address = parseAddress(text.trim());
    if (address === undefined || !isTrusted(address)) return address;
  }
  return address;
};
