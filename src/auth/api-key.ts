import { createHmac, randomBytes } from "node:crypto";

/** Secret that every key is digested with; a stolen database without it gives no key away. */
export type Pepper = Uint8Array;

const prefix = "ir-";
const secretBytes = 32;

/** No header longer than this is looked at: hashing what strangers send costs their bytes and our time. */
export const longestKey = 512;

/** A new key: `ir-` and 256 random bits in base64url. Shown once; only its digest is kept. */
export const generateKey = (): string => prefix + randomBytes(secretBytes).toString("base64url");

/** What a list shows of a key, so that its owner knows it again. */
export const keySuffix = (key: string): string => key.slice(-4);

/**
 * HMAC-SHA256 of a key under the pepper, lower-case hex. Keys are random, so a slow hash would add nothing; and nobody
 * without the pepper can choose a digest, so the time that a comparison takes tells nothing.
 */
export const digestKey = (pepper: Pepper, key: string): string =>
  createHmac("sha256", pepper).update(key).digest("hex");
