import { GatewayError } from "../core/errors.ts";
import type { KeyChange, KeyRecord, KeyStore } from "../core/ports/key-store.ts";

/** A store of keys in memory, for tests: answers at once or later, counts look-ups, can be away. */
export class FakeKeyStore implements KeyStore {
  readonly records = new Map<string, KeyRecord>();
  readonly touched: ReadonlyMap<string, number>[] = [];
  lookups = 0;
  polls = 0;
  isAway = false;
  /** Set where a look-up is to be answered only when this resolves. */
  gate: Promise<void> | undefined;
  #version = 0;

  constructor(readonly manner: "at once" | "later" = "at once") {}

  insert = async (record: KeyRecord): Promise<void> => this.#put(record);
  list = async (): Promise<readonly KeyRecord[]> => [...this.records.values()];
  byId = async (id: string): Promise<KeyRecord | undefined> => this.records.get(id);

  byDigest(digest: string): KeyRecord | undefined | Promise<KeyRecord | undefined> {
    this.lookups += 1;
    const found = [...this.records.values()].find((record) => record.digest === digest);
    if (this.gate !== undefined) return this.gate.then(() => found);
    return this.manner === "later" ? Promise.resolve(found) : found;
  }

  async change(id: string, change: KeyChange, expectedRevision: number): Promise<KeyRecord> {
    const record = this.#demand(id);
    if (record.revision !== expectedRevision) throw new GatewayError("precondition_failed", "It was changed.");
    this.#put({ ...record, ...change, revision: record.revision + 1 });
    return this.#demand(id);
  }

  async revoke(id: string, at: number): Promise<KeyRecord> {
    const record = this.#demand(id);
    if (record.revokedAt === null) this.#put({ ...record, revokedAt: at });
    return this.#demand(id);
  }

  async rotate({ id, replacement, overlapUntil }: Parameters<KeyStore["rotate"]>[0]): Promise<void> {
    const old = this.#demand(id);
    this.#put({ ...old, expiresAt: Math.min(old.expiresAt ?? overlapUntil, overlapUntil) });
    this.#put(replacement);
  }

  async touch(uses: ReadonlyMap<string, number>): Promise<void> {
    if (this.isAway) throw new GatewayError("storage_unavailable", "The database is away.");
    this.touched.push(uses);
  }

  version(): number | Promise<number> {
    this.polls += 1;
    if (this.isAway) throw new GatewayError("storage_unavailable", "The database is away.");
    return this.manner === "later" ? Promise.resolve(this.#version) : this.#version;
  }

  #put(record: KeyRecord): void {
    this.records.set(record.id, record);
    this.#version += 1;
  }

  #demand(id: string): KeyRecord {
    const record = this.records.get(id);
    if (record === undefined) throw new GatewayError("not_found", "There is no such key.");
    return record;
  }
}
