import { type AddressRange, holds } from "../core/address-range.ts";
import type { Caller, Role } from "../core/caller.ts";
import { defaultTenant } from "../core/default-tenant.ts";
import { GatewayError } from "../core/errors.ts";
import { allPermissions, type Permissions } from "../core/permissions.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { DirectoryStore } from "../core/ports/directory-store.ts";
import type { ServerRequest } from "../core/ports/http-server.ts";
import type { KeyRecord, KeyStore } from "../core/ports/key-store.ts";
import type { Pepper } from "./api-key.ts";
import { clientAddress, type Peer } from "./client-address.ts";
import { readCredential } from "./credential.ts";
import type { GuessGuard } from "./guess-guard.ts";
import type { KnownKey } from "./key-cache.ts";
import { createKeyDigester } from "./key-digester.ts";
import { chain, type Eventually, KeyDirectory } from "./key-directory.ts";
import { LastUse } from "./last-use.ts";
import { checkOpenRequest } from "./open-access.ts";
import { builtInRoles, permissionsOf } from "./roles.ts";
import type { TokenVerifier } from "./token-verifier.ts";

/** Stands in the ledger for the administrator's key from the environment, which is in no store. */
export const environmentKeyId = "environment";

const defaultCacheSize = 10_000;

export interface AuthenticatorOptions {
  readonly store: Pick<KeyStore, "byDigest" | "list" | "touch" | "version">;
  /** The teams that keys belong to, whose profiles hold for them; absent: there are none. */
  readonly teams?: Pick<DirectoryStore, "find" | "version">;
  readonly pepper: Pepper;
  /** The administrator's key from the environment, as `readAdminKey` gives it. */
  readonly adminKey?: string | undefined;
  /** Whether callers need no key while none exists; only where the gateway listens on loopback. */
  readonly openAccess: boolean;
  readonly clock: Clock;
  /** Proxies whose word about the client's address counts; none where absent. */
  readonly trustedProxies?: () => readonly AddressRange[];
  /** The roles of this instant; the program's own where absent. `invalidate` when they change. */
  readonly roles?: () => ReadonlyMap<Role, Permissions>;
  /** Takes signed tokens beside keys; absent where no issuer is configured. */
  readonly tokens?: () => TokenVerifier | undefined;
  /** Told of failures, to slow down who tries keys out; absent: nobody is. */
  readonly guard?: GuessGuard;
  /** Digests to remember, known and unknown ones each. */
  readonly cacheSize?: number;
}

/** What is read of a request to find out who sent it. */
export type IncomingHead = Pick<ServerRequest, "headers" | "url">;

/** Finds out who calls, on the way of every request. */
export interface Authenticator {
  /**
   * The caller; at once where the answer is remembered or the store answers at once. Throws (or rejects with)
   * `missing_api_key`, `invalid_api_key` for unknown, revoked, expired and misplaced keys alike, `forbidden_origin`,
   * `rate_limit_exceeded` for failures of who tries keys out, or
   * `storage_unavailable` where the store cannot say whether a key still stands.
   */
  authenticate(request: IncomingHead, peer: Peer): Caller | Promise<Caller>;
  /** Whether a caller of before would still be let in; asks the store at most as often as calls do. */
  stillStands(caller: Caller): boolean | Promise<boolean>;
  /** Forgets what is remembered: call it when keys were changed. */
  invalidate(): void;
  /** Writes the last uses that are noted; call it before the store closes. */
  flush(): Promise<void>;
}

const missing = (): GatewayError =>
  new GatewayError("missing_api_key", "No API key was sent. Send 'Authorization: Bearer <key>' or 'x-api-key: <key>'.");
const invalid = (): GatewayError =>
  new GatewayError(
    "invalid_api_key",
    "The API key is not valid: it is unknown, expired, revoked, or not for this address. Check it, or ask for a new one.",
  );

/** Somebody whom no store knows, and who may everything. */
export const platformAdministrator = (keyId: string | null): Caller => ({
  tenant: defaultTenant,
  team: null,
  keyId,
  userId: null,
  role: "admin",
  permissions: allPermissions,
  everywhere: true,
  routes: null,
  models: null,
});

