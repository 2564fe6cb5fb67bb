import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from "node:crypto";
import type { KeyEntry, KeyedRequest, SavedAnswer } from "../core/ports/idempotency.ts";

const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;
const lengthBytes = 4;

/** Digests and encryption of entries: whoever has the database alone learns neither keys, nor requests, nor answers. */
export interface Seal {
  /** Names the key of one caller: another caller's same text has another id. */
  idOf(request: Pick<KeyedRequest, "key" | "caller">): string;
  /** The request itself: its path and the bytes of its body. */
  fingerprintOf(request: Pick<KeyedRequest, "path" | "body">): string;
  close(answer: SavedAnswer, entry: Bound): Uint8Array;
  /** Throws where the bytes are not what `close` gave for this entry. */
  open(sealed: Uint8Array, entry: Bound): SavedAnswer;
}
/** What an answer is bound to, so that rows that change places are noticed. */
export type Bound = Pick<KeyEntry, "id" | "callId">;

/** Keys by HKDF-SHA-256 (RFC 5869), each for one use. */
const derive = (secret: Uint8Array, use: string): Uint8Array =>
  new Uint8Array(hkdfSync("sha256", secret, new Uint8Array(), `intellirouter idempotency ${use}`, keyBytes));

const boundText = ({ id, callId }: Bound): Buffer => Buffer.from(JSON.stringify([id, callId]));

/** The head as JSON behind its length, then the body. */
const pack = ({ status, contentType, body }: SavedAnswer): Buffer => {
  const head = Buffer.from(JSON.stringify({ status, contentType }));
  const length = Buffer.alloc(lengthBytes);
  length.writeUInt32BE(head.length);
  return Buffer.concat([length, head, body]);
};

const unpack = (bytes: Buffer): SavedAnswer => {
  const end = lengthBytes + bytes.readUInt32BE(0);
  const head = JSON.parse(bytes.toString("utf8", lengthBytes, end)) as Omit<SavedAnswer, "body">;
  return { ...head, body: bytes.subarray(end) };
};

/** Makes everything from one secret, the program's pepper. AES-256-GCM: nonce, what is encrypted, tag. */
export const createSeal = (secret: Uint8Array): Seal => {
  const [names, requests, answers] = ["names", "requests", "answers"].map((use) => derive(secret, use)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  return {
    idOf: ({ key, caller }) =>
      createHmac("sha256", names)
        .update(JSON.stringify([caller.tenant, caller.keyId, key]))
        .digest("base64url"),
    fingerprintOf: ({ path, body }) =>
      createHmac("sha256", requests).update(JSON.stringify(path)).update(body).digest("base64url"),
    close(answer, entry) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv("aes-256-gcm", answers, nonce, { authTagLength: tagBytes });
      cipher.setAAD(boundText(entry));
      return Buffer.concat([nonce, cipher.update(pack(answer)), cipher.final(), cipher.getAuthTag()]);
    },
    open(sealed, entry) {
      const tagStart = sealed.length - tagBytes;
      const nonce = sealed.subarray(0, nonceBytes);
      const decipher = createDecipheriv("aes-256-gcm", answers, nonce, { authTagLength: tagBytes });
      decipher.setAAD(boundText(entry));
      decipher.setAuthTag(sealed.subarray(tagStart));
      return unpack(Buffer.concat([decipher.update(sealed.subarray(nonceBytes, tagStart)), decipher.final()]));
    },
  };
};
