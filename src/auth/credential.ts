import type { RequestHeaders } from "../core/ports/http-server.ts";
import { longestKey } from "./api-key.ts";

/** What a request says of who sends it. */
export type Credential =
  | { readonly kind: "none" }
  /** Something was sent that cannot be a key: too long, or no token at all. */
  | { readonly kind: "malformed" }
  | { readonly kind: "key"; readonly key: string }
  /** A signed token, by its form. */
  | { readonly kind: "token"; readonly token: string };

const bearer = /^bearer +([\x21-\x7e]+) *$/i;
/** Three parts of base64url, the first of them an object of JSON (RFC 7515, section 3.1). */
const tokenForm = /^eyJ[\w-]*\.[\w-]*\.[\w-]*$/;
const longestToken = 8_192;
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

/** Whether signed tokens are taken beside keys. */
type Tokens = "taken" | "unknown";

const told = (text: string, tokens: Tokens): Credential => {
  if (tokens === "taken" && tokenForm.test(text)) return { kind: "token", token: text };
  return text.length > longestKey ? { kind: "malformed" } : { kind: "key", key: text };
};

/**
 * Reads the key (or, where such are taken, the token) of a request: `Authorization: Bearer`, which wins, or `x-api-key` as
 * Anthropic's clients send it. Other schemes of `Authorization` are no key of ours.
 */
export const readCredential = (headers: Pick<RequestHeaders, "get">, tokens: Tokens = "unknown"): Credential => {
  const longest = tokens === "taken" ? longestToken : longestKey;
  const authorization = headers.get("authorization");
  const plain = authorization === null ? undefined : plainBearer(authorization);
  if (plain !== undefined) return told(plain, tokens);
  if (authorization !== null && /^bearer\b/i.test(authorization)) {
    const key = authorization.length > longest + 16 ? undefined : bearer.exec(authorization)?.[1];
    return key === undefined || key.length > longest ? { kind: "malformed" } : told(key, tokens);
  }
  const key = headers.get("x-api-key");
  if (key === null) return { kind: authorization === null ? "none" : "malformed" };
  return key.length <= longest && token.test(key) ? told(key, tokens) : { kind: "malformed" };
};
