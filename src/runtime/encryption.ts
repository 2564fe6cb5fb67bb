import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import type { Encryption } from "../core/ports/encryption.ts";

const algorithm = "aes-256-gcm";
const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;

/** AES-256-GCM (NIST SP 800-38D) with random nonces. */
export const encryption: Encryption = {
  encrypt({ key, bytes, boundTo }) {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: tagBytes });
    cipher.setAAD(Buffer.from(boundTo));
    return Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
  },
  decrypt({ key, bytes, boundTo }) {
    const tagStart = bytes.length - tagBytes;
    const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes });
    decipher.setAAD(Buffer.from(boundTo));
    decipher.setAuthTag(bytes.subarray(tagStart));
    return Buffer.concat([decipher.update(bytes.subarray(nonceBytes, tagStart)), decipher.final()]);
  },
  derive: (secret, use) => new Uint8Array(hkdfSync("sha256", secret, new Uint8Array(), use, keyBytes)),
};
