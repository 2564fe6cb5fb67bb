/** What is encrypted, and with what. */
export interface Encrypting {
  /** 32 bytes. */
  readonly key: Uint8Array;
  readonly bytes: Uint8Array;
  /** Is not encrypted and not kept, but must be the same when it is opened: what the bytes belong to. */
  readonly boundTo: string;
}

/** Encryption that notices every change. */
export interface Encryption {
  /** A nonce of its own, what is encrypted, and a tag. */
  encrypt(what: Encrypting): Uint8Array;
  /** Throws where key, bytes or what they are bound to are not those of `encrypt`. */
  decrypt(what: Encrypting): Uint8Array;
  /** A key of 32 bytes for one use, from a secret of any length (HKDF-SHA-256, RFC 5869). */
  derive(secret: Uint8Array, use: string): Uint8Array;
}
