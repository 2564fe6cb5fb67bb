/** A secret of an object, as it stands in the database. */
export interface StoredSecret {
  /** The provider's name. */
  readonly provider: string;
  /** The id of the master key that it is encrypted with; null where it stands as text. */
  readonly masterKey: string | null;
}

/** What was done to the secrets of a database. */
export interface Resealed {
  /** Those that stood as text. */
  readonly encrypted: number;
  /** Those that were under another master key. */
  readonly moved: number;
}

/** The secrets of a database, whatever they are of. Throws GatewayError `storage_unavailable`. */
export interface SecretStore {
  list(): readonly StoredSecret[];
  /**
   * Brings all secrets under the newest master key, in one transaction. `prepare` runs within it first, while nobody
   * else can write: it may make that key.
   */
  reseal(prepare?: () => void): Resealed;
  /** Takes away the secrets whose master key is lost. Gives the providers that need theirs again. */
  forget(): readonly string[];
  /** Runs `work` while nobody can write, with the ids of the master keys in use. */
  underLock(work: (used: ReadonlySet<string>) => void): void;
  /** Whether what stood as text before it was encrypted may still be found on free pages of the file. */
  mayHoldTraces(): boolean;
  /** Writes the whole file anew, so that nothing is left there. Not within a transaction. */
  removeTraces(): void;
}
