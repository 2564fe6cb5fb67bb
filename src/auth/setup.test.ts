import { afterAll, describe, expect, test } from "bun:test";
import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readAdminKey } from "./admin-key.ts";
import { mayStart } from "./open-access.ts";
import { loadPepper } from "./pepper.ts";

const root = await mkdtemp(join(tmpdir(), "auth-"));
afterAll(() => rm(root, { recursive: true }));

describe("the pepper", () => {
  test("is made once, for its owner only, and stays", async () => {
    const directory = join(root, "first", "data");
    const made = await Promise.all(Array.from({ length: 8 }, () => loadPepper({ directory, environment: {} })));
    const texts = new Set(made.map((pepper) => Buffer.from(pepper).toString("hex")));
    expect(texts.size).toBe(1);
    expect(made[0]?.length).toBe(32);
    expect((await stat(join(directory, "pepper"))).mode & 0o777).toBe(0o600);
    expect(await readdir(directory)).toEqual(["pepper"]);
  });

  test("of the environment wins, and touches no file", async () => {
    const directory = join(root, "second");
    const text = "0123456789abcdef0123456789abcdef";
    expect(await loadPepper({ directory, environment: { INTELLIROUTER_PEPPER: text } })).toEqual(
      Buffer.from(text) as never,
    );
    await expect(loadPepper({ directory, environment: { INTELLIROUTER_PEPPER: "short" } })).rejects.toMatchObject({
      code: "invalid_value",
    });
    for (const empty of ["", "  "])
      await expect(loadPepper({ directory, environment: { INTELLIROUTER_PEPPER: empty } })).rejects.toMatchObject({
        code: "invalid_value",
      });
    await expect(stat(directory)).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("that is damaged, or cannot be made, stops the start", async () => {
    const directory = await mkdtemp(join(root, "third"));
    await writeFile(join(directory, "pepper"), "too short");
    await expect(loadPepper({ directory, environment: {} })).rejects.toMatchObject({ code: "storage_unavailable" });
    const inFile = join(directory, "pepper", "below-a-file");
    await expect(loadPepper({ directory: inFile, environment: {} })).rejects.toMatchObject({
      code: "storage_unavailable",
    });
  });
});

describe("the administrator's key", () => {
  const cases: readonly [string | undefined, "absent" | "taken" | "refused"][] = [
    [undefined, "absent"],
    ["", "refused"],
    ["   ", "refused"],
    ["0123456789abcde", "refused"],
    ["0123456789abcdef", "taken"],
    ["0123456789 abcdef", "refused"],
    ["0123456789abcdef\n", "refused"],
    ["0123456789abcdefé", "refused"],
    ["x".repeat(513), "refused"],
  ];
  for (const [value, expected] of cases)
    test(`${JSON.stringify(value)?.slice(0, 30)}: ${expected}`, () => {
      const read = () => readAdminKey({ INTELLIROUTER_ADMIN_KEY: value });
      if (expected === "refused") expect(read).toThrow("INTELLIROUTER_ADMIN_KEY");
      else expect(read()).toBe(expected === "absent" ? undefined : value);
    });

  test("is not repeated in the error", () => {
    expect(() => readAdminKey({ INTELLIROUTER_ADMIN_KEY: "my short key" })).toThrow(/^(?!.*my short key)/);
  });
});

describe("the start", () => {
  const cases: readonly [string, boolean, boolean][] = [
    ["127.0.0.1", false, true],
    ["localhost", false, true],
    ["::1", false, true],
    ["0.0.0.0", false, false],
    ["::", false, false],
    ["192.168.0.4", false, false],
    ["0.0.0.0", true, true],
  ];
  for (const [host, hasKeys, allowed] of cases)
    test(`on ${host} ${hasKeys ? "with" : "without"} a key: ${allowed ? "allowed" : "refused"}`, () => {
      const permission = mayStart({ host, hasKeys });
      expect(permission.allowed).toBe(allowed);
      if (!permission.allowed) expect(permission.reason).toContain(host);
    });
});
