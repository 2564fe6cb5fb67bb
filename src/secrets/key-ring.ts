import { GatewayError } from "../core/errors.ts";
import type { Encryption } from "../core/ports/encryption.ts";
import type { EnvironmentKeys } from "./environment-keys.ts";
import { type KeyFile, newSecret } from "./key-file.ts";

/** A key that encrypts the keys of secrets. */
export interface MasterKey {
  /** Says which one it is, and nothing of it. */
  readonly id: string;
  readonly key: Uint8Array;
}

export interface KeyRingParts {
  readonly file: KeyFile;
  readonly environment: EnvironmentKeys;
  readonly encryption: Encryption;
}

const idBytes = 9;

/** All master keys that can be had: the environment's, and those of the file in the data folder. */
export class KeyRing {
  readonly #parts: KeyRingParts;
  readonly #fromEnvironment: readonly MasterKey[];
  #fromFile: readonly MasterKey[] = [];
  /** Those that were once read, too: another process may take one out of the file while this one reads the database. */
  readonly #known = new Map<string, MasterKey>();

  /** Throws `storage_unavailable` where the file is there and cannot be used. */
  constructor(parts: KeyRingParts) {
    this.#parts = parts;
    const { newest, previous } = parts.environment;
    this.#fromEnvironment = [newest, previous].flatMap((secret) => (secret === undefined ? [] : [this.#toKey(secret)]));
    for (const key of this.#fromEnvironment) this.#known.set(key.id, key);
    this.#readFile();
  }

  /** Whether the newest key is the environment's: then it is not ours to renew. */
  get isFromEnvironment(): boolean {
    return this.#parts.environment.newest !== undefined;
  }

  /** The key that encrypts from now on; undefined where there is none yet. */
  newest(): MasterKey | undefined {
    if (this.isFromEnvironment) return this.#fromEnvironment[0];
    this.#readFile();
    return this.#fromFile[0];
  }

  find(id: string): MasterKey | undefined {
    if (!this.#known.has(id)) this.#readFile();
    return this.#known.get(id);
  }

  /** Sees to it that there is a key. An existing file is left as it is. */
  ensure(): void {
    if (this.newest() === undefined) this.#parts.file.make();
    this.#readFile();
  }

  /**
   * Makes a new key; the others stay in the file until {@link keepOnly}. To be called while the database is locked.
   * Throws `conflict` where the environment gives the key.
   */
  renew(): void {
    if (this.isFromEnvironment)
      throw new GatewayError(
        "conflict",
        "The master key comes from INTELLIROUTER_MASTER_KEY, so that only you can change it: put the new one there and the former one into INTELLIROUTER_MASTER_KEY_PREVIOUS, and start again.",
      );
    this.#parts.file.replace([newSecret(), ...(this.#parts.file.read() ?? [])]);
    this.#readFile();
  }

  /** Takes the keys out of the file that nothing needs any more. To be called while the database is locked. */
  keepOnly(used: ReadonlySet<string>): void {
    const secrets = this.#parts.file.read() ?? [];
    const [first, ...others] = secrets;
    const kept = others.filter((secret) => used.has(this.#toKey(secret).id));
    if (first !== undefined && kept.length < others.length) this.#parts.file.replace([first, ...kept]);
    this.#readFile();
  }

  #readFile(): void {
    this.#fromFile = (this.#parts.file.read() ?? []).map((secret) => this.#toKey(secret));
    for (const key of this.#fromFile) this.#known.set(key.id, key);
  }

  #toKey(secret: Uint8Array): MasterKey {
    const { derive } = this.#parts.encryption;
    const id = derive(secret, "intellirouter master key id 1").subarray(0, idBytes);
    return { id: Buffer.from(id).toString("base64url"), key: derive(secret, "intellirouter master key 1") };
  }
}