const stands = ({ revokedAt, expiresAt }: KeyRecord, now: number): boolean =>
  revokedAt === null && (expiresAt === null || now < expiresAt);

/** An authenticator on a store of keys. */
export const createAuthenticator = (options: AuthenticatorOptions): Authenticator => {
  const { store, pepper, adminKey, clock, cacheSize = defaultCacheSize, roles = () => builtInRoles } = options;
  const { teams, trustedProxies = () => [], tokens = () => undefined, guard } = options;
  const directory = new KeyDirectory({
    store,
    teams,
    clock,
    cacheSize,
    permissionsOf: (role) => permissionsOf(roles(), role),
  });
  const lastUse = new LastUse(store);
  const digest = createKeyDigester(pepper, cacheSize);
  const adminDigest = adminKey === undefined ? undefined : digest(adminKey);
  const mayBeOpen = options.openAccess && adminKey === undefined;
  const environmentCaller = platformAdministrator(environmentKeyId);
  const openCaller = platformAdministrator(null);

  const isInPlace = ({ addresses }: KnownKey, request: IncomingHead, peer: Peer): boolean => {
    if (addresses === undefined) return true;
    const address = clientAddress(request, peer, trustedProxies());
    return address !== undefined && addresses.some((range) => holds(range, address));
  };

  const admit = (known: KnownKey | null, request: IncomingHead, peer: Peer): Caller => {
    const now = clock.wall();
    if (known === null || !stands(known.record, now) || !isInPlace(known, request, peer)) throw invalid();
    lastUse.note(known.record.id, now);
    return known.caller;
  };

  const requireKey = (request: IncomingHead, peer: Peer): Eventually<Caller> => {
    const verifier = tokens();
    const credential = readCredential(request.headers, verifier === undefined ? "unknown" : "taken");
    if (credential.kind === "none") throw missing();
    if (credential.kind === "malformed") throw invalid();
    if (credential.kind === "token")
      return chain(verifier?.verify(credential.token), (caller) => {
        if (caller === undefined) throw invalid();
        return caller;
      });
    const sent = digest(credential.key);
    if (sent === adminDigest) return environmentCaller;
    const known = directory.find(sent);
    // A closure for each request would cost as much as the look-up.
    return known instanceof Promise ? known.then((found) => admit(found, request, peer)) : admit(known, request, peer);
  };

  const identify = (request: IncomingHead, peer: Peer): Eventually<Caller> => {
    if (!mayBeOpen || tokens() !== undefined) return requireKey(request, peer);
    return chain(directory.isEmpty(), (isEmpty) => {
      if (!isEmpty) return requireKey(request, peer);
      checkOpenRequest(request);
      return openCaller;
    });
  };

  /** Throws what is to be answered, at once or after a while. */
  const refused = (thrown: unknown, request: IncomingHead, peer: Peer): Eventually<never> => {
    if (guard === undefined || !(thrown instanceof GatewayError) || thrown.code !== "invalid_api_key") throw thrown;
    return chain(guard.failed(clientAddress(request, peer, trustedProxies()), thrown), (answer) => {
      throw answer;
    });
  };

  return {
    authenticate(request, peer) {
      try {
        const refreshing = directory.refresh();
        const caller =
          refreshing === undefined ? identify(request, peer) : refreshing.then(() => identify(request, peer));
        return caller instanceof Promise ? caller.catch((thrown: unknown) => refused(thrown, request, peer)) : caller;
      } catch (thrown) {
        return refused(thrown, request, peer);
      }
    },
    stillStands(caller) {
      const ofToken = tokens()?.stillStands(caller);
      if (ofToken !== undefined) return ofToken;
      const digest = directory.digestOf(caller);
      if (digest === undefined) return true;
      const look = (): Eventually<boolean> =>
        chain(directory.find(digest), (known) => known !== null && stands(known.record, clock.wall()));
      const refreshing = directory.refresh();
      return refreshing === undefined ? look() : refreshing.then(look);
    },
    invalidate: () => directory.invalidate(),
    flush: () => lastUse.flush(),
  };
};
