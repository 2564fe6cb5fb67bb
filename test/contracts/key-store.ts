import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { DirectoryStore } from "../../src/core/ports/directory-store.ts";
import type { KeyRecord, KeyStore } from "../../src/core/ports/key-store.ts";

export interface OpenedKeys {
  readonly keys: KeyStore;
  /** The same keys through another connection. */
  readonly elsewhere: KeyStore;
  readonly directory: DirectoryStore;
  close(): void;
}

const key = (id: string, changes: Partial<KeyRecord> = {}): KeyRecord => ({
  id,
  name: `key ${id}`,
  digest: `digest-${id}`,
  suffix: "abcd",
  role: "developer",
  tenant: "default",
  everywhere: false,
  userId: null,
  team: null,
  routes: null,
  models: null,
  createdAt: 1_000,
  expiresAt: null,
  revokedAt: null,
  rotatedFrom: null,
  lastUsedAt: null,
  allowedAddresses: null,
  limits: null,
  profile: null,
  priority: "normal",
  revision: 1,
  ...changes,
});

/** What every implementation of KeyStore does. */
export const describeKeyStore = (name: string, open: () => OpenedKeys): void => {
  describe(name, () => {
    let opened: OpenedKeys;
    let keys: KeyStore;
    beforeEach(() => {
      opened = open();
      keys = opened.keys;
    });
    afterEach(() => opened.close());

    test("gives keys back by id and digest, and lists the oldest first", async () => {
      const scoped = key("b", {
        role: "admin",
        tenant: "t",
        everywhere: true,
        team: "x",
        routes: ["auto"],
        models: [],
        createdAt: 500,
      });
      await opened.directory.create("tenant", { tenant: "t", id: "t", fields: { name: "T" }, at: 1 });
      await opened.directory.create("team", { tenant: "t", id: "x", fields: { name: "X" }, at: 1 });
      await keys.insert(key("a"));
      await keys.insert(scoped);
      expect(await keys.byId("b")).toEqual(scoped);
      expect(await keys.byDigest("digest-b")).toEqual(scoped);
      expect(await keys.byDigest("digest-")).toBeUndefined();
      expect(await keys.byId("c")).toBeUndefined();
      expect(await keys.list()).toEqual([scoped, key("a")]);
      expect(await keys.list({ tenant: "t" })).toEqual([scoped]);
    });

    test.each([
      ["tenant", { tenant: "nowhere" }],
      ["team", { team: "nowhere" }],
      ["userId", { userId: "user_nowhere" }],
    ])("refuses a %s that is not there", async (param, changes) => {
      await expect(keys.insert(key("a", changes))).rejects.toMatchObject({ code: "invalid_value", param });
      expect(await keys.list()).toEqual([]);
    });

    test("refuses an id or a digest that is taken", async () => {
      await keys.insert(key("a"));
      await expect(keys.insert(key("a", { digest: "new" }))).rejects.toMatchObject({ code: "conflict" });
      await expect(keys.insert(key("b", { digest: "digest-a" }))).rejects.toMatchObject({ code: "conflict" });
      expect(await keys.list()).toHaveLength(1);
    });

    test("revokes once; unknown keys are not found", async () => {
      await keys.insert(key("a"));
      expect(await keys.revoke("a", 2_000)).toEqual(key("a", { revokedAt: 2_000, revision: 2 }));
      expect((await keys.revoke("a", 3_000)).revokedAt).toBe(2_000);
      await expect(keys.revoke("b", 1)).rejects.toMatchObject({ code: "not_found" });
    });

    test("changes a key from the revision that was read, and no other", async () => {
      await keys.insert(key("a"));
      const change = {
        ...{ name: "other", routes: ["auto"], allowedAddresses: ["10.0.0.0/8"], limits: [{ concurrent: 2 }] },
        profile: { model: "m" },
      };
      expect(await keys.change("a", change, 1)).toEqual(key("a", { ...change, revision: 2 }));
      await expect(keys.change("a", { name: "late" }, 1)).rejects.toMatchObject({ code: "precondition_failed" });
      await expect(keys.change("a", { team: "nowhere" }, 2)).rejects.toMatchObject({ code: "invalid_value" });
      await expect(keys.change("b", { name: "x" }, 1)).rejects.toMatchObject({ code: "not_found" });
      const stale = { id: "a", replacement: key("c"), overlapUntil: 5_000, expectedRevision: 1 };
      await expect(keys.rotate(stale)).rejects.toMatchObject({ code: "precondition_failed" });
      await keys.revoke("a", 2_000);
      await expect(keys.change("a", { name: "x" }, 3)).rejects.toMatchObject({ code: "conflict" });
      expect(await keys.byId("a")).toEqual(key("a", { ...change, revokedAt: 2_000, revision: 3 }));
    });

    test("rotates with an overlap that never lengthens a key's life", async () => {
      await keys.insert(key("a"));
      await keys.insert(key("soon", { expiresAt: 1_500 }));
      await keys.rotate({ id: "a", replacement: key("b"), overlapUntil: 5_000 });
      await keys.rotate({ id: "soon", replacement: key("c"), overlapUntil: 5_000 });
      expect(await keys.byId("a")).toEqual(key("a", { expiresAt: 5_000, revision: 2 }));
      expect(await keys.byId("b")).toEqual(key("b", { rotatedFrom: "a" }));
      expect((await keys.byId("soon"))?.expiresAt).toBe(1_500);
    });

    test("a key has one successor", async () => {
      await keys.insert(key("twice"));
      await keys.rotate({ id: "twice", replacement: key("first"), overlapUntil: 5_000 });
      await expect(keys.rotate({ id: "twice", replacement: key("second"), overlapUntil: 5_000 })).rejects.toMatchObject(
        {
          code: "conflict",
        },
      );
      expect(await keys.byId("second")).toBeUndefined();
    });

    test("a rotation that fails changes nothing", async () => {
      await keys.insert(key("a"));
      await keys.insert(key("taken"));
      const rotate = (id: string) => keys.rotate({ id, replacement: key("taken"), overlapUntil: 5_000 });
      await expect(rotate("a")).rejects.toMatchObject({ code: "conflict" });
      expect(await keys.byId("a")).toEqual(key("a"));
      await keys.revoke("a", 2_000);
      await expect(keys.rotate({ id: "a", replacement: key("b"), overlapUntil: 1 })).rejects.toMatchObject({
        code: "conflict",
      });
      await expect(rotate("unknown")).rejects.toMatchObject({ code: "not_found" });
      expect(await keys.byId("b")).toBeUndefined();
    });

    test("notes the last use, and never an older one", async () => {
      await keys.insert(key("a"));
      await keys.touch(
        new Map([
          ["a", 3_000],
          ["unknown", 1],
        ]),
      );
      await keys.touch(new Map([["a", 2_000]]));
      await keys.touch(new Map());
      expect((await keys.byId("a"))?.lastUsedAt).toBe(3_000);
    });

    test("the version rises with changes, on either side, and not with uses", async () => {
      const versions: number[] = [await keys.version()];
      const rises = async () => {
        versions.push(await keys.version());
        const [before, after] = versions.slice(-2) as [number, number];
        return after > before;
      };
      await keys.insert(key("a"));
      expect(await rises()).toBe(true);
      await opened.elsewhere.insert(key("b"));
      expect(await rises()).toBe(true);
      await keys.revoke("a", 1);
      expect(await rises()).toBe(true);
      await keys.touch(new Map([["b", 3]]));
      await opened.elsewhere.touch(new Map([["b", 4]]));
      expect(await rises()).toBe(false);
      expect(await opened.elsewhere.version()).toBe(await keys.version());
    });
  });
};
