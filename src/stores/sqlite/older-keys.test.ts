import { expect, test } from "bun:test";
import { openSqlite } from "../../runtime/sqlite.ts";
import { createSqliteStores } from "./index.ts";
import { createAudit } from "./migrations/create-audit.ts";
import { createCatalogue } from "./migrations/create-catalogue.ts";
import { createIdempotency } from "./migrations/create-idempotency.ts";
import { createKeys } from "./migrations/create-keys.ts";
import { createLedger } from "./migrations/create-ledger.ts";
import { createQuarantine } from "./migrations/create-quarantine.ts";
import { createRegistry } from "./migrations/create-registry.ts";
import { keepSoleAttemptsWithCalls } from "./migrations/keep-sole-attempts-with-calls.ts";
import { shareDecisions } from "./migrations/share-decisions.ts";

const before = [
  ...[createLedger, createKeys, createRegistry, createCatalogue, createIdempotency, createQuarantine],
  ...[keepSoleAttemptsWithCalls, shareDecisions, createAudit],
];

const older = (keys: readonly (readonly [id: string, role: string, tenant: string, team: string | null])[]) => {
  const database = openSqlite({ path: ":memory:" });
  for (const step of before) database.exec(step);
  database.exec(`PRAGMA user_version = ${before.length}`);
  for (const [id, role, tenant, team] of keys)
    database
      .prepare(
        "INSERT INTO keys (id, name, digest, suffix, role, tenant, team, created_at) VALUES (?, ?, ?, 'abcd', ?, ?, ?, 5)",
      )
      .run([id, id, `digest ${id}`, role, tenant, team]);
  return createSqliteStores(database);
};

test("keys from before there were tenants keep what they had, and what they name is there", async () => {
  const { keys, directory } = older([
    ["1", "developer", "default", null],
    ["2", "admin", "default", "search"],
    ["3", "admin", "Acme & Co", "search"],
    ["4", "developer", "Acme & Co", "search"],
  ]);
  expect((await keys.list()).map(({ id, role, everywhere, userId }) => ({ id, role, everywhere, userId }))).toEqual([
    { id: "1", role: "developer", everywhere: true, userId: null },
    { id: "2", role: "admin", everywhere: true, userId: null },
    { id: "3", role: "admin", everywhere: true, userId: null },
    { id: "4", role: "developer", everywhere: false, userId: null },
  ]);
  expect(new Set((await keys.list()).map(({ priority }) => priority))).toEqual(new Set(["normal"]));
  const named = async (kind: "tenant" | "team") =>
    (await directory.list(kind, { limit: 10 })).map(({ tenant, id }) => [tenant, id]);
  expect(await named("tenant")).toEqual([
    ["Acme & Co", "Acme & Co"],
    ["default", "default"],
  ]);
  expect(await named("team")).toEqual([
    ["Acme & Co", "search"],
    ["default", "search"],
  ]);
  // As a rotation does: the replacement hangs on the same.
  const old = await keys.byId("4");
  if (old !== undefined) await keys.insert({ ...old, id: "5", digest: "digest 5" });
  expect(await keys.byId("5")).toMatchObject({ tenant: "Acme & Co", team: "search" });
});

test("a database without keys has the default tenant", async () => {
  const { directory } = older([]);
  expect((await directory.list("tenant", { limit: 10 })).map(({ id }) => id)).toEqual(["default"]);
});
