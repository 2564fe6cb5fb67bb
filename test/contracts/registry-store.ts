import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { ModelRecord, ProviderRecord, RegistryStore } from "../../src/core/ports/registry-store.ts";

export interface OpenedRegistry {
  readonly registry: RegistryStore;
  /** The same objects through another connection. */
  readonly elsewhere: RegistryStore;
  close(): void;
}

const provider = (name: string, settings: ProviderRecord["settings"] = {}): ProviderRecord => ({
  name,
  settings: { kind: "openai", ...settings },
  priority: 10,
  enabled: true,
});
const model: ModelRecord = {
  provider: "one",
  model: "small",
  facts: { contextTokens: 8_000, price: { input: 1, output: 2 } },
  enabled: true,
};

/** What every implementation of RegistryStore does. */
export const describeRegistryStore = (name: string, open: () => OpenedRegistry): void => {
  describe(name, () => {
    let opened: OpenedRegistry;
    let registry: RegistryStore;
    beforeEach(() => {
      opened = open();
      registry = opened.registry;
    });
    afterEach(() => opened.close());
    const stored = async () => (await registry.load("provider"))[0]?.value.settings;
    const shown = async () => (await registry.list("provider"))[0]?.value.settings;

    test("keeps objects of each kind under their names, with revision and times", async () => {
      expect(await registry.put("provider", provider("b"), { at: 1 })).toBe(1);
      expect(await registry.put("provider", provider("a"), { at: 2 })).toBe(1);
      expect(await registry.put("provider", { ...provider("b"), enabled: false }, { at: 3 })).toBe(2);
      await registry.put("model", model, { at: 4 });
      await registry.put("override", { model: "small", facts: { tools: true } }, { at: 5 });
      await registry.put("setting", { name: "route", value: { default: "auto" } }, { at: 6 });
      expect(await registry.load("provider")).toEqual([
        { value: provider("a"), revision: 1, createdAt: 2, updatedAt: 2 },
        { value: { ...provider("b"), enabled: false }, revision: 2, createdAt: 1, updatedAt: 3 },
      ]);
      expect(await registry.list("model")).toEqual([{ value: model, revision: 1, createdAt: 4, updatedAt: 4 }]);
      expect((await registry.list("override"))[0]?.value).toEqual({ model: "small", facts: { tools: true } });
      expect((await registry.list("setting"))[0]?.value.value).toEqual({ default: "auto" });
    });

    test("changes only what is at the revision expected", async () => {
      await registry.put("model", model, { expectedRevision: null, at: 1 });
      const stale = { code: "precondition_failed", param: "If-Match" };
      await expect(registry.put("model", model, { expectedRevision: null, at: 2 })).rejects.toMatchObject(stale);
      await expect(registry.put("model", model, { expectedRevision: 2, at: 2 })).rejects.toMatchObject(stale);
      expect(await registry.put("model", model, { expectedRevision: 1, at: 2 })).toBe(2);
      await expect(registry.remove("model", "one/small", { expectedRevision: 1, at: 3 })).rejects.toMatchObject(stale);
      await registry.remove("model", "one/small", { expectedRevision: 2, at: 3 });
      expect(await registry.list("model")).toEqual([]);
      await expect(registry.remove("model", "one/small", { at: 3 })).rejects.toMatchObject({ code: "not_found" });
      await expect(registry.put("model", model, { expectedRevision: 1, at: 4 })).rejects.toMatchObject(stale);
    });

    test("never lists a secret, and shows references to secrets", async () => {
      const settings = {
        kind: "openai",
        baseUrl: "https://example.org/v1",
        apiKeys: ["sk-canary-1", "env:SECOND"],
        headers: { "X-Any": "canary-2", Authorization: "file:/run/token" },
        options: { clientSecret: "canary-3", retries: 2, nested: [{ access_token: "canary-4" }] },
      };
      await registry.put("provider", provider("one", settings), { at: 1 });
      expect(JSON.stringify(await registry.list("provider"))).not.toContain("canary");
      expect(await shown()).toEqual({
        ...settings,
        apiKeys: ["[secret]", "env:SECOND"],
        headers: { "X-Any": "[secret]", Authorization: "file:/run/token" },
        options: { clientSecret: "[secret]", retries: 2, nested: [{ access_token: "[secret]" }] },
      });
      expect(await stored()).toEqual(settings);
    });

    test("what was listed can be edited and put back without its secrets", async () => {
      await registry.put("provider", provider("one", { apiKey: "sk-1", headers: { a: "x" } }), { at: 1 });
      const edited = { ...(await shown()), baseUrl: "https://example.org" };
      await registry.put("provider", provider("one", edited), { at: 2 });
      expect(await stored()).toEqual({
        kind: "openai",
        apiKey: "sk-1",
        headers: { a: "x" },
        baseUrl: "https://example.org",
      });
      await registry.put("provider", provider("one", { apiKey: "sk-2" }), { at: 3 });
      expect(await stored()).toEqual({ kind: "openai", apiKey: "sk-2" });
    });

    test("the version rises with each change on either side", async () => {
      const versions = [await registry.version()];
      await registry.put("model", model, { at: 1 });
      versions.push(await registry.version());
      await opened.elsewhere.put("model", model, { at: 2 });
      versions.push(await registry.version());
      await registry.remove("model", "one/small", { at: 3 });
      versions.push(await registry.version());
      expect(new Set(versions).size).toBe(4);
      expect(versions).toEqual(versions.toSorted((a, b) => a - b));
      expect(await registry.version()).toBe(versions[3] as number);
      await expect(registry.put("model", model, { expectedRevision: 9, at: 4 })).rejects.toMatchObject({
        code: "precondition_failed",
      });
      expect(await opened.elsewhere.version()).toBe(versions[3] as number);
    });
  });
};
