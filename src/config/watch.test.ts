import { afterEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigurationError } from "./problem.ts";
import { type ConfigurationWatch, type WatchSystem, watchConfiguration } from "./watch.ts";
import type { OnFolderChange } from "./watch-folders.ts";

interface Loaded {
  readonly files: readonly string[];
  readonly version: string;
}

/** A system in which time passes and files change only when the test says so. */
const fakeSystem = () => {
  const files = new Map<string, string>();
  const timers = new Map<number, () => void>();
  const delays = new Map<number, number>();
  let notify: OnFolderChange | undefined;
  let looks = 0;
  let nextTimer = 0;
  const system: WatchSystem = {
    fingerprint: async (file) => {
      looks += 1;
      return files.get(file);
    },
    watchFolder: (_folder, onChange) => {
      notify = onChange;
      return { close: () => (notify = undefined) };
    },
    after: (milliseconds, callback) => {
      const id = nextTimer++;
      timers.set(id, callback);
      delays.set(id, milliseconds);
      return { cancel: () => timers.delete(id) };
    },
  };
  const settle = async () => {
    for (let turn = 0; turn < 30; turn++) await Promise.resolve();
  };
  /** Fires the timers of one length. */
  const pass = async (milliseconds: number) => {
    for (const [id, callback] of [...timers])
      if (delays.get(id) === milliseconds) {
        timers.delete(id);
        callback();
      }
    await settle();
  };
  return {
    files,
    system,
    settle,
    pass,
    notify: (name: string | null = "c.yaml") => notify?.(name),
    isWatching: () => notify !== undefined,
    looks: () => looks,
    pending: () => timers.size,
  };
};

const start = (load: (version: string) => Loaded = (version) => ({ files: ["c.yaml"], version })) => {
  const fake = fakeSystem();
  fake.files.set("c.yaml", "1");
  const log: string[] = [];
  const watch = watchConfiguration<Loaded>({
    current: { files: ["c.yaml"], version: "1" },
    load: async () => load(fake.files.get("c.yaml") ?? "none"),
    onLoaded: ({ version }) => void log.push(`loaded ${version}`),
    onFailed: (error) => void log.push(`failed ${error.message}`),
    debounceMilliseconds: 150,
    pollMilliseconds: 2_000,
    system: fake.system,
  });
  return { ...fake, watch, log };
};

describe("watching", () => {
  test("a change is loaded once, after it has come to rest", async () => {
    const { files, notify, pass, settle, log } = start();
    await settle();
    files.set("c.yaml", "2");
    notify();
    notify();
    expect(log).toEqual([]);
    await pass(150);
    expect(log).toEqual(["loaded 2"]);
    notify();
    await pass(150);
    expect(log).toEqual(["loaded 2"]);
  });

  const names: readonly (readonly [name: string | null, isOurs: boolean])[] = [
    ["c.yaml", true],
    ["..data", true],
    ["..2026_11_26", true],
    [null, true],
    ["gateway.log", false],
    ["c.yaml.swp", false],
    [".hidden", false],
  ];
  for (const [name, isOurs] of names)
    test(`an event of ${name} ${isOurs ? "begins a look" : "costs no look"}`, async () => {
      const { notify, pass, settle, looks, files, log } = start();
      await settle();
      const before = looks();
      files.set("c.yaml", "2");
      notify(name);
      await pass(150);
      expect(looks() > before).toBe(isOurs);
      expect(log).toEqual(isOurs ? ["loaded 2"] : []);
    });

  test("a busy folder is left to the poll for a while", async () => {
    const { files, notify, isWatching, pass, settle, log } = start();
    await settle();
    for (let change = 0; change < 20; change++) notify("gateway.log");
    await pass(2_000);
    for (let change = 0; change < 20; change++) notify("gateway.log");
    expect(isWatching()).toBe(true);
    notify("gateway.log");
    expect(isWatching()).toBe(false);
    files.set("c.yaml", "2");
    await pass(2_000);
    await pass(150);
    expect(log).toEqual(["loaded 2"]);
    for (let look = 0; look < 30; look++) await pass(2_000);
    expect(isWatching()).toBe(true);
    files.set("c.yaml", "3");
    notify();
    await pass(150);
    expect(log).toEqual(["loaded 2", "loaded 3"]);
  });

  test("a change that nobody reported is found by looking", async () => {
    const { files, pass, settle, log } = start();
    await settle();
    await pass(2_000);
    files.set("c.yaml", "2");
    await pass(2_000);
    await pass(150);
    expect(log).toEqual(["loaded 2"]);
  });

  test("a refused configuration is reported, and the next good one is taken", async () => {
    const { files, notify, pass, settle, log } = start((version) => {
      if (version === "bad") throw new ConfigurationError([{ path: "server.port", message: "is wrong" }]);
      return { files: ["c.yaml"], version };
    });
    await settle();
    for (const content of ["bad", "3"]) {
      files.set("c.yaml", content);
      notify();
      await pass(150);
    }
    expect(log).toEqual(["failed configuration: server.port: is wrong", "loaded 3"]);
  });

  test("files that a new configuration depends on are watched from then on", async () => {
    const { files, notify, pass, settle, log } = start((version) => ({ files: ["c.yaml", "key"], version }));
    files.set("key", "a");
    await settle();
    files.set("c.yaml", "2");
    notify();
    await pass(150);
    files.set("key", "b");
    notify("key");
    await pass(150);
    expect(log).toEqual(["loaded 2", "loaded 2"]);
  });

  test("on demand it loads without a change", async () => {
    const { watch, log } = start();
    expect(await watch.reload()).toBeUndefined();
    expect(log).toEqual(["loaded 1"]);
  });

  test("after closing nothing is loaded and no timer is left", async () => {
    const { files, watch, notify, pass, pending, settle, log } = start();
    await settle();
    files.set("c.yaml", "2");
    notify();
    watch.close();
    expect(pending()).toBe(0);
    await pass(150);
    await watch.reload();
    expect(log).toEqual([]);
  });

  test("a listener that throws is reported and ends nothing", async () => {
    const fake = fakeSystem();
    const log: string[] = [];
    const watch = watchConfiguration<Loaded>({
      current: { files: [], version: "1" },
      load: async () => ({ files: [], version: "2" }),
      onLoaded: () => {
        throw new Error("no room");
      },
      onFailed: (error) => {
        log.push(error.message);
        throw new Error("nobody listens");
      },
      system: fake.system,
    });
    const refused = [await watch.reload(), await watch.reload()];
    expect(log).toEqual(["configuration: no room", "configuration: no room"]);
    expect(refused.map((error) => error?.message)).toEqual(log);
  });
});

describe("a real file", () => {
  const folder = mkdtempSync(join(tmpdir(), "configuration-watch-"));
  let watch: ConfigurationWatch | undefined;
  afterEach(() => {
    watch?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test("is seen when it is replaced", async () => {
    const file = join(folder, "config.yaml");
    writeFileSync(file, "a: 1");
    const changed = new Promise<string>((resolve, reject) => {
      watch = watchConfiguration<Loaded>({
        current: { files: [file], version: "1" },
        load: async () => ({ files: [file], version: "2" }),
        onLoaded: ({ version }) => resolve(version),
        onFailed: reject,
        debounceMilliseconds: 5,
        pollMilliseconds: 20,
      });
      // The first look at the file is the watcher's own turn; the change comes after it.
      setImmediate(() => setTimeout(() => writeFileSync(file, "a: 22"), 20));
    });
    expect(await changed).toBe("2");
  });
});
