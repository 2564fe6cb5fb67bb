import type { Credentials } from "../core/ports/provider.ts";

/** Puts one of the keys, in turn, into a header; sends none where there is no key. */
export const keyInHeader = (header: string, keys: readonly string[], prefix = ""): Credentials => {
  let turn = 0;
  return {
    authorize(request) {
      const key = keys[turn++ % keys.length];
      if (key === undefined) return request;
      return { ...request, headers: { ...request.headers, [header]: `${prefix}${key}` } };
    },
  };
};

/** `Authorization: Bearer …` (RFC 6750). */
export const bearer = (keys: readonly string[]): Credentials => keyInHeader("authorization", keys, "Bearer ");
