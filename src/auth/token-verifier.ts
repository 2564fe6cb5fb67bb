import { hash, randomBytes } from "node:crypto";
import { decodeJwt, errors, type JWTPayload, type JWTVerifyOptions, jwtVerify } from "jose";
import type { Caller, Role } from "../core/caller.ts";
import { GatewayError } from "../core/errors.ts";
import type { Permissions } from "../core/permissions.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { DirectoryStore } from "../core/ports/directory-store.ts";
import { createKeySet, type KeySet } from "./key-set.ts";
import { tokenCaller } from "./token-caller.ts";
import type { IssuerSettings } from "./token-settings.ts";

export interface TokenVerifierOptions {
  readonly issuers: readonly IssuerSettings[];
  readonly roles: () => ReadonlyMap<Role, Permissions>;
  readonly directory: Pick<DirectoryStore, "find" | "userByExternalId" | "version">;
  readonly clock: Clock;
  /** Fetches an issuer's keys from where its settings say. */
  readonly loadKeys: (settings: IssuerSettings) => Promise<unknown>;
  readonly onKeysFailed: (issuer: string, error: unknown) => void;
}

/** Takes signed tokens of other issuers (RFC 7519) beside keys. */
export interface TokenVerifier {
  /** The caller; at once where the token was verified before. Undefined for every token that is not to be taken. */
  verify(token: string): Caller | Promise<Caller | undefined>;
  /** Whether a caller's token has not expired; undefined for callers of other kinds. */
  stillStands(caller: Caller): boolean | undefined;
  /** Verifies every token anew: roles were changed. */
  forget(): void;
}

interface Verified {
  readonly caller: Caller;
  /** Milliseconds since 1970. */
  readonly until: number;
}

const mostTokens = 10_000;
const pollMilliseconds = 250;

type Keys = Awaited<ReturnType<KeySet["current"]>>;

/** Of several keys that might have signed, each is tried. */
const verifyWith = async (token: string, keys: Keys, options: JWTVerifyOptions): Promise<JWTPayload> => {
  try {
    return (await jwtVerify(token, keys, options)).payload;
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    for await (const key of error) {
      try {
        return (await jwtVerify(token, key, options)).payload;
      } catch (thrown) {
        if (!(thrown instanceof errors.JWSSignatureVerificationFailed)) throw thrown;
      }
    }
    throw new errors.JWSSignatureVerificationFailed();
  }
};

/** The payload of a token that an issuer signed; undefined where it did not, or not for us, or not for this moment. */
const verifyToken = async (
  token: string,
  { settings, keySet, now }: { readonly settings: IssuerSettings; readonly keySet: KeySet; readonly now: number },
): Promise<JWTPayload | undefined> => {
  const { issuer, audience, algorithms, leewaySeconds } = settings;
  const options: JWTVerifyOptions = {
    ...{ issuer, audience: audience as string | string[], algorithms: [...algorithms] },
    ...{ clockTolerance: leewaySeconds, currentDate: new Date(now), requiredClaims: ["exp"] },
  };
  const keys = await keySet.current();
  try {
    try {
      return await verifyWith(token, keys, options);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      const renewed = await keySet.renew();
      if (renewed === undefined) throw error;
      return await verifyWith(token, renewed, options);
    }
  } catch (error) {
    if (error instanceof GatewayError) throw error;
    return undefined;
  }
};

const issuerOf = (token: string): string | undefined => {
  try {
    return decodeJwt(token).iss;
  } catch {
    return undefined;
  }
};

export const createTokenVerifier = (options: TokenVerifierOptions): TokenVerifier => {
  const { issuers, roles, directory, clock, loadKeys, onKeysFailed } = options;
  const known = new Map(
    issuers.map((settings) => {
      const load = () => loadKeys(settings);
      const onFailed = (error: unknown): void => onKeysFailed(settings.issuer, error);
      return [settings.issuer, { settings, keySet: createKeySet({ load, clock, onFailed }) }] as const;
    }),
  );
  const secret = randomBytes(32).toString("base64url");
  /** By the hash of the whole token: those that share a beginning share nothing here. */
  const verified = new Map<string, Verified>();
  const ends = new WeakMap<Caller, number>();
  let generation = 0;
  let version: number | undefined;
  let checkedAt = Number.NEGATIVE_INFINITY;

  const forget = (): void => {
    generation += 1;
    verified.clear();
  };
  const accept = (found: number, askedAt: number): void => {
    checkedAt = askedAt;
    if (version !== found) forget();
    version = found;
  };
  /** Notices now and then that tenants, teams or users were changed. */
  const refresh = (): Promise<void> | undefined => {
    const now = clock.monotonic();
    if (now - checkedAt < pollMilliseconds) return undefined;
    const found = directory.version();
    if (found instanceof Promise) return found.then((value) => accept(value, now));
    accept(found, now);
    return undefined;
  };

  const examine = async (token: string, name: string): Promise<Caller | undefined> => {
    const began = generation;
    const issuer = known.get(issuerOf(token) ?? "");
    if (issuer === undefined) return undefined;
    const now = clock.wall();
    const payload = await verifyToken(token, { ...issuer, now });
    const leeway = issuer.settings.leewaySeconds * 1_000;
    if (payload?.exp === undefined || (payload.iat ?? 0) * 1_000 > now + leeway) return undefined;
    const caller = await tokenCaller(payload, { settings: issuer.settings, roles: roles(), directory });
    if (caller === undefined) return undefined;
    const until = payload.exp * 1_000 + leeway;
    ends.set(caller, until);
    if (began === generation) {
      if (verified.size >= mostTokens) verified.clear();
      verified.set(name, { caller, until });
    }
    return caller;
  };

  const look = (token: string): Caller | Promise<Caller | undefined> => {
    const name = hash("sha256", secret + token, "hex");
    const found = verified.get(name);
    if (found !== undefined && clock.wall() < found.until) return found.caller;
    return examine(token, name);
  };

  return {
    verify(token) {
      const refreshing = refresh();
      return refreshing === undefined ? look(token) : refreshing.then(() => look(token));
    },
    stillStands(caller) {
      const until = ends.get(caller);
      return until === undefined ? undefined : clock.wall() < until;
    },
    forget,
  };
};
