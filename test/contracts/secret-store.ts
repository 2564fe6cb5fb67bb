import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { RegistryStore } from "../../src/core/ports/registry-store.ts";
import type { SecretStore } from "../../src/core/ports/secret-store.ts";

export interface OpenedSecrets {
  readonly secrets: SecretStore;
  readonly registry: RegistryStore;
  /** The ids of the master keys that there are, newest first; the box follows what becomes of it. */
  readonly keys: string[];
  /** Changes what stands in the database, past the stores. */
  setSettings(provider: string, settings: object): void;
  settingsOf(provider: string): string;
  close(): void;
}

const settings = (apiKey: string) => ({
  kind: "openai",
  baseUrl: "https://example.org/v1",
  apiKey,
  options: { retries: 2 },
});
const provider = (name: string, apiKey: string) => ({ name, settings: settings(apiKey), priority: 10, enabled: true });

/** What every implementation of SecretStore does. */
export const describeSecretStore = (name: string, open: () => OpenedSecrets): void => {
  describe(name, () => {
    let opened: OpenedSecrets;
    beforeEach(async () => {
      opened = open();
      await opened.registry.put("provider", provider("one", "canary-one"), { at: 1 });
      await opened.registry.put("provider", provider("two", "canary-two"), { at: 1 });
      await opened.registry.put("provider", provider("referring", "env:ONE"), { at: 1 });
    });
    afterEach(() => opened.close());
    const loaded = async () =>
      Object.fromEntries(
        (await opened.registry.load("provider")).map(({ value, unreadable }) => [
          value.name,
          unreadable === undefined ? value.settings["apiKey"] : "unreadable",
        ]),
      );
    const all = { one: "canary-one", two: "canary-two", referring: "env:ONE" };

    test("secrets stand encrypted, references and all else as they are", async () => {
      expect(opened.secrets.list()).toEqual([
        { provider: "one", masterKey: "k1" },
        { provider: "two", masterKey: "k1" },
      ]);
      expect(opened.settingsOf("one")).not.toContain("canary");
      expect(opened.settingsOf("one")).toContain("https://example.org/v1");
      expect(opened.settingsOf("referring")).toContain("env:ONE");
      expect(await loaded()).toEqual(all);
    });

    test("a secret that is left alone or given again stays as it stands; another one does not", async () => {
      const before = opened.settingsOf("one");
      for (const key of ["[secret]", "canary-one"]) {
        await opened.registry.put("provider", provider("one", key), { at: 2 });
        expect(opened.settingsOf("one")).toBe(before);
      }
      await opened.registry.put("provider", provider("one", "canary-new"), { at: 3 });
      expect(opened.settingsOf("one")).not.toBe(before);
      expect((await loaded())["one"]).toBe("canary-new");
    });

    test("what stood as text is encrypted, what was under another key is moved, and revisions stay", async () => {
      opened.setSettings("two", settings("plain-canary"));
      expect(opened.secrets.list()).toContainEqual({ provider: "two", masterKey: null });
      expect(opened.secrets.reseal(() => void opened.keys.unshift("k2"))).toEqual({ encrypted: 1, moved: 1 });
      expect(opened.secrets.reseal()).toEqual({ encrypted: 0, moved: 0 });
      opened.keys.pop();
      expect(await loaded()).toEqual({ ...all, two: "plain-canary" });
      expect(opened.settingsOf("two")).not.toContain("canary");
      expect((await opened.registry.load("provider")).map(({ revision }) => revision)).toEqual([1, 1, 1]);
    });

    test("a rotation that fails changes nothing", async () => {
      const before = opened.settingsOf("one");
      const fail = () => {
        opened.keys.unshift("k2");
        throw new Error("no room");
      };
      expect(() => opened.secrets.reseal(fail)).toThrow("no room");
      expect(opened.settingsOf("one")).toBe(before);
      expect(await loaded()).toEqual(all);
    });

    test("rows that changed places are unreadable, and the others are read", async () => {
      opened.setSettings("one", JSON.parse(opened.settingsOf("two")));
      expect(await loaded()).toEqual({ ...all, one: "unreadable" });
      expect(JSON.stringify(await opened.registry.load("provider"))).not.toContain("closed:");
    });

    test("only what nothing opens is forgotten, and its provider changes", async () => {
      opened.keys.splice(0, 1, "k9");
      await opened.registry.put("provider", provider("two", "canary-two"), { at: 2 });
      const version = await opened.registry.version();
      expect(opened.secrets.forget()).toEqual(["one"]);
      expect(opened.secrets.forget()).toEqual([]);
      expect(await loaded()).toEqual({ ...all, one: undefined });
      expect(await opened.registry.version()).toBe(version + 1);
      expect((await opened.registry.list("provider")).map(({ value, revision }) => [value.name, revision])).toEqual([
        ["one", 2],
        ["referring", 1],
        ["two", 2],
      ]);
    });

    test("traces of text are looked for once", () => {
      expect(opened.secrets.mayHoldTraces()).toBe(true);
      opened.secrets.removeTraces();
      expect(opened.secrets.mayHoldTraces()).toBe(false);
      opened.secrets.removeTraces();
    });

    test("tells which keys are in use while nobody can write", () => {
      let used: ReadonlySet<string> = new Set();
      opened.secrets.underLock((ids) => {
        used = ids;
      });
      expect([...used]).toEqual(["k1"]);
    });
  });
};
