import { GatewayError } from "../core/errors.ts";
import type { Credentials } from "../core/ports/provider.ts";

/** How long a refused key is left out. New settings make new credentials, so a mended key is used at once. */
const quarantineMilliseconds = 30_000;

/**
 * Puts one of the keys, in turn, into a header; sends none where there is no key. A key that was refused is left out
 * for a while; throws `upstream_authentication` while all are.
 */
export const keyInHeader = (header: string, keys: readonly string[], prefix = ""): Credentials => {
  const quarantined = new Map<string, number>();
  let turn = 0;
  const isFree = (key: string): boolean => (quarantined.get(key) ?? 0) <= performance.now();
  const next = (): string | undefined => {
    for (let tries = 0; tries < keys.length; tries++) {
      const key = keys[turn++ % keys.length];
      if (key !== undefined && isFree(key)) return key;
    }
    return undefined;
  };
  return {
    authorize(request) {
      if (keys.length === 0) return request;
      const key = next();
      if (key === undefined)
        throw new GatewayError(
          "upstream_authentication",
          "The provider refused every key that is configured for it a moment ago. Check them; they are tried again shortly.",
        );
      return { ...request, headers: { ...request.headers, [header]: `${prefix}${key}` } };
    },
    refused(request) {
      const key = request.headers[header]?.slice(prefix.length);
      if (key !== undefined) quarantined.set(key, performance.now() + quarantineMilliseconds);
      return keys.some(isFree);
    },
  };
};

/** `Authorization: Bearer …` (RFC 6750). */
export const bearer = (keys: readonly string[]): Credentials => keyInHeader("authorization", keys, "Bearer ");
