import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, statSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GatewayError } from "../core/errors.ts";
import { openAppendFile } from "./append-file.ts";

let folder = "";
let path = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "append-"));
  path = join(folder, "file");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("openAppendFile", () => {
  for (const durability of ["process", "power"] as const)
    test(`appends, counts and syncs: ${durability}`, async () => {
      const file = openAppendFile(path, durability);
      file.append(bytes("one "));
      file.append(bytes("two"));
      expect(readFileSync(path, "utf8")).toBe("one two");
      expect(file.size).toBe(7);
      expect(statSync(path).mode & 0o777).toBe(0o600);
      await file.sync();
      file.syncNow();
      file.close();
      file.close();
    });

  test("touch marks the file as in use", () => {
    const file = openAppendFile(path, "process");
    utimesSync(path, 1, 1);
    file.touch();
    expect(statSync(path).mtimeMs).toBeGreaterThan(1_000_000);
    file.close();
  });

  test("never opens what exists, and names what it cannot make", () => {
    openAppendFile(path, "process").close();
    for (const bad of [path, join(folder, "absent/file"), "/proc/file"]) {
      expect(() => openAppendFile(bad, "process")).toThrow(GatewayError);
      expect(() => openAppendFile(bad, "process")).toThrow(bad);
    }
  });

  test("a closed file is never written, whoever has its descriptor by then", async () => {
    const file = openAppendFile(path, "process");
    file.close();
    expect(file.isSound).toBe(false);
    expect(() => file.append(bytes("x"))).toThrow("not written any more");
    await expect(file.sync()).rejects.toMatchObject({ code: "storage_unavailable" });
  });

  test("a write that the system cuts short leaves no half record, and the file goes on", async () => {
    const program = `
      import { openAppendFile } from ${JSON.stringify(join(import.meta.dir, "append-file.ts"))};
      const file = openAppendFile(${JSON.stringify(path)}, "process");
      file.append(new Uint8Array(1000).fill(65));
      try { file.append(new Uint8Array(5000).fill(66)); } catch (error) { console.log(error.code, error.message); }
      console.log(file.size, file.isSound);
      file.append(new Uint8Array(500).fill(67));`;
    // The limit of 4 KiB lets the second append write 3,096 bytes and fail then; the signal that goes with it is ignored.
    const shell = `trap '' XFSZ; ulimit -f 4; exec "$0" -e "$1"`;
    const child = Bun.spawn(["bash", "-c", shell, process.execPath, program], { stdout: "pipe", stderr: "pipe" });
    const output = await new Response(child.stdout).text();
    expect(output).toContain("storage_unavailable");
    expect(output).toContain("1000 true");
    const written = readFileSync(path, "utf8");
    expect(written).toBe("A".repeat(1_000) + "C".repeat(500));
  });
});
