import { randomBytes } from "node:crypto";
import { parseAddressRange } from "../core/address-range.ts";
import { defaultTenant } from "../core/default-tenant.ts";
import { GatewayError } from "../core/errors.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { KeyRecord, KeyStore } from "../core/ports/key-store.ts";
import type { KeyService, KeySpecification, KeyState, KeyView } from "../core/ports/keys.ts";
import { usualPriority } from "../core/priority.ts";
import { digestKey, generateKey, keySuffix, type Pepper } from "./api-key.ts";

export interface KeyServiceOptions {
  readonly store: KeyStore;
  readonly pepper: Pepper;
  readonly clock: Clock;
  /** Told after each change, before it is answered: the authenticator's `invalidate`. */
  readonly onChanged: () => void;
}

const longestName = 100;
const newKeyId = (): string => `key_${randomBytes(9).toString("base64url")}`;

const stateOf = ({ revokedAt, expiresAt }: KeyRecord, now: number): KeyState => {
  if (revokedAt !== null) return "revoked";
  return expiresAt !== null && expiresAt <= now ? "expired" : "active";
};

const viewOf = (record: KeyRecord, now: number): KeyView => {
  const { digest: _, ...rest } = record;
  return { ...rest, state: stateOf(record, now) };
};

const checkSpecification = (specification: KeySpecification, now: number): void => {
  const { name, routes, models, expiresAt, allowedAddresses, limits } = specification;
  const refuse = (param: string, reason: string): never => {
    throw new GatewayError("invalid_value", `Invalid value for '${param}': ${reason}.`, { param });
  };
  if (name.trim() === "") refuse("name", "a key needs a name, so that people know what it is for");
  if (name.length > longestName) refuse("name", `at most ${longestName} characters`);
  if (/\p{Cc}/u.test(name)) refuse("name", "control characters are not allowed");
  if (routes?.length === 0) refuse("routes", "an empty list would allow nothing; leave it out to allow all routes");
  if (models?.length === 0) refuse("models", "an empty list would allow nothing; leave it out to allow all models");
  for (const [index, text] of (allowedAddresses ?? []).entries())
    if (parseAddressRange(text) === undefined)
      refuse(`allowedAddresses.${index}`, "expected an address or a range such as 10.0.0.0/8 or 2001:db8::/32");
  if (allowedAddresses?.length === 0)
    refuse("allowedAddresses", "an empty list would allow nothing; leave it out to allow all addresses");
  if (limits?.length === 0) refuse("limits", "an empty list limits nothing; leave it out");
  if (typeof expiresAt === "number" && !(expiresAt > now)) refuse("expiresAt", "the time has passed already");
};

/** A service for keys on their store. */
export const createKeyService = ({ store, pepper, clock, onChanged }: KeyServiceOptions): KeyService => {
  const newRecord = (specification: KeySpecification, now: number): { key: string; record: KeyRecord } => {
    const key = generateKey();
    const { name, role, tenant, everywhere, team, userId, routes, models, expiresAt } = specification;
    const { allowedAddresses, limits, profile, priority } = specification;
    const record: KeyRecord = {
      id: newKeyId(),
      name: name.trim(),
      digest: digestKey(pepper, key),
      suffix: keySuffix(key),
      role: role ?? "developer",
      tenant: tenant ?? defaultTenant,
      everywhere: everywhere ?? false,
      team: team ?? null,
      userId: userId ?? null,
      routes: routes ?? null,
      models: models ?? null,
      allowedAddresses: allowedAddresses ?? null,
      limits: limits ?? null,
      profile: profile ?? null,
      priority: priority ?? usualPriority,
      createdAt: now,
      expiresAt: expiresAt ?? null,
      revokedAt: null,
      rotatedFrom: null,
      lastUsedAt: null,
      revision: 1,
    };
    return { key, record };
  };

  const find = async (id: string): Promise<KeyRecord> => {
    const record = await store.byId(id);
    if (record === undefined)
      throw new GatewayError("not_found", "There is no key with this id. List them to see which there are.");
    return record;
  };

  /** A key that has ended, or another has taken its place, stays as it is: a change could bring it back to life. */
  const demandCurrent = async (old: KeyRecord, now: number): Promise<void> => {
    const state = stateOf(old, now);
    if (state !== "active") throw new GatewayError("conflict", `The key is ${state} and stays so. Make a new one.`);
    const replacement = (await store.list()).find(({ rotatedFrom }) => rotatedFrom === old.id);
    if (replacement === undefined) return;
    throw new GatewayError("conflict", `The key was rotated already; ${replacement.id} took its place. Use that one.`);
  };

  return {
    async make(specification) {
      const now = clock.wall();
      checkSpecification(specification, now);
      const { key, record } = newRecord(specification, now);
      await store.insert(record);
      onChanged();
      return { ...viewOf(record, now), key };
    },
    async list(filter) {
      const now = clock.wall();
      return (await store.list(filter)).map((record) => viewOf(record, now));
    },
    async get(id) {
      return viewOf(await find(id), clock.wall());
    },
    async rotate(id, { overlapSeconds = 0, expectedRevision } = {}) {
      const now = clock.wall();
      if (!(overlapSeconds >= 0))
        throw new GatewayError("invalid_value", "Invalid value for 'overlapSeconds': 0 or more.", {
          param: "overlapSeconds",
        });
      const old = await find(id);
      await demandCurrent(old, now);
      const expiresAt = old.expiresAt === null ? null : now + (old.expiresAt - old.createdAt);
      const { key, record } = newRecord({ ...old, expiresAt }, now);
      const replacement = { ...record, rotatedFrom: old.id };
      await store.rotate({ id, replacement, overlapUntil: now + Math.round(overlapSeconds * 1_000), expectedRevision });
      onChanged();
      return { ...viewOf(replacement, now), key };
    },
    async change(id, { expectedRevision, ...change }) {
      const now = clock.wall();
      const old = await find(id);
      await demandCurrent(old, now);
      const changed = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
      checkSpecification({ ...old, expiresAt: undefined, ...changed }, now);
      const record = await store.change(id, changed, expectedRevision);
      onChanged();
      return viewOf(record, now);
    },
    async revoke(id) {
      const now = clock.wall();
      await find(id);
      const record = await store.revoke(id, now);
      onChanged();
      return viewOf(record, now);
    },
  };
};
