import type { RequestHeaders } from "../core/ports/http-server.ts";
import { longestKey } from "./api-key.ts";

/** What a request says of who sends it. */
export type Credential =
  | { readonly kind: "none" }
  /** Something was sent that cannot be a key: too long, or no token at all. */
  | { readonly kind: "malformed" }
  | { readonly kind: "key"; readonly key: string };

const bearer = /^bearer +([\x21-\x7e]+) *$/i;
const token = /^[\x21-\x7e]+$/;

const scheme = "Bearer ";

/** The key of a header as nearly all clients write it; undefined where the patterns must look at it. */
const plainBearer = (header: string): string | undefined => {
  const { length } = header;
  if (length <= scheme.length || length > longestKey + scheme.length || !header.startsWith(scheme)) return undefined;
  for (let at = scheme.length; at < length; at++) {
    const code = header.charCodeAt(at);
    if (code < 0x21 || code > 0x7e) return undefined;
  }
  return header.slice(scheme.length);
};

/**
 * Reads the key of a request: `Authorization: Bearer`, which wins, or `x-api-key` as Anthropic's clients send it.
 * Other schemes of `Authorization` are no key of ours.
 */
export const readCredential = (headers: Pick<RequestHeaders, "get">): Credential => {
  const authorization = headers.get("authorization");
  const plain = authorization === null ? undefined : plainBearer(authorization);
  if (plain !== undefined) return { kind: "key", key: plain };
  if (authorization !== null && /^bearer\b/i.test(authorization)) {
    const key = authorization.length > longestKey + 16 ? undefined : bearer.exec(authorization)?.[1];
    return key === undefined || key.length > longestKey ? { kind: "malformed" } : { kind: "key", key };
  }
  const key = headers.get("x-api-key");
  if (key === null) return { kind: authorization === null ? "none" : "malformed" };
  return key.length <= longestKey && token.test(key) ? { kind: "key", key } : { kind: "malformed" };
};
