import { createHmac } from "node:crypto";
import type { Encryption } from "../core/ports/encryption.ts";
import type { KeyEntry, KeyedRequest, SavedAnswer } from "../core/ports/idempotency.ts";

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

const boundText = ({ id, callId }: Bound): string => JSON.stringify([id, callId]);

/** The head as JSON behind its length, then the body. */
const pack = ({ status, contentType, body }: SavedAnswer): Buffer => {
  const head = Buffer.from(JSON.stringify({ status, contentType }));
  const length = Buffer.alloc(lengthBytes);
  length.writeUInt32BE(head.length);
  return Buffer.concat([length, head, body]);
};

const unpack = (opened: Uint8Array): SavedAnswer => {
  const bytes = Buffer.from(opened.buffer, opened.byteOffset, opened.length);
  const end = lengthBytes + bytes.readUInt32BE(0);
  const head = JSON.parse(bytes.toString("utf8", lengthBytes, end)) as Omit<SavedAnswer, "body">;
  return { ...head, body: bytes.subarray(end) };
};

/** Makes everything from one secret, the program's pepper; each use has a key of its own. */
export const createSeal = (secret: Uint8Array, { encrypt, decrypt, derive }: Encryption): Seal => {
  const [names, requests, answers] = ["names", "requests", "answers"].map((use) =>
    derive(secret, `intellirouter idempotency ${use}`),
  ) as [Uint8Array, Uint8Array, Uint8Array];
  return {
    idOf: ({ key, caller }) =>
      createHmac("sha256", names)
        .update(JSON.stringify([caller.tenant, caller.keyId, key]))
        .digest("base64url"),
    fingerprintOf: ({ path, body }) =>
      createHmac("sha256", requests).update(JSON.stringify(path)).update(body).digest("base64url"),
    close: (answer, entry) => encrypt({ key: answers, bytes: pack(answer), boundTo: boundText(entry) }),
    open: (sealed, entry) => unpack(decrypt({ key: answers, bytes: sealed, boundTo: boundText(entry) })),
  };
};
