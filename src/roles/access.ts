import { timingSafeEqual } from "node:crypto";
import { readAdminKey } from "../auth/admin-key.ts";
import { type Authenticator, createAuthenticator, platformAdministrator } from "../auth/authenticator.ts";
import { rangesOf } from "../auth/check-scope.ts";
import { GuessCounters } from "../auth/guess-counters.ts";
import { createGuessGuard } from "../auth/guess-guard.ts";
import { createKeyService } from "../auth/key-service.ts";
import { isLoopbackHost } from "../auth/loopback.ts";
import { mayStart } from "../auth/open-access.ts";
import { createOpenCalls, type OpenCalls } from "../auth/open-calls.ts";
import { loadPepper } from "../auth/pepper.ts";
import { rolesOf } from "../auth/roles.ts";
import type { AuthSettings } from "../auth/settings.ts";
import type { TokenVerifier, TokenVerifierOptions } from "../auth/token-verifier.ts";
import type { Caller, Role } from "../core/caller.ts";
import { GatewayError } from "../core/errors.ts";
import type { Permissions } from "../core/permissions.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { DirectoryStore } from "../core/ports/directory-store.ts";
import type { Guesses } from "../core/ports/guesses.ts";
import type { ServerRequest } from "../core/ports/http-server.ts";
import type { KeyStore } from "../core/ports/key-store.ts";
import type { KeyService } from "../core/ports/keys.ts";
import { openExpiryClock } from "./expiry-clock.ts";

export interface AccessOptions {
  readonly store: KeyStore;
  readonly directory: DirectoryStore;
  /** The data folder's path. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The address that is listened on. */
  readonly host: string;
  /** Callers that send it are this machine's administrator: the command line of the same user. */
  readonly localToken: string;
  readonly clock: Clock;
  /** Fetches the keys of an issuer of tokens; absent where this process serves no requests. */
  readonly loadKeys?: TokenVerifierOptions["loadKeys"];
  readonly onKeysFailed?: TokenVerifierOptions["onKeysFailed"];
  /** The configuration's `auth`. */
  readonly settings: AuthSettings;
  /** Counts failures to authenticate for all processes; absent: this one counts its own. */
  readonly guesses?: Guesses | undefined;
  /** True where the program runs already and this is a further process of it: whether it may start is not asked again. */
  readonly isRunning: boolean;
  /** Told of each change of keys, after it is in effect here and before it is answered. */
  readonly onChanged: () => Promise<void>;
}

/** Who is let in. */
export interface Access {
  /** All keys, whoever asks: what a caller may see and change of them is judged elsewhere. */
  readonly keys: KeyService;
  /** Every role, with what it may. */
  roles(): ReadonlyMap<Role, Permissions>;
  /** Puts another configuration in the place of the one before. */
  configure(settings: AuthSettings): Promise<void>;
  readonly pepper: Uint8Array;
  authenticate: Authenticator["authenticate"];
  /** Ends calls when their keys end. */
  readonly openCalls: OpenCalls;
  /** Whether callers need a key, or a token of an issuer. */
  hasKeys(): Promise<boolean>;
  /** How the audit log names a caller: a key's id, `environment`, `local`, or `open` where nobody needs a key. */
  actorOf(caller: Caller): string;
  /** Forgets what is remembered of keys: another process has changed them. */
  forgetKeys(): void;
  flush(): Promise<void>;
}

const localCaller = platformAdministrator(null);

const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** How the header of the command line begins; no key of ours does. */
const localScheme = "Bearer local-";

/** Keys whose every change is told of before it is answered. */
const announced = (keys: KeyService, onChanged: () => Promise<void>): KeyService => {
  const told = async <Result>(result: Promise<Result>): Promise<Result> => {
    const value = await result;
    await onChanged();
    return value;
  };
  return {
    ...keys,
    make: (specification) => told(keys.make(specification)),
    change: (id, change) => told(keys.change(id, change)),
    rotate: (id, options) => told(keys.rotate(id, options)),
    revoke: (id) => told(keys.revoke(id)),
  };
};

/**
 * Opens the gateway to those who may use it. Throws GatewayError `permission_denied` where the address would let
 * strangers in and no key keeps them out; `invalid_value` for an unusable key or pepper from the environment.
 */
export const openAccess = async (options: AccessOptions): Promise<Access> => {
  const { store, directory, folder, environment, host, localToken, clock } = options;
  const adminKey = readAdminKey(environment);
  const pepper = await loadPepper({ directory: folder, environment });
  const expiry = openExpiryClock(clock);
  let roles = rolesOf(options.settings.roles);
  let trustedProxies = rangesOf(options.settings.trustedProxies);
  let { guessing, jwt } = options.settings;
  // An issuer's clock is another one: what it signs now must not be of the future here, and what has ended stays so.
  const tokenClock = { monotonic: clock.monotonic, wall: expiry.latest };
  /** Only who has issuers of tokens needs what takes them. */
  const openTokens = async (): Promise<TokenVerifier | undefined> => {
    const { loadKeys, onKeysFailed = () => undefined } = options;
    if (jwt.length === 0 || loadKeys === undefined) return undefined;
    const { createTokenVerifier } = await import("../auth/token-verifier.ts");
    return createTokenVerifier({
      issuers: jwt,
      roles: () => roles,
      directory,
      clock: tokenClock,
      loadKeys,
      onKeysFailed,
    });
  };
  let tokens = await openTokens();
  const authenticator = createAuthenticator({
    ...{ store, teams: directory, pepper, adminKey, clock: expiry },
    openAccess: isLoopbackHost(host),
    roles: () => roles,
    trustedProxies: () => trustedProxies,
    tokens: () => tokens,
    guard: createGuessGuard({ settings: () => guessing, guesses: options.guesses ?? new GuessCounters(clock), sleep }),
  });
  const openCalls = createOpenCalls({ stillStands: authenticator.stillStands });
  const keys = createKeyService({ store, pepper, clock, onChanged: () => authenticator.invalidate() });
  const hasKeys = async (): Promise<boolean> =>
    adminKey !== undefined || jwt.length > 0 || (await keys.list()).some(({ state }) => state === "active");
  const permission = mayStart({ host, hasKeys: await hasKeys() });
  if (!permission.allowed && !options.isRunning) throw new GatewayError("permission_denied", permission.reason);

  const localHeader = Buffer.from(`${localScheme}${localToken}`);
  const isLocal = (request: Pick<ServerRequest, "headers">): boolean => {
    const header = request.headers.get("authorization");
    if (header === null || !header.startsWith(localScheme)) return false;
    const sent = Buffer.from(header);
    return sent.length === localHeader.length && timingSafeEqual(sent, localHeader);
  };
  return {
    keys: announced(keys, options.onChanged),
    roles: () => roles,
    async configure(settings) {
      roles = rolesOf(settings.roles);
      trustedProxies = rangesOf(settings.trustedProxies);
      guessing = settings.guessing;
      const areSame = JSON.stringify(settings.jwt) === JSON.stringify(jwt);
      jwt = settings.jwt;
      if (areSame) tokens?.forget();
      else tokens = await openTokens();
      authenticator.invalidate();
    },
    pepper,
    authenticate: (request, peer) => (isLocal(request) ? localCaller : authenticator.authenticate(request, peer)),
    openCalls,
    hasKeys,
    actorOf: (caller) => (caller === localCaller ? "local" : (caller.keyId ?? "open")),
    forgetKeys: () => authenticator.invalidate(),
    flush: () => authenticator.flush(),
  };
};
