/** Where a secret stands. One that was moved to another place is not opened there. */
export interface SecretPlace {
  /** Of the object: `provider`. */
  readonly kind: string;
  readonly name: string;
  /** Of the field within the object. */
  readonly path: readonly (string | number)[];
}

/** Encrypts the secrets that are kept in a database. Throws GatewayError `storage_unavailable` without a master key. */
export interface SecretBox {
  /** Under the newest master key, also where another process has just made it. */
  close(text: string, place: SecretPlace): string;
  /** Throws GatewayError `storage_unavailable` where it was closed for another place, was changed, or its key is lost. */
  open(closed: string, place: SecretPlace): string;
  /** The same secret under the newest master key; the secret itself is not looked at. Throws as `open` does. */
  move(closed: string, place: SecretPlace): string;
  /** The id of the master key that a closed text needs; undefined where the text is not closed. */
  masterKeyOf(text: string): string | undefined;
  /** The id of the newest master key; undefined where there is none yet. */
  newest(): string | undefined;
  knows(masterKey: string): boolean;
}
