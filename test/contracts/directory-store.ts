import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { DirectoryStore, UserFields } from "../../src/core/ports/directory-store.ts";
import type { KeyRecord, KeyStore } from "../../src/core/ports/key-store.ts";

export interface OpenedDirectory {
  readonly directory: DirectoryStore;
  /** The same through another connection. */
  readonly elsewhere: DirectoryStore;
  readonly keys: KeyStore;
  close(): void;
}

const user = (changes: Partial<UserFields> = {}): UserFields => ({
  ...{ name: "Ada", email: null, externalId: null, role: null, teams: [] },
  ...changes,
});

const keyOf = (changes: Partial<KeyRecord>): KeyRecord => ({
  ...{ id: "key_1", name: "one", digest: "d1", suffix: "abcd", role: "developer", tenant: "acme", team: null },
  ...{ userId: null, everywhere: false, routes: null, models: null, createdAt: 1, expiresAt: null, revokedAt: null },
  ...{
    rotatedFrom: null,
    lastUsedAt: null,
    allowedAddresses: null,
    limits: null,
    profile: null,
    priority: "normal",
    revision: 1,
  },
  ...changes,
});

/** What every implementation of DirectoryStore does. */
export const describeDirectoryStore = (name: string, open: () => OpenedDirectory): void => {
  describe(name, () => {
    let opened: OpenedDirectory;
    let directory: DirectoryStore;
    const acme = { tenant: "acme", id: "acme" };
    const makeTenant = (id: string) => directory.create("tenant", { tenant: id, id, fields: { name: id }, at: 10 });
    const makeTeam = (id: string) => directory.create("team", { tenant: "acme", id, fields: { name: id }, at: 10 });
    const makeUser = (id: string, changes: Partial<UserFields> = {}) =>
      directory.create("user", { tenant: "acme", id, fields: user(changes), at: 10 });
    beforeEach(async () => {
      opened = open();
      directory = opened.directory;
      await makeTenant("acme");
    });
    afterEach(() => opened.close());

    test("has the default tenant from the start", async () => {
      expect(await directory.find("tenant", { tenant: "default", id: "default" })).toMatchObject({ revision: 1 });
      await expect(directory.remove("tenant", { tenant: "default", id: "default" }, { at: 20 })).rejects.toMatchObject({
        code: "conflict",
      });
    });

    test("keeps what it was given, with revision and times", async () => {
      await makeTeam("search");
      const fields = user({ email: "ada@acme.example", externalId: "ada", role: "viewer", teams: ["search"] });
      const made = await makeUser("user_1", fields);
      expect(made).toEqual({ tenant: "acme", id: "user_1", fields, revision: 1, createdAt: 10, updatedAt: 10 });
      expect(await opened.elsewhere.find("user", made)).toEqual(made);
      expect(await directory.userByExternalId("acme", "ada")).toEqual(made);
      expect(await directory.userByExternalId("default", "ada")).toBeUndefined();
      const profile = { deniedModels: ["m"], routing: false };
      const team = await directory.create("team", { tenant: "acme", id: "t", fields: { name: "t", profile }, at: 10 });
      expect((await opened.elsewhere.find("team", team))?.fields).toEqual({ name: "t", profile });
      const changed = await directory.change("user", made, { fields: user(), expectedRevision: 1, at: 30 });
      expect(changed).toEqual({ ...made, fields: user(), revision: 2, updatedAt: 30 });
    });

    test("lists a page at a time, by tenant or all", async () => {
      for (const id of ["c", "a", "b"]) await makeTeam(id);
      await makeTenant("beta");
      await directory.create("team", { tenant: "beta", id: "a", fields: { name: "a" }, at: 1 });
      const idsOf = (entries: readonly { tenant: string; id: string }[]) =>
        entries.map((one) => `${one.tenant}/${one.id}`);
      const first = await directory.list("team", { tenant: "acme", limit: 2 });
      expect(idsOf(first)).toEqual(["acme/a", "acme/b"]);
      expect(idsOf(await directory.list("team", { tenant: "acme", after: first[1], limit: 2 }))).toEqual(["acme/c"]);
      expect(idsOf(await directory.list("team", { after: first[1], limit: 5 }))).toEqual(["acme/c", "beta/a"]);
      expect(idsOf(await directory.list("tenant", { tenant: "acme", limit: 5 }))).toEqual(["acme/acme"]);
      expect(idsOf(await directory.list("tenant", { limit: 5 }))).toEqual([
        "acme/acme",
        "beta/beta",
        "default/default",
      ]);
    });

    test("takes no id and no external id twice within a tenant", async () => {
      await makeUser("user_1", { externalId: "ada" });
      await makeUser("user_2", { externalId: "bob" });
      await expect(makeUser("user_1")).rejects.toMatchObject({ code: "conflict" });
      await expect(makeUser("user_3", { externalId: "ada" })).rejects.toMatchObject({ code: "conflict" });
      await expect(
        directory.change("user", { tenant: "acme", id: "user_2" }, { fields: user({ externalId: "ada" }), at: 20 }),
      ).rejects.toMatchObject({ code: "conflict" });
      expect((await directory.find("user", { tenant: "acme", id: "user_2" }))?.revision).toBe(1);
      await makeTenant("beta");
      await directory.create("user", { tenant: "beta", id: "user_1", fields: user({ externalId: "ada" }), at: 1 });
    });

    test("refuses what would hang on nothing", async () => {
      await expect(
        directory.create("team", { tenant: "nowhere", id: "a", fields: { name: "a" }, at: 1 }),
      ).rejects.toMatchObject({ code: "invalid_value", param: "tenant" });
      await expect(makeUser("user_1", { teams: ["nowhere"] })).rejects.toMatchObject({
        code: "invalid_value",
        param: "teams",
      });
    });

    test("changes and removes only what is at the revision expected", async () => {
      const stale = { expectedRevision: 7, at: 20 };
      await expect(directory.change("tenant", acme, { ...stale, fields: { name: "x" } })).rejects.toMatchObject({
        code: "precondition_failed",
      });
      await expect(directory.remove("tenant", acme, stale)).rejects.toMatchObject({ code: "precondition_failed" });
      await expect(
        directory.change("team", { tenant: "acme", id: "nowhere" }, { fields: { name: "x" }, at: 1 }),
      ).rejects.toMatchObject({ code: "not_found" });
      await directory.remove("tenant", acme, { expectedRevision: 1, at: 20 });
      expect(await directory.find("tenant", acme)).toBeUndefined();
    });

    test("removes nothing that something hangs on", async () => {
      const team = { tenant: "acme", id: "search" };
      const ada = { tenant: "acme", id: "user_1" };
      const isKept = (kind: "tenant" | "team" | "user", place: typeof team) =>
        expect(directory.remove(kind, place, { at: 20 })).rejects.toMatchObject({ code: "conflict" });
      await makeTeam("search");
      await isKept("tenant", acme);
      await makeUser("user_1", { teams: ["search"] });
      await isKept("team", team);
      await directory.change("user", ada, { fields: user(), at: 20 });
      await opened.keys.insert(keyOf({ team: "search", userId: "user_1", expiresAt: 50 }));
      await isKept("team", team);
      await isKept("user", ada);
      // A key that has ended holds nothing.
      await directory.remove("team", team, { at: 50 });
      await opened.keys.revoke("key_1", 20);
      await directory.remove("user", ada, { at: 20 });
      await directory.remove("tenant", acme, { at: 20 });
    });

    test("the version rises with each change, on either side", async () => {
      const before = await directory.version();
      await opened.elsewhere.create("tenant", { tenant: "beta", id: "beta", fields: { name: "b" }, at: 1 });
      const after = await directory.version();
      expect(after).toBeGreaterThan(before);
      await directory.remove("tenant", { tenant: "beta", id: "beta" }, { at: 2 });
      expect(await opened.elsewhere.version()).toBeGreaterThan(after);
    });
  });
};
