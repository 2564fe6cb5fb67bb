import { afterAll, describe, expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encryption } from "../runtime/encryption.ts";
import { readEnvironmentKeys } from "./environment-keys.ts";
import { openKeyFile } from "./key-file.ts";
import { KeyRing } from "./key-ring.ts";
import { createSecretBox } from "./secret-box.ts";

const root = mkdtempSync(join(tmpdir(), "secrets-"));
afterAll(() => rmSync(root, { recursive: true }));
let folders = 0;
const newFile = (): string => join(mkdtempSync(join(root, String(folders++))), "master-key");

const openRing = (path: string, environment: Readonly<Record<string, string>> = {}): KeyRing =>
  new KeyRing({ file: openKeyFile(path), environment: readEnvironmentKeys(environment), encryption });
const openBox = (ring: KeyRing) => createSecretBox(ring, encryption);

const place = { kind: "provider", name: "openai", path: ["apiKey"] };
const elsewhere = [
  { ...place, name: "other" },
  { ...place, path: ["apiKeys", 0] },
  { ...place, kind: "webhook" },
];
const text = "sk-canary-of-the-box";

describe("the file of master keys", () => {
  test("is made once, for its owner only, and leaves nothing else behind", () => {
    const path = newFile();
    const rings = [openRing(path), openRing(path)];
    for (const ring of rings) ring.ensure();
    expect(rings[0]?.newest()?.id).toBe(rings[1]?.newest()?.id ?? "none");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(path, ".."))).toEqual(["master-key"]);
  });

  test("is never written over where it is there, not even where it is damaged", () => {
    const path = newFile();
    for (const content of [
      "",
      "intellirouter-master-keys-1\n",
      "intellirouter-master-keys-1\nshort\n",
      "x".repeat(43),
    ]) {
      writeFileSync(path, content);
      expect(() => openRing(path)).toThrow("Restore it from a backup");
      openKeyFile(path).make();
      expect(readFileSync(path, "utf8")).toBe(content);
    }
  });

  test("that cannot be read is an error that names it", () => {
    const path = newFile();
    openRing(path).ensure();
    chmodSync(path, 0o000);
    // Rights say nothing to the superuser.
    if (process.getuid?.() !== 0) expect(() => openRing(path)).toThrow(path);
    expect(() => openRing(join(path, "below-a-file")).ensure()).toThrow("cannot be read or written");
  });
});

describe("master keys of the environment", () => {
  const long = "0123456789abcdef0123456789abcdef";
  const name = "INTELLIROUTER_MASTER_KEY";
  const secretFile = join(root, "from-elsewhere");
  writeFileSync(secretFile, `${long}\n`);
  const [same, other] = [{ [name]: long }, { [name]: `${long}!` }];

  test.each([
    ["empty", { [name]: "" }, "is set and empty"],
    ["blank", { [name]: "  " }, "is set and empty"],
    ["short", { [name]: "my-short-key" }, "has 12 characters"],
    ["a file that is not there", { [name]: "file:/nowhere/key" }, "cannot be read (ENOENT)"],
    ["a variable that is not there", { [name]: "env:NOWHERE" }, "NOWHERE, which is not set"],
    ["an empty former one", { [`${name}_PREVIOUS`]: "" }, "is set and empty"],
  ])("%s: refused, and not repeated", (_, environment, message) => {
    expect(() => readEnvironmentKeys(environment)).toThrow(message);
    expect(() => readEnvironmentKeys(environment)).toThrow(/^(?!.*my-short-key)/);
  });

  test("text, file: and env: mean the same key, and make no file", () => {
    const path = newFile();
    const id = openRing(path, same).newest()?.id;
    expect(openRing(path, { [name]: `file:${secretFile}` }).newest()?.id).toBe(id ?? "none");
    expect(openRing(path, { [name]: "env:OTHER", OTHER: long }).newest()?.id).toBe(id ?? "none");
    expect(openRing(path, other).newest()?.id).not.toBe(id ?? "none");
    openRing(path, same).ensure();
    expect(existsSync(path)).toBe(false);
  });

  test("the former one and the file's still open what they closed, and the newest closes", () => {
    const path = newFile();
    openRing(path).ensure();
    const ofFile = openBox(openRing(path)).close(text, place);
    const former = openBox(openRing(path, other)).close(text, place);
    const ring = openRing(path, { ...same, [`${name}_PREVIOUS`]: `${long}!` });
    const box = openBox(ring);
    for (const closed of [ofFile, former]) {
      expect(box.open(closed, place)).toBe(text);
      expect(box.masterKeyOf(box.move(closed, place))).toBe(ring.newest()?.id ?? "none");
    }
    expect(() => ring.renew()).toThrow("INTELLIROUTER_MASTER_KEY_PREVIOUS");
  });
});

