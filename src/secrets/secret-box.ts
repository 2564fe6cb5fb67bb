import { randomBytes } from "node:crypto";
import { GatewayError } from "../core/errors.ts";
import type { Encryption } from "../core/ports/encryption.ts";
import type { SecretBox, SecretPlace } from "../core/ports/secret-box.ts";
import type { KeyRing, MasterKey } from "./key-ring.ts";

const dataKeyBytes = 32;
/** `sealed:1:<master key's id>:<data key, encrypted with the master key>:<secret, encrypted with the data key>` */
const form = /^sealed:1:([A-Za-z0-9_-]{12}):([A-Za-z0-9_-]{80}):([A-Za-z0-9_-]{38,})$/;

interface Closed {
  readonly masterKey: string;
  readonly dataKey: Uint8Array;
  readonly secret: Uint8Array;
}

const toText = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");
const toBytes = (text = ""): Uint8Array => new Uint8Array(Buffer.from(text, "base64url"));

const parse = (text: string): Closed | undefined => {
  const match = form.exec(text);
  if (match === null) return undefined;
  const [, masterKey = "", dataKey, secret] = match;
  return { masterKey, dataKey: toBytes(dataKey), secret: toBytes(secret) };
};

const write = ({ masterKey, dataKey, secret }: Closed): string =>
  `sealed:1:${masterKey}:${toText(dataKey)}:${toText(secret)}`;

const secretBound = ({ kind, name, path }: SecretPlace): string =>
  JSON.stringify(["intellirouter secret 1", kind, name, path]);
const dataKeyBound = ({ kind, name, path }: SecretPlace, masterKey: string): string =>
  JSON.stringify(["intellirouter data key 1", masterKey, kind, name, path]);

const placeName = ({ kind, name, path }: SecretPlace): string => `${path.join(".")} of the ${kind} '${name}'`;

/** Envelope encryption: each secret has a key of its own, and only that is encrypted with the master key. */
export const createSecretBox = (ring: KeyRing, { encrypt, decrypt }: Encryption): SecretBox => {
  const newest = (): MasterKey => {
    const key = ring.newest();
    if (key !== undefined) return key;
    throw new GatewayError("storage_unavailable", "There is no master key to encrypt with: its file is gone.");
  };
  const unreadable = (place: SecretPlace, reason: string, cause?: unknown): GatewayError =>
    new GatewayError(
      "storage_unavailable",
      `${placeName(place)} cannot be decrypted: ${reason}. Give this credential again.`,
      { cause },
    );
  const wrap = (dataKey: Uint8Array, place: SecretPlace): Pick<Closed, "masterKey" | "dataKey"> => {
    const { id, key } = newest();
    return { masterKey: id, dataKey: encrypt({ key, bytes: dataKey, boundTo: dataKeyBound(place, id) }) };
  };
  const unwrap = (text: string, place: SecretPlace): { readonly dataKey: Uint8Array; readonly secret: Uint8Array } => {
    const closed = parse(text);
    if (closed === undefined) throw unreadable(place, "it is not in a form that this version knows");
    const { masterKey, dataKey, secret } = closed;
    const found = ring.find(masterKey);
    if (found === undefined) throw unreadable(place, `the master key ${masterKey} is not here`);
    try {
      const boundTo = dataKeyBound(place, masterKey);
      return { dataKey: decrypt({ key: found.key, bytes: dataKey, boundTo }), secret };
    } catch (cause) {
      throw unreadable(place, "it was changed, or belongs elsewhere", cause);
    }
  };
  return {
    close(text, place) {
      const dataKey = new Uint8Array(randomBytes(dataKeyBytes));
      const secret = encrypt({ key: dataKey, bytes: Buffer.from(text), boundTo: secretBound(place) });
      return write({ ...wrap(dataKey, place), secret });
    },
    open(closed, place) {
      const { dataKey, secret } = unwrap(closed, place);
      try {
        return Buffer.from(decrypt({ key: dataKey, bytes: secret, boundTo: secretBound(place) })).toString();
      } catch (cause) {
        throw unreadable(place, "it was changed, or belongs elsewhere", cause);
      }
    },
    move(closed, place) {
      const { dataKey, secret } = unwrap(closed, place);
      return write({ ...wrap(dataKey, place), secret });
    },
    masterKeyOf: (text) => parse(text)?.masterKey,
    newest: () => ring.newest()?.id,
    knows: (masterKey) => ring.find(masterKey) !== undefined,
  };
};
