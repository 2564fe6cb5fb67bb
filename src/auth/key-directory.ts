import type { Caller, Role } from "../core/caller.ts";
import type { Permissions } from "../core/permissions.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { DirectoryStore } from "../core/ports/directory-store.ts";
import type { KeyRecord, KeyStore } from "../core/ports/key-store.ts";
import { KeyCache, type KnownKey, toKnownKey } from "./key-cache.ts";

const pollMilliseconds = 250;

/** There at once, or later. */
export type Eventually<Value> = Value | Promise<Value>;

/** Goes on at once where the value is there: a promise on every request would cost more than the look-up. */
export const chain = <Value, Result>(
  value: Eventually<Value>,
  next: (value: Value) => Eventually<Result>,
): Eventually<Result> => (value instanceof Promise ? value.then(next) : next(value));

export interface KeyDirectoryOptions {
  readonly store: Pick<KeyStore, "byDigest" | "list" | "version">;
  /** The teams that keys belong to, whose profiles hold for them; absent: there are none. */
  readonly teams?: Pick<DirectoryStore, "find" | "version"> | undefined;
  readonly clock: Clock;
  readonly cacheSize: number;
  /** What a role may, at this instant; `invalidate` when that changes. */
  readonly permissionsOf: (role: Role) => Permissions;
}

/** The store's keys as they stand, give or take a quarter of a second; remembers what it was told. */
export class KeyDirectory {
  readonly #store: KeyDirectoryOptions["store"];
  readonly #teams: KeyDirectoryOptions["teams"];
  readonly #clock: Clock;
  readonly #cache: KeyCache;
  readonly #permissionsOf: KeyDirectoryOptions["permissionsOf"];
  /** Of each caller that was given out, as long as somebody holds him. */
  readonly #digests = new WeakMap<Caller, string>();
  /** Rises with each change; an answer that was asked for before a change is not remembered after it. */
  #generation = 0;
  #versions: string | undefined;
  #checkedAt = Number.NEGATIVE_INFINITY;
  #check: Promise<void> | undefined;
  #isEmpty: boolean | undefined;

  constructor({ store, teams, clock, cacheSize, permissionsOf }: KeyDirectoryOptions) {
    this.#store = store;
    this.#teams = teams;
    this.#clock = clock;
    this.#cache = new KeyCache(cacheSize);
    this.#permissionsOf = permissionsOf;
  }

  /** Asks the stores now and then whether keys or teams have changed; undefined where there is nothing to wait for. */
  refresh(): Promise<void> | undefined {
    const now = this.#clock.monotonic();
    if (now - this.#checkedAt < pollMilliseconds) return undefined;
    if (this.#check !== undefined) return this.#check;
    const versions = this.#askVersions();
    if (!(versions instanceof Promise)) {
      this.#accept(versions, now);
      return undefined;
    }
    this.#check = versions
      .then((value) => this.#accept(value, now))
      .finally(() => {
        this.#check = undefined;
      });
    return this.#check;
  }

  invalidate(): void {
    this.#generation += 1;
    this.#cache.clear();
    // Where a key was once, there is no way back: revoking the last one must not open the gateway.
    if (this.#isEmpty === true) this.#isEmpty = undefined;
  }

  /** The key of a digest, whether it still stands or not; null where there is none. */
  find(digest: string): Eventually<KnownKey | null> {
    const known = this.#cache.get(digest);
    if (known !== undefined) return known;
    const generation = this.#generation;
    return chain(this.#store.byDigest(digest), (found: KeyRecord | undefined) => {
      // Whatever a store takes for equal, another key's record must not do.
      const record = found?.digest === digest ? found : undefined;
      return chain(this.#complete(record), (answer) => {
        if (generation === this.#generation) this.#cache.set(digest, answer);
        if (answer !== null) this.#digests.set(answer.caller, digest);
        return answer;
      });
    });
  }

  /** The digest of the key that a caller came with; undefined for callers of other kinds. */
  digestOf(caller: Caller): string | undefined {
    return this.#digests.get(caller);
  }

  /** Whether no key was ever made. */
  isEmpty(): Eventually<boolean> {
    return this.#isEmpty ?? this.#askWhetherEmpty();
  }

  async #askWhetherEmpty(): Promise<boolean> {
    const generation = this.#generation;
    const isEmpty = (await this.#store.list()).length === 0;
    if (generation === this.#generation || !isEmpty) this.#isEmpty = isEmpty;
    return isEmpty;
  }

  /** The key with what its team says; null where its team is gone, and what that said with it. */
  #complete(record: KeyRecord | undefined): Eventually<KnownKey | null> {
    if (record === undefined) return null;
    const permissions = this.#permissionsOf(record.role);
    const { tenant, team } = record;
    if (team === null || this.#teams === undefined) return toKnownKey(record, { permissions, teamProfile: null });
    return this.#teams
      .find("team", { tenant, id: team })
      .then((found) =>
        found === undefined ? null : toKnownKey(record, { permissions, teamProfile: found.fields.profile }),
      );
  }

  #askVersions(): Eventually<string> {
    return chain(this.#store.version(), (keys) =>
      this.#teams === undefined ? String(keys) : chain(this.#teams.version(), (teams) => `${keys}/${teams}`),
    );
  }

  #accept(versions: string, askedAt: number): void {
    this.#checkedAt = askedAt;
    if (versions === this.#versions) return;
    this.#versions = versions;
    this.invalidate();
  }
}
