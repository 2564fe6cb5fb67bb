import { createLocalJWKSet, type JSONWebKeySet } from "jose";
import { GatewayError } from "../core/errors.ts";
import type { Clock } from "../core/ports/clock.ts";

type LocalKeys = ReturnType<typeof createLocalJWKSet>;

export interface KeySetOptions {
  /** Fetches the issuer's keys as they are now (RFC 7517, section 5). */
  readonly load: () => Promise<unknown>;
  readonly clock: Pick<Clock, "monotonic">;
  readonly onFailed: (error: unknown) => void;
}

/** An issuer's public keys. Those that are known stay while the issuer cannot be reached. */
export interface KeySet {
  /** Throws `storage_unavailable` where none were ever fetched. */
  current(): LocalKeys | Promise<LocalKeys>;
  /** Fetches them anew, for a key that is not among them; undefined where that was done a moment ago. */
  renew(): Promise<LocalKeys | undefined>;
}

/** Whoever invents key ids must not make us ask for each. */
const leastMilliseconds = 30_000;
/** After a failure it is tried again sooner: nobody of this issuer comes in meanwhile. */
const leastAfterFailure = 5_000;
const oldMilliseconds = 600_000;

const unavailable = (): GatewayError =>
  new GatewayError(
    "storage_unavailable",
    "The keys of the token's issuer cannot be fetched at present. Try again later.",
  );

export const createKeySet = ({ load, clock, onFailed }: KeySetOptions): KeySet => {
  let keys: LocalKeys | undefined;
  let askedAt = Number.NEGATIVE_INFINITY;
  let loading: Promise<LocalKeys | undefined> | undefined;
  const run = async (): Promise<LocalKeys | undefined> => {
    askedAt = clock.monotonic();
    try {
      keys = createLocalJWKSet((await load()) as JSONWebKeySet);
      return keys;
    } catch (error) {
      onFailed(error);
      return undefined;
    } finally {
      loading = undefined;
    }
  };
  /** However many wait, one fetches. */
  const fetchAfter = (milliseconds: number): Promise<LocalKeys | undefined> | undefined => {
    if (loading !== undefined) return loading;
    if (clock.monotonic() - askedAt < milliseconds) return undefined;
    loading = run();
    return loading;
  };
  const first = async (): Promise<LocalKeys> => {
    const fetched = (await fetchAfter(leastAfterFailure)) ?? keys;
    if (fetched === undefined) throw unavailable();
    return fetched;
  };
  return {
    current() {
      if (keys === undefined) return first();
      // Who asks does not wait for it.
      void fetchAfter(oldMilliseconds);
      return keys;
    },
    renew: async () => fetchAfter(leastMilliseconds),
  };
};
