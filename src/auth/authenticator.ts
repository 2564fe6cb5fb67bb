import type { Caller } from "../core/caller.ts";
import { GatewayError } from "../core/errors.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { KeyRecord, KeyStore } from "../core/ports/key-store.ts";
import { digestKey, isSameDigest, type Pepper } from "./api-key.ts";
import { readCredential } from "./credential.ts";
import { KeyCache, type KnownKey, toCaller } from "./key-cache.ts";
import { LastUse } from "./last-use.ts";
import { checkOpenRequest } from "./open-access.ts";

/** The tenant of all that was made before there were several. */
export const defaultTenant = "default";
/** Stands in the ledger for the administrator's key from the environment, which is in no store. */
export const environmentKeyId = "environment";

const pollMilliseconds = 250;
const defaultCacheSize = 10_000;

export interface AuthenticatorOptions {
  readonly store: Pick<KeyStore, "byDigest" | "list" | "touch" | "version">;
  readonly pepper: Pepper;
  /** The administrator's key from the environment, as `readAdminKey` gives it. */
  readonly adminKey?: string | undefined;
  /** Whether callers need no key while none exists; only where the gateway listens on loopback. */
  readonly openAccess: boolean;
  readonly clock: Clock;
  /** Digests to remember, known and unknown ones each. */
  readonly cacheSize?: number;
}

/** Finds out who calls, on the way of every request. */
export interface Authenticator {
  /**
   * The caller; at once where the answer is remembered or the store answers at once. Throws (or rejects with)
   * `missing_api_key`, `invalid_api_key` for unknown, revoked and expired keys alike, `forbidden_origin`, or
   * `storage_unavailable` where the store cannot say whether a key still stands.
   */
  authenticate(request: Pick<Request, "headers" | "url">): Caller | Promise<Caller>;
  /** Forgets what is remembered: call it when keys were changed. */
  invalidate(): void;
  /** Writes the last uses that are noted; call it before the store closes. */
  flush(): Promise<void>;
}

type Eventually<Value> = Value | Promise<Value>;

/** Goes on at once where the value is there: a promise on every request would cost more than the look-up. */
const chain = <Value, Result>(
  value: Eventually<Value>,
  next: (value: Value) => Eventually<Result>,
): Eventually<Result> => (value instanceof Promise ? value.then(next) : next(value));

const missing = (): GatewayError =>
  new GatewayError("missing_api_key", "No API key was sent. Send 'Authorization: Bearer <key>' or 'x-api-key: <key>'.");
const invalid = (): GatewayError =>
  new GatewayError(
    "invalid_api_key",
    "The API key is not valid: it is unknown, expired or revoked. Check it, or ask for a new one.",
  );

const callerWithoutKey = (keyId: string | null): Caller => ({
  tenant: defaultTenant,
  team: null,
  keyId,
  role: "admin",
  routes: null,
  models: null,
});

class StoreAuthenticator implements Authenticator {
  readonly #options: AuthenticatorOptions;
  readonly #adminDigest: string | undefined;
  readonly #cache: KeyCache;
  readonly #lastUse: LastUse;
  readonly #environmentCaller = callerWithoutKey(environmentKeyId);
  readonly #openCaller = callerWithoutKey(null);
  /** Rises with each change; an answer that was asked for before a change is not remembered after it. */
  #generation = 0;
  #version: number | undefined;
  #checkedAt = Number.NEGATIVE_INFINITY;
  #check: Promise<void> | undefined;
  #isOpen: boolean | undefined;

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
    this.#adminDigest = options.adminKey === undefined ? undefined : digestKey(options.pepper, options.adminKey);
    this.#cache = new KeyCache(options.cacheSize ?? defaultCacheSize);
    this.#lastUse = new LastUse(options.store);
    if (!options.openAccess || options.adminKey !== undefined) this.#isOpen = false;
  }

  authenticate(request: Pick<Request, "headers" | "url">): Eventually<Caller> {
    const fresh = this.#refresh();
    return fresh === undefined ? this.#identify(request) : fresh.then(() => this.#identify(request));
  }

  invalidate(): void {
    this.#generation += 1;
    this.#cache.clear();
    // A gateway that has had a key stays closed: revoking the last one must not open it.
    if (this.#isOpen === true) this.#isOpen = undefined;
  }

  flush(): Promise<void> {
    return this.#lastUse.flush();
  }

  #identify(request: Pick<Request, "headers" | "url">): Eventually<Caller> {
    if (this.#isOpen === false) return this.#requireKey(request);
    return chain(this.#isOpen ?? this.#askWhetherOpen(), (isOpen) => {
      if (!isOpen) return this.#requireKey(request);
      checkOpenRequest(request);
      return this.#openCaller;
    });
  }

  #requireKey({ headers }: Pick<Request, "headers">): Eventually<Caller> {
    const credential = readCredential(headers);
    if (credential.kind === "none") throw missing();
    if (credential.kind === "malformed") throw invalid();
    const digest = digestKey(this.#options.pepper, credential.key);
    if (this.#adminDigest !== undefined && isSameDigest(digest, this.#adminDigest)) return this.#environmentCaller;
    const known = this.#cache.get(digest);
    return known === undefined ? this.#ask(digest) : this.#admit(digest, known);
  }

  #ask(digest: string): Eventually<Caller> {
    const generation = this.#generation;
    return chain(this.#options.store.byDigest(digest), (record) => {
      if (generation === this.#generation) this.#cache.set(digest, record);
      return this.#admit(digest, record === undefined ? null : { record, caller: toCaller(record) });
    });
  }

  #admit(digest: string, known: KnownKey | null): Caller {
    const now = this.#options.clock.wall();
    if (known === null || !isSameDigest(digest, known.record.digest) || !stands(known.record, now)) throw invalid();
    this.#lastUse.note(known.record.id, now);
    return known.caller;
  }

  async #askWhetherOpen(): Promise<boolean> {
    const generation = this.#generation;
    const isOpen = (await this.#options.store.list()).length === 0;
    if (generation === this.#generation || !isOpen) this.#isOpen = isOpen;
    return isOpen;
  }

  /** Asks the store now and then whether keys have changed; undefined where there is nothing to wait for. */
  #refresh(): Promise<void> | undefined {
    const now = this.#options.clock.monotonic();
    if (now - this.#checkedAt < pollMilliseconds) return undefined;
    if (this.#check !== undefined) return this.#check;
    const version = this.#options.store.version();
    if (!(version instanceof Promise)) {
      this.#accept(version, now);
      return undefined;
    }
    this.#check = version
      .then((value) => this.#accept(value, now))
      .finally(() => {
        this.#check = undefined;
      });
    return this.#check;
  }

  #accept(version: number, askedAt: number): void {
    this.#checkedAt = askedAt;
    if (version === this.#version) return;
    this.#version = version;
    this.invalidate();
  }
}

const stands = ({ revokedAt, expiresAt }: KeyRecord, now: number): boolean =>
  revokedAt === null && (expiresAt === null || now < expiresAt);

/** An authenticator on a store of keys. */
export const createAuthenticator = (options: AuthenticatorOptions): Authenticator => new StoreAuthenticator(options);
