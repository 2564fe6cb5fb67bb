import type { Credentials } from "../core/ports/provider.ts";

/** How long a refused key is left out. New settings make new credentials, so a mended key is used at once. */
const quarantineMilliseconds = 30_000;

/**
 * Puts one of the keys, in turn, into a header; sends none where there is no key. A key that was refused is left out
 * for a while; where all were, the one that has been left out longest is tried again.
 */
export const keyInHeader = (header: string, keys: readonly string[], prefix = ""): Credentials => {
  const quarantined = new Map<string, number>();
  /** Per headers of a provider and key: made once, and always the same object. */
  const authorized = new WeakMap<object, Map<string, Readonly<Record<string, string>>>>();
  const withKey = (headers: Readonly<Record<string, string>>, key: string): Readonly<Record<string, string>> => {
    let made = authorized.get(headers);
    if (made === undefined) {
      made = new Map();
      authorized.set(headers, made);
    }
    let found = made.get(key);
    if (found === undefined) {
      found = { ...headers, [header]: `${prefix}${key}` };
      made.set(key, found);
    }
    return found;
  };
  let turn = 0;
  const freeAt = (key: string): number => quarantined.get(key) ?? 0;
  const isFree = (key: string): boolean => quarantined.size === 0 || freeAt(key) <= performance.now();
  const next = (): string | undefined => {
    for (let tries = 0; tries < keys.length; tries++) {
      const key = keys[turn++ % keys.length];
      if (key !== undefined && isFree(key)) return key;
    }
    return keys.toSorted((a, b) => freeAt(a) - freeAt(b))[0];
  };
  return {
    authorize(request) {
      const key = next();
      if (key === undefined) return request;
      const { method, url, headers, body } = request;
      return body === undefined
        ? { method, url, headers: withKey(headers, key) }
        : { method, url, headers: withKey(headers, key), body };
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
