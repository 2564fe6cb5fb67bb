import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeAuditStore, plainSeal } from "../../../test/contracts/audit-store.ts";
import { GatewayError } from "../../core/errors.ts";
import type { AuditEntry, AuditedChange, AuditJoin } from "../../core/ports/audit.ts";
import type { KeyRecord } from "../../core/ports/key-store.ts";
import { openSqlite } from "../../runtime/sqlite.ts";
import { createSqliteAuditStore } from "./audit-store.ts";
import { createSqliteStores, migrate } from "./index.ts";
import { openFakeBox } from "./testing.ts";

describeAuditStore("sqlite audit", () => {
  const folder = mkdtempSync(join(tmpdir(), "stores-"));
  const path = join(folder, "main.db");
  const [here, there] = [openSqlite({ path }), openSqlite({ path, busyMilliseconds: 1 })];
  migrate(here);
  const close = () => {
    here.close();
    there.close();
    rmSync(folder, { recursive: true });
  };
  return {
    audit: createSqliteAuditStore(here, plainSeal),
    elsewhere: createSqliteAuditStore(there, plainSeal),
    close,
  };
});

const key: KeyRecord = {
  ...{
    id: "key_1",
    name: "one",
    digest: "digest-1",
    suffix: "abcd",
    role: "developer",
    tenant: "default",
    team: null,
    everywhere: false,
    userId: null,
  },
  ...{ allowedAddresses: null, limits: null, profile: null, priority: "normal", revision: 1 },
  ...{ routes: ["fast"], models: null, createdAt: 1_000, expiresAt: null, revokedAt: null, rotatedFrom: null },
  lastUsedAt: null,
};

const setUp = () => {
  const seen: AuditedChange[] = [];
  let committed = 0;
  let isActing = true;
  const audit: AuditJoin = {
    seal: plainSeal,
    entryOf(change): AuditEntry {
      if (!isActing) throw new GatewayError("internal_error", "no act");
      seen.push(change);
      return {
        ...{ time: 1, actor: "a", tenant: "t", action: "x", object: change.object ?? { kind: "?", id: null } },
        ...{ outcome: "ok", code: null, requestId: null, remoteAddress: null, completes: null, changes: "[]" },
      };
    },
    committed: () => {
      committed += 1;
    },
  };
  const database = openSqlite({ path: ":memory:" });
  const stores = createSqliteStores(database, audit, openFakeBox());
  const rows = () => createSqliteAuditStore(database, plainSeal).list({ limit: 100 }).length;
  return {
    stores,
    database,
    seen,
    rows,
    committed: () => committed,
    leave: () => {
      isActing = false;
    },
  };
};

describe("audited stores", () => {
  test("tell what changed in the transaction itself, digests aside", async () => {
    const { stores, seen, rows, committed } = setUp();
    await stores.keys.insert(key);
    await stores.keys.rotate({ id: key.id, replacement: { ...key, id: "key_2", digest: "d2" }, overlapUntil: 5_000 });
    await stores.keys.revoke("key_2", 6_000);
    const settings = { kind: "openai", apiKey: "one" };
    await stores.registry.put("provider", { name: "lab", settings, priority: 1, enabled: true }, { at: 1 });
    await stores.registry.remove("provider", "lab", { at: 1 });
    expect([rows(), committed()]).toEqual([5, 5]);
    const [made, rotated, revoked, put, removed] = seen;
    const fields = {
      name: "one",
      role: "developer",
      routes: ["fast"],
      suffix: "abcd",
      createdAt: "1970-01-01T00:00:01.000Z",
    };
    expect(made).toMatchObject({ object: { kind: "key", id: "key_1" }, before: null, after: fields });
    expect(JSON.stringify(seen)).not.toContain("digest");
    expect(rotated?.after).toMatchObject({ replacedBy: "key_2", expiresAt: "1970-01-01T00:00:05.000Z" });
    expect(revoked).toMatchObject({ object: { id: "key_2" }, after: { revokedAt: "1970-01-01T00:00:06.000Z" } });
    expect(put?.object).toEqual({ kind: "provider", id: "lab" });
    expect(put?.show?.(put.after ?? {})).toMatchObject({ settings: { apiKey: "[secret]" } });
    expect(removed).toMatchObject({ after: null });
  });

  test("a change that is refused has no row of theirs; a use that is noted has none at all", async () => {
    const { stores, rows, committed } = setUp();
    await expect(stores.keys.revoke("key_9", 1)).rejects.toMatchObject({ code: "not_found" });
    await stores.keys.insert(key);
    await expect(stores.keys.insert(key)).rejects.toMatchObject({ code: "conflict" });
    await stores.keys.touch(new Map([[key.id, 5]]));
    expect([rows(), committed()]).toEqual([1, 1]);
  });

  test("change nothing outside of an act", async () => {
    const { stores, rows, leave } = setUp();
    leave();
    await expect(stores.keys.insert(key)).rejects.toMatchObject({ code: "internal_error" });
    const provider = { name: "lab", settings: {}, priority: 1, enabled: true };
    await expect(stores.registry.put("provider", provider, { at: 1 })).rejects.toMatchObject({
      code: "internal_error",
    });
    expect(() => stores.catalogue.replace({ asOf: "2026-01-01", models: [] }, 1)).toThrow("no act");
    expect(await stores.keys.list()).toEqual([]);
    expect(await stores.registry.list("provider")).toEqual([]);
    expect([stores.catalogue.asOf(), rows()]).toEqual([undefined, 0]);
  });

  test("change nothing whose row the table does not take", async () => {
    const { stores, database } = setUp();
    database.exec("CREATE TRIGGER blocked BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'blocked'); END");
    await expect(stores.keys.insert(key)).rejects.toMatchObject({ code: "storage_unavailable" });
    expect(await stores.keys.list()).toEqual([]);
  });
});