describe("the box", () => {
  const path = newFile();
  const ring = openRing(path);
  ring.ensure();
  const box = openBox(ring);

  test.each(["", "x", text, "sealed:1:aaaaaaaaaaaa:b:c", "ä\u0000\n".repeat(5_000)])(
    "opens what it closed",
    (secret) => {
      const closed = box.close(secret, place);
      expect(box.open(closed, place)).toBe(secret);
      expect(box.close(secret, place)).not.toBe(closed);
      expect(box.masterKeyOf(closed)).toBe(ring.newest()?.id ?? "none");
      if (secret.length > 3) expect(closed).not.toContain(secret);
      expect(box.masterKeyOf(secret)).toBeUndefined();
    },
  );

  test("opens nothing at another place, also not after it was moved to a new key", () => {
    const closed = box.close(text, place);
    const moved = box.move(closed, place);
    for (const wrong of elsewhere)
      for (const one of [closed, moved]) {
        expect(() => box.open(one, wrong)).toThrow("belongs elsewhere");
        expect(() => box.move(one, wrong)).toThrow("belongs elsewhere");
      }
  });

  test("opens nothing of which any character was changed, and repeats nothing of it", () => {
    const closed = box.close(text, place);
    for (let index = "sealed:1:".length; index < closed.length; index++) {
      if (closed[index] === ":") continue;
      const changed = closed.slice(0, index) + (closed[index] === "A" ? "B" : "A") + closed.slice(index + 1);
      expect(() => box.open(changed, place), `character ${index}`).toThrow(/^(?!.*canary)/);
    }
  });

  test("data key and secret of two texts cannot be mixed", () => {
    const [one, two] = [box.close(text, place), box.close(text, place)].map((closed) => closed.split(":"));
    const mixed = [...(one ?? []).slice(0, 4), two?.[4]].join(":");
    expect(() => box.open(mixed, place)).toThrow("belongs elsewhere");
  });

  test("another process's new key is found, and what it dropped is known to those who had it", () => {
    const other = openRing(path);
    const before = box.close(text, place);
    other.renew();
    const after = openBox(other).close(text, place);
    expect(box.open(after, place)).toBe(text);
    expect(box.masterKeyOf(box.close(text, place))).toBe(other.newest()?.id ?? "none");
    other.keepOnly(new Set());
    expect(readFileSync(path, "utf8").trim().split("\n")).toHaveLength(2);
    expect(box.open(before, place)).toBe(text);
    expect(() => openBox(openRing(path)).open(before, place)).toThrow("is not here");
  });

  test("keys that are still needed stay in the file", () => {
    const needed = ring.newest()?.id ?? "";
    ring.renew();
    ring.renew();
    ring.keepOnly(new Set([needed]));
    expect(ring.find(needed)).toBeDefined();
    expect(openRing(path).find(needed)).toBeDefined();
    expect(readFileSync(path, "utf8").trim().split("\n")).toHaveLength(3);
  });

  test("without a master key nothing is closed", () => {
    expect(() => openBox(openRing(newFile())).close(text, place)).toThrow("no master key");
  });
});
