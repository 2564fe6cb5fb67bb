import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { logFileTarget } from "./log-file.ts";

const root = mkdtempSync(join(tmpdir(), "log-file-"));
let folder = root;
let runs = 0;
beforeEach(() => {
  folder = join(root, String(runs++), "logs");
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const day = (date: number, hour = 12) => Date.UTC(2026, 10, date, hour);
const names = () => readdirSync(folder).sort();
const read = (name: string) => readFileSync(join(folder, name), "utf8");

/** The file system has a clock of its own. */
const dateFile = (date: number) => utimesSync(join(folder, "gateway.log"), new Date(day(date)), new Date(day(date)));

const start = (changes: { readonly maxBytes?: number; readonly keep?: number } = {}) => {
  let now = day(21);
  const open = () =>
    logFileTarget({
      path: join(folder, "gateway.log"),
      maxBytes: 1_000,
      keep: 3,
      clock: { wall: () => now },
      ...changes,
    });
  return {
    target: open(),
    open,
    setTime: (time: number) => {
      now = time;
    },
  };
};

describe("a log file", () => {
  test("is made with its folder, is not for everybody, and is appended to", async () => {
    const { target, open } = start();
    await target.write(Buffer.from("a\n"));
    target.close();
    dateFile(21);
    const again = open();
    again.writeNow(Buffer.from("b\n"));
    again.close();
    expect(names()).toEqual(["gateway.log"]);
    expect(read("gateway.log")).toBe("a\nb\n");
    expect(statSync(join(folder, "gateway.log")).mode & 0o007).toBe(0);
  });

  test("is rotated when its day ends", async () => {
    const { target, setTime } = start();
    await target.write(Buffer.from("21\n"));
    setTime(day(22, 0));
    await target.write(Buffer.from("22\n"));
    await target.write(Buffer.from("22 again\n"));
    target.close();
    expect(names()).toEqual(["gateway.2026-11-21.log", "gateway.log"]);
    expect(read("gateway.2026-11-21.log")).toBe("21\n");
    expect(read("gateway.log")).toBe("22\n22 again\n");
  });

  test("of an earlier day is rotated by the program's next run", async () => {
    mkdirSync(folder, { recursive: true });
    const path = join(folder, "gateway.log");
    writeFileSync(path, "old\n");
    utimesSync(path, new Date(day(18)), new Date(day(18)));
    const { target } = start();
    await target.write(Buffer.from("new\n"));
    target.close();
    expect(names()).toEqual(["gateway.2026-11-18.log", "gateway.log"]);
  });

  test("is rotated when it is full, in whole batches", async () => {
    const { target } = start({ maxBytes: 10 });
    for (const text of ["aaaaaaa\n", "bbbbbbb\n", "ccccccc\n", "longer than the limit\n"])
      await target.write(Buffer.from(text));
    target.close();
    expect(names()).toEqual([
      "gateway.2026-11-21.1.log",
      "gateway.2026-11-21.2.log",
      "gateway.2026-11-21.log",
      "gateway.log",
    ]);
    expect(read("gateway.2026-11-21.log")).toBe("aaaaaaa\n");
    expect(read("gateway.log")).toBe("longer than the limit\n");
  });

  test("leaves as many rotated files as it is told to, the newest, and touches no others", async () => {
    const { target, setTime } = start({ keep: 2 });
    mkdirSync(folder, { recursive: true });
    for (const other of ["gateway.2026-11-01.txt", "gateway.notes.log", "other.2026-11-01.log"])
      writeFileSync(join(folder, other), "");
    for (const date of [21, 22, 23, 24]) {
      setTime(day(date));
      await target.write(Buffer.from(`${date}\n`));
    }
    target.close();
    expect(names()).toEqual([
      "gateway.2026-11-01.txt",
      "gateway.2026-11-22.log",
      "gateway.2026-11-23.log",
      "gateway.log",
      "gateway.notes.log",
      "other.2026-11-01.log",
    ]);
  });

  test("that was moved away is opened anew, and two writers lose nothing", async () => {
    const { target, open } = start();
    const second = open();
    await target.write(Buffer.from("a\n"));
    dateFile(21);
    await second.write(Buffer.from("b\n"));
    renameSync(join(folder, "gateway.log"), join(folder, "moved.log"));
    await target.write(Buffer.from("c\n"));
    dateFile(21);
    await second.write(Buffer.from("d\n"));
    target.close();
    second.close();
    expect(read("moved.log")).toBe("a\nb\n");
    expect(read("gateway.log")).toBe("c\nd\n");
  });

  test("that cannot be opened rejects", async () => {
    mkdirSync(join(folder, "gateway.log"), { recursive: true });
    const { target } = start();
    expect(target.write(Buffer.from("a\n"))).rejects.toThrow();
  });
});
